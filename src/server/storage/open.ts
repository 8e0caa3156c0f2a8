/** Opens what the settings name, the embedded database or PostgreSQL, and brings its schema up to date. */
import { chmodSync, closeSync, existsSync, openSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Kysely } from 'kysely'
import { StorageUnavailable } from '../errors/refusal.ts'
import { makeFolder } from './make-folder.ts'
import { migrate } from './migrations/migrate.ts'
import { createPing } from './ping.ts'
import { refusing } from './refusals.ts'
import type { Tables } from './schema.ts'
import { scriptWithin } from './script.ts'
import { readingDialect, writingDialect } from './sqlite/dialect.ts'
import { openReader } from './sqlite/reader.ts'
import { AlreadyServed, lockFile } from './sqlite/serving.ts'
import { openWriter } from './sqlite/writer.ts'
import type { Storage } from './storage.ts'
import { stores } from './stores.ts'
import { urgently } from './urgent.ts'

export type StorageOptions = {
  /** `postgres://…`, or `sqlite:PATH`; without it (or with no path) `countersign.db` in `dataDir`. */
  url?: string | undefined
  dataDir: string
  /** A database that is not there is then not made. */
  mustExist?: boolean
  /** Connections to PostgreSQL, at the most. */
  poolSize?: number
  /** How long a write waits for another process that is writing. */
  busyTimeoutMs?: number
  /** This process is to be the only one that serves the database; others may still open it, and read and write. */
  serving?: boolean
  /** How long to wait for a process that still serves it: it may be ending. */
  patienceMs?: number
}

/** Where the embedded database is. */
export function pathOf(url: string | undefined, dataDir: string): string {
  if (url === undefined || url === 'sqlite:') return join(dataDir, 'countersign.db')
  if (url.startsWith('sqlite:')) return resolve(url.slice('sqlite:'.length))
  throw new Error('the database URL must be sqlite:PATH or postgres://…')
}

/** Nobody but us reads it: SQLite gives its log the mode of the database file. */
function prepareFile(path: string, mustExist = false): void {
  if (existsSync(path)) return
  if (mustExist) throw new Error(`there is no ${path}`)
  makeFolder(dirname(path))
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}

/** By its real name: whoever comes by another one meets the same lock. */
export async function lockServing(path: string, patienceMs: number): Promise<() => void> {
  const lock = `${existsSync(path) ? realpathSync(path) : path}.lock`
  prepareFile(lock)
  const release = await lockFile(lock, patienceMs)
  if (!release) throw new AlreadyServed(path)
  return release
}

/** In the table of small facts. */
const pinging = `insert into installation_values (name, value) values ('pinged', ?)
  on conflict (name) do update set value = excluded.value`

/** Throws StorageUnavailable when the database cannot be had, AlreadyServed when we may not serve it. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { url, mustExist, poolSize = 10 } = options
  if (!url || !/^postgres(ql)?:/.test(url)) return openEmbedded(options)
  const { openPostgres } = await import('./postgres/open.ts')
  return openPostgres({ url, size: poolSize, ...(mustExist ? { mustExist } : {}) })
}

async function openEmbedded({
  url,
  dataDir,
  mustExist = false,
  busyTimeoutMs = 2000,
  serving = false,
  patienceMs = 5000,
}: StorageOptions): Promise<Storage> {
  const path = pathOf(url, dataDir)
  let release = (): void => {}
  try {
    prepareFile(path, mustExist)
    if (serving) release = await lockServing(path, patienceMs)
  } catch (error) {
    throw error instanceof AlreadyServed ? error : new StorageUnavailable(error)
  }
  const writer = openWriter({ path, busyTimeoutMs })
  const reader = openReader({ path, busyTimeoutMs })
  const writing = new Kysely<Tables>({ dialect: writingDialect(writer) })
  const reading = new Kysely<Tables>({ dialect: readingDialect(reader) })
  /** The writer after the reader: whoever closes last folds the log into the database. A successor begins after that. */
  const close = async (): Promise<void> => {
    try {
      reader.close()
      await writer.close()
    } finally {
      release()
    }
  }

  try {
    await migrate(writing)
  } catch (error) {
    await close()
    throw error
  }

  const ordinary = stores(writing, async (statements) => (await writer.script(statements)) !== undefined)
  return {
    reading: stores(reading, scriptWithin(reading)),
    writing: urgently(writer, ordinary),
    /** What others still depend on shows at the commit. */
    transaction: (work) =>
      refusing(
        'in_use',
        writing.transaction().execute((trx) => work(stores(trx, scriptWithin(trx)))),
      ),
    ping: createPing({
      read: () => void reader.all('select name from installation_values limit 1', []),
      write: () => writer.script([{ sql: pinging, rows: [[new Date().toISOString()]] }]),
    }),
    close,
  }
}
