import { join, resolve } from 'node:path'
import { loadSettings } from '../server/settings.ts'
import { pathOf } from '../server/storage/open.ts'
import { backUp } from '../server/storage/sqlite/backup.ts'
import { root } from './root.ts'
import { exit, terminal } from './terminal.ts'

/** One file, whole or not there, of one moment; whoever reads on learns what else it needs. */
export async function backupCommand(file: string, force: boolean): Promise<number> {
  const { databaseUrl, dataDir, masterKey } = loadSettings(root)
  if (databaseUrl?.startsWith('postgres')) {
    terminal.fail("backup: this is for the embedded database; use PostgreSQL's own means, see docs/how-to/backups.md")
    return exit.failed
  }
  const to = resolve(file)
  const { at, bytes } = await backUp({ from: pathOf(databaseUrl, dataDir), to, force, now: Date.now })
  const key = masterKey ? 'MASTER_KEY' : join(dataDir, 'master.key')
  terminal.data(`backup  ${to}  (${bytes} bytes, whole)`)
  terminal.data(`of      ${new Date(at).toISOString()}`)
  terminal.data(`key     ${key} is not in it: keep it with the backup, which is useless without it`)
  return exit.done
}
