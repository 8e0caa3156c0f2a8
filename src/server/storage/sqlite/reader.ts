/** The connection that questions go to, on the main thread: it never waits for the disk to write. */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { StorageUnavailable } from '../../errors/refusal.ts'
import { errorOf } from './failures.ts'
import type { Row, Value, WorkerOptions } from './wire.ts'

export type Reader = { all(sql: string, params: readonly Value[]): Row[]; close(): void }

const maxPrepared = 500
const readonly = 8

export function openReader({ path, busyTimeoutMs }: WorkerOptions): Reader {
  const prepared = new Map<string, StatementSync>()
  let connection: DatabaseSync | undefined
  let closed = false

  function open(): DatabaseSync {
    const db = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs })
    // 2 MB: the system keeps the file in its own cache.
    db.exec('PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY')
    return db
  }

  function prepare(sql: string): StatementSync {
    const kept = prepared.get(sql)
    if (kept) return kept
    connection ??= open()
    const fresh = connection.prepare(sql)
    if (prepared.size >= maxPrepared) prepared.clear()
    prepared.set(sql, fresh)
    return fresh
  }

  /** The next question opens it anew. */
  function drop(): void {
    prepared.clear()
    try {
      connection?.close()
    } finally {
      connection = undefined
    }
  }

  return {
    all(sql, params) {
      if (closed) throw new StorageUnavailable(new Error('the storage is closed'))
      try {
        return prepare(sql).all(...(params as Value[])) as Row[]
      } catch (error) {
        const { errcode = 0, message } = error as { errcode?: number; message: string }
        if ((errcode & 0xff) === readonly) throw new Error(`this storage is for reading: ${message}`, { cause: error })
        const known = errorOf({ errcode, message })
        if (known instanceof StorageUnavailable) drop()
        throw known
      }
    },
    close() {
      closed = true
      drop()
    },
  }
}
