/** What ends a command, as the one line that its reader needs, and the exit code. Known by name, to load nothing for it. */
import { withoutSecrets } from '../protocol/secret-text.ts'
import { exit } from './terminal.ts'

export function complaintOf(error: unknown): { line: string; code: number } {
  if (!(error instanceof Error)) return { line: String(error), code: exit.failed }
  return { line: withoutSecrets(lineOf(error)), code: error.name === 'SettingError' ? exit.usage : exit.failed }
}

function lineOf({ code, message, name, reason, cause }: Error & { code?: string; reason?: string }): string {
  if (code === 'EADDRINUSE') return `PORT: something else listens there already (${message})`
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL') return `HOST: this machine has no such address (${message})`
  if (reason === 'storage_unavailable')
    return `DATA_DIR or DATABASE_URL: the database cannot be opened (${cause instanceof Error ? cause.message : message})`
  if (name === 'AlreadyServed') return `DATA_DIR or DATABASE_URL: ${message}`
  if (name === 'MetricsPortTaken') return `METRICS_PORT: ${message}`
  if (name === 'SealError')
    return `MASTER_KEY: ${message}; give the key that it was sealed with, or as MASTER_KEY_PREVIOUS`
  return message
}
