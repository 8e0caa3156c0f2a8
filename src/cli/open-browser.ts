import { spawn } from 'node:child_process'
import type { Io } from './io.ts'

type Program = readonly [command: string, ...args: string[]]

/**
 * What opens a page on this machine; undefined where nobody would see it, or nothing is known that does. `BROWSER` is a
 * program, without arguments. `start` of Windows is a word of its shell, and no program.
 */
export function browserFor(platform: NodeJS.Platform, env: Io['env']): Program | undefined {
  if (env.BROWSER) return [env.BROWSER]
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined
}

/** By no shell, which would read the address in its own way. False when nothing could be started. */
export async function openBrowser(page: string, program: Program, env: Io['env']): Promise<boolean> {
  const [command, ...args] = program
  // A browser has no use for a key.
  const { COUNTERSIGN_API_KEY: _, ...rest } = env
  const child = spawn(command, [...args, page], { stdio: 'ignore', detached: true, shell: false, env: rest })
  child.unref()
  return new Promise((resolve) => {
    child.once('error', () => resolve(false)).once('spawn', () => resolve(true))
  })
}
