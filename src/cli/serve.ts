import { serve } from '../server/main.ts'
import { loadSettings, SettingError } from '../server/settings.ts'
import { root } from './root.ts'
import { exit, terminal } from './terminal.ts'

/** Runs the service until it is told to stop. A setting that cannot be ends it with one line. */
export async function serveCommand(): Promise<number> {
  try {
    return await serve(loadSettings(root))
  } catch (error) {
    terminal.fail(reasonOf(error))
    return error instanceof SettingError ? exit.usage : exit.failed
  }
}

function reasonOf(error: unknown): string {
  const { code, message, name } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `PORT: something else listens there already (${message})`
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL') return `HOST: this machine has no such address (${message})`
  if (name === 'StorageUnavailable' || (error as { reason?: string }).reason === 'storage_unavailable')
    return `DATA_DIR or DATABASE_URL: the database cannot be opened (${String((error as Error).cause ?? message)})`
  if (name === 'SealError')
    return `MASTER_KEY: ${message}; give the key that it was sealed with, or as MASTER_KEY_PREVIOUS`
  return message
}
