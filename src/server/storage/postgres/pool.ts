/**
 * Connections to PostgreSQL.
 * Rules: nobody waits for ever, neither for a connection nor for an answer, and not on a server that says nothing; a
 * connection on which something failed that is not the statement's fault is not used again; statements are prepared
 * once a connection, since planning costs more than most answers.
 */
import pg from 'pg'
import { errorOf, PlanOutdated } from './failures.ts'

/** `command`: what was done, as the server calls it. */
export type Answer = { rows: unknown[]; changes: number; command: string }
export type Held = {
  query(sql: string, parameters: readonly unknown[]): Promise<Answer>
  /** `broken`: it is closed, and the next one gets a fresh one. */
  release(broken?: boolean): void
}
export type Pool = { take(): Promise<Held>; close(): Promise<void> }

export type PoolOptions = {
  url: string
  /** Connections at the most. */
  size: number
  /** ms. */
  connectTimeout?: number
  /** ms that one statement may take; the server gives it up, and we do a little later. */
  statementTimeout?: number
}

const bigint = 20
/** Counts and times are far below 2^53. */
const types = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === bigint ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}
const maxPrepared = 500
/** ms that we wait longer than the server, which answers when it can. */
const grace = 500

export function openPool({ url, size, connectTimeout = 2_000, statementTimeout = 5_000 }: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    types,
    connectionTimeoutMillis: connectTimeout,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementTimeout,
    idle_in_transaction_session_timeout: 2 * statementTimeout,
    query_timeout: statementTimeout + grace,
    application_name: 'countersign',
    keepAlive: true,
  })
  // A connection that is lost while nobody uses it: the next who asks gets another.
  pool.on('error', () => {})
  /** Those who wait for a connection, or have one. */
  let users = 0
  let empty = (): void => {}
  const left = (): void => {
    users -= 1
    if (users === 0) empty()
  }
  const names = new Map<string, string>()
  let generation = 0

  const nameOf = (sql: string): string | undefined => {
    const known = names.get(sql)
    if (known !== undefined || names.size >= maxPrepared) return known
    const name = `c${generation}_${names.size}`
    names.set(sql, name)
    return name
  }
  /** Under other names they are prepared anew. */
  const forgetPlans = (): void => {
    names.clear()
    generation += 1
  }

  return {
    async take() {
      users += 1
      const client = await pool.connect().catch((error: unknown) => {
        left()
        throw errorOf(error)
      })
      const lost = (): void => {}
      client.on('error', lost)
      return {
        async query(sql, parameters) {
          const name = nameOf(sql)
          try {
            const { rows, rowCount, command } = await client.query({
              text: sql,
              values: parameters as unknown[],
              ...(name === undefined ? {} : { name }),
            })
            return { rows, changes: rowCount ?? 0, command }
          } catch (thrown) {
            const error = errorOf(thrown)
            if (error instanceof PlanOutdated) forgetPlans()
            throw error
          }
        },
        release(broken = false) {
          client.off('error', lost)
          client.release(broken)
          left()
        },
      }
    },
    /** After all who came before: none of them waits longer than its time. */
    async close() {
      if (users > 0)
        await new Promise<void>((resolve) => {
          empty = resolve
        })
      await pool.end()
    },
  }
}
