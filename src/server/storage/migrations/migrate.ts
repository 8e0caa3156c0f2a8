/** Migrations are code, not files to be found: what was compiled is what runs. Names sort in the order of running. */
import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { StorageUnavailable } from '../../errors/refusal.ts'
import * as nouns from './0001-nouns.ts'
import * as records from './0002-records.ts'
import * as replicas from './0003-replicas.ts'
import * as floors from './0004-floors.ts'
import * as dpop from './0005-dpop.ts'
import * as conditions from './0006-conditions.ts'
import * as logins from './0007-logins.ts'
import * as sessions from './0008-sessions.ts'
import * as activity from './0009-activity.ts'
import * as issuerFetches from './0010-issuer-fetches.ts'

const migrations: Record<string, Migration> = {
  '0001-nouns': nouns,
  '0002-records': records,
  '0003-replicas': replicas,
  '0004-floors': floors,
  '0005-dpop': dpop,
  '0006-conditions': conditions,
  '0007-logins': logins,
  '0008-sessions': sessions,
  '0009-activity': activity,
  '0010-issuer-fetches': issuerFetches,
}
/** Of this version: a database with others is from a later one. */
export const migrationNames: readonly string[] = Object.keys(migrations)

/**
 * Brings the schema up to date; nothing to do is fine. All in one transaction, which is also the lock: of two processes
 * that start at once, the second waits and finds it done.
 */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  await db.transaction().execute((trx) => toLatest(trx))
}

async function toLatest<T>(trx: Kysely<T>): Promise<void> {
  const provider = { getMigrations: async () => migrations }
  const { error } = await new Migrator({ db: trx, provider }).migrateToLatest()
  if (error) throw error
}

/** Any number that nobody else locks. */
const lock = 6_021_023
/** The names of those that have run; undefined when none ever has. */
async function applied<T>(db: Kysely<T>): Promise<ReadonlySet<string> | undefined> {
  const tables = await sql<{ n: number }>`select count(*) as n from information_schema.tables
    where table_name = 'kysely_migration' and table_schema = current_schema()`.execute(db)
  if (Number(tables.rows[0]?.n) === 0) return undefined
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  return new Set(rows.map(({ name }) => name))
}

/**
 * The same where replicas of several versions share the database. Migrations only add, and what is no longer used is
 * removed a version later: so a database that is further on than we are serves us, and we leave it as it is.
 */
export async function migrateShared<T>(db: Kysely<T>, mustExist: boolean): Promise<void> {
  const isDone = (names: ReadonlySet<string> | undefined) =>
    names !== undefined && Object.keys(migrations).every((name) => names.has(name))
  const before = await applied(db)
  if (isDone(before)) return
  if (mustExist && !before) throw new StorageUnavailable(new Error('this database was never served'))
  await db.transaction().execute(async (trx) => {
    await sql`set local statement_timeout = '10min'`.execute(trx)
    await sql`select pg_advisory_xact_lock(${sql.lit(lock)})`.execute(trx)
    if (!isDone(await applied(trx))) await toLatest(trx)
  })
}
