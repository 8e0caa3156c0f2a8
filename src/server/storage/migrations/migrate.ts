/** Migrations are code, not files to be found: what was compiled is what runs. Names sort in the order of running. */
import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import * as nouns from './0001-nouns.ts'
import * as records from './0002-records.ts'

const migrations: Record<string, Migration> = { '0001-nouns': nouns, '0002-records': records }
/** Of this version: a database with others is from a later one. */
export const migrationNames: readonly string[] = Object.keys(migrations)

/**
 * Brings the schema up to date; nothing to do is fine. All in one transaction, which is also the lock: of two processes
 * that start at once, the second waits and finds it done.
 */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const provider = { getMigrations: async () => migrations }
    const { error } = await new Migrator({ db: trx, provider }).migrateToLatest()
    if (error) throw error
  })
}
