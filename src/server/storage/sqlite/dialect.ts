/** Kysely on the two connections. Classes where Kysely wants them. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Turns } from '../turns.ts'
import type { Reader } from './reader.ts'
import type { Mode, Value } from './wire.ts'
import type { Writer } from './writer.ts'

/** SQLite's DDL is transactional, and whoever gets a connection here has waited for their turn. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

// biome-ignore lint/correctness/useYield: there is nothing to stream.
async function* noStream(): AsyncIterableIterator<never> {
  throw new Error('this database does not stream')
}

const dialectOf = (driver: Driver): Dialect => ({
  createAdapter: () => new Adapter(),
  createDriver: () => driver,
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
})

const done = async (): Promise<void> => {}

type Connection = DatabaseConnection & { mode: Mode; release(): void }

async function connect(writer: Writer, take: Turns['take']): Promise<Connection> {
  const release = await take()
  const connection: Connection = {
    mode: 'alone',
    release,
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const results = await writer.ask(connection.mode, [{ sql, rows: [parameters as Value[]] }])
      const { rows, changes } = results?.[0] ?? { rows: [], changes: 0 }
      return { rows: rows as R[], numAffectedRows: BigInt(changes) }
    },
    streamQuery: noStream,
  }
  return connection
}

/**
 * For writing: every connection is a turn at the writing thread, an ordinary one unless `take` says otherwise; a
 * transaction keeps its turn to the end.
 */
export function writingDialect(writer: Writer, take = writer.turns.take): Dialect {
  return dialectOf({
    init: done,
    acquireConnection: () => connect(writer, take),
    async beginTransaction(connection) {
      await writer.ask('begin')
      ;(connection as Connection).mode = 'within'
    },
    async commitTransaction() {
      await writer.ask('commit')
    },
    /** Never hides why: when the thread is gone, so is its transaction. */
    async rollbackTransaction(connection) {
      ;(connection as Connection).mode = 'alone'
      await writer.ask('rollback').catch(done)
    },
    async releaseConnection(connection) {
      ;(connection as Connection).release()
    },
    destroy: () => writer.close(),
  })
}

/** For reading: synchronous, so that every question sees all that was committed before it. */
export function readingDialect(reader: Reader): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      return { rows: reader.all(sql, parameters as Value[]) as R[] }
    },
    streamQuery: noStream,
  }
  return dialectOf({
    init: done,
    acquireConnection: async () => connection,
    async beginTransaction() {
      throw new Error('this storage is for reading')
    },
    commitTransaction: done,
    rollbackTransaction: done,
    releaseConnection: done,
    destroy: async () => reader.close(),
  })
}
