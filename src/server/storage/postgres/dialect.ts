/** Kysely on our pool. Classes where Kysely wants them. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import { StorageUnavailable } from '../../errors/refusal.ts'
import { again } from './again.ts'
import { Conflict } from './failures.ts'
import type { Held, Pool } from './pool.ts'

// biome-ignore lint/correctness/useYield: there is nothing to stream.
async function* noStream(): AsyncIterableIterator<never> {
  throw new Error('this database does not stream')
}

type Connection = DatabaseConnection & {
  held: Held | undefined
  take(): Promise<Held>
  inTransaction: boolean
  broken: boolean
  done(): void
}

export type Use = {
  pool: Pool
  /** What a transaction begins with. */
  begin?: string
  /** Resolves when it is one's turn, with what ends that turn. */
  turn?: () => Promise<() => void>
  /** Refuses whatever is no question: a mistake of ours. */
  readOnly?: boolean
}

/** SQL has no zero character in texts; nothing that is kept can be equal to this. */
const nothing = '\ufffd\ufffd\u0001'
const kept = (value: unknown) =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', nothing) : value

const isQuestion = ({ query, sql }: CompiledQuery) =>
  query.kind === 'SelectQueryNode' || (query.kind === 'RawNode' && /^\s*(with recursive|select)\b/i.test(sql))

function connect({ readOnly = false, pool }: Use, done: () => void): Connection {
  const run = async (held: Held, { sql, parameters }: CompiledQuery) => {
    const values = parameters.map(kept)
    const query = () => held.query(sql, values)
    // Inside a transaction that is over, its owner begins anew.
    return connection.inTransaction ? query() : again(query)
  }
  const connection: Connection = {
    held: undefined,
    inTransaction: false,
    broken: false,
    done,
    async take() {
      connection.held ??= await pool.take()
      return connection.held
    },
    async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
      if (readOnly && !isQuestion(compiled)) throw new Error(`this storage is for reading: ${compiled.sql}`)
      try {
        const { rows, changes } = await run(await connection.take(), compiled)
        return { rows: rows as R[], numAffectedRows: BigInt(changes) }
      } catch (error) {
        if (error instanceof StorageUnavailable) connection.broken = true
        throw error
      }
    },
    streamQuery: noStream,
  }
  return connection
}

const done = async (): Promise<void> => {}

export function postgresDialect(use: Use): Dialect {
  const { begin = 'begin', turn } = use
  const say = async (connection: DatabaseConnection, sql: string): Promise<string> => {
    const one = connection as Connection
    try {
      return (await (await one.take()).query(sql, [])).command
    } catch (error) {
      one.broken = !(error instanceof Conflict)
      throw error
    }
  }
  return {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createDriver: () => ({
      init: done,
      acquireConnection: async () => connect(use, turn ? await turn() : () => {}),
      async beginTransaction(connection) {
        await say(connection, begin)
        ;(connection as Connection).inTransaction = true
      },
      async commitTransaction(connection) {
        // A transaction in which something failed is rolled back by it, and nothing says so but the answer.
        if ((await say(connection, 'commit')) !== 'COMMIT') throw new Error('the transaction had failed before its end')
        ;(connection as Connection).inTransaction = false
      },
      /** Never hides why: a connection that is gone takes its transaction along. */
      async rollbackTransaction(connection) {
        const one = connection as Connection
        if (!one.broken) await say(connection, 'rollback').catch(done)
        one.inTransaction = false
      },
      async releaseConnection(connection) {
        const { held, broken, inTransaction, done } = connection as Connection
        held?.release(broken || inTransaction)
        done()
      },
      destroy: () => use.pool.close(),
    }),
  }
}
