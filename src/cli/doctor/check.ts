/** One thing that was looked at. `fix`: what to do, where something is to be done. */
export type Check = { check: string; state: 'ok' | 'warning' | 'failed'; message: string; fix?: string }

export const fine = (check: string, message: string): Check => ({ check, state: 'ok', message })
export const doubtful = (check: string, message: string, fix: string): Check => ({
  check,
  state: 'warning',
  message,
  fix,
})
export const failed = (check: string, message: string, fix: string): Check => ({
  check,
  state: 'failed',
  message,
  fix,
})
