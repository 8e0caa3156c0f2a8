import type { Kysely } from 'kysely'
import type { Columns } from './noun.ts'
import type { Tables } from './schema.ts'

export type Database = Kysely<Tables>
/** The same database for code that learns the names of its tables when it runs. */
export type AnyTable = Kysely<Record<string, Columns>>

export const anyTable = (db: Database): AnyTable => db as unknown as AnyTable

/** In the transaction that is open, or else in one of its own. */
export function atomically<T>(db: Database, work: (trx: Database) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work)
}
