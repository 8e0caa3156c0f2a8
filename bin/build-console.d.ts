export function buildConsole(out: string, quiet?: boolean): Promise<boolean>
export function isConsoleBuilt(): boolean
export function ensureConsole(quiet?: boolean): Promise<void>
