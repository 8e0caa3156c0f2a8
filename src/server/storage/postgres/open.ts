/**
 * PostgreSQL, for any number of replicas.
 * Rules: deeds of admins are SERIALIZABLE transactions, begun anew when another replica's came between; those of one
 * process run one after the other. What an exchange waits for has connections of its own, so that no deed and no question
 * keeps it waiting. Only SQL that CockroachDB and YugabyteDB take too.
 */
import { CompiledQuery, Kysely } from 'kysely'
import type { Sealing } from '../../audit/store.ts'
import { StorageUnavailable } from '../../errors/refusal.ts'
import type { Database } from '../database.ts'
import { journal } from '../journal.ts'
import { migrateShared } from '../migrations/migrate.ts'
import { createPing } from '../ping.ts'
import { refusing } from '../refusals.ts'
import { replays } from '../replays.ts'
import type { Tables } from '../schema.ts'
import { type Script, scriptWithin } from '../script.ts'
import { lanesOf, sealDesk, straysOf, waitingOn, waits } from '../sealing.ts'
import type { Storage, Stores } from '../storage.ts'
import { stores } from '../stores.ts'
import { turns } from '../turns.ts'
import { again } from './again.ts'
import { postgresDialect, type Use } from './dialect.ts'
import { openPool, type PoolOptions } from './pool.ts'

export type PostgresOptions = PoolOptions & {
  /** A database that was never served is then a failure. */
  mustExist?: boolean
}

/** Of linking what is in the journal (openSealing). */
const sealingConnections = 1
/** The others: for what an exchange waits for, which is two appends to the journal, and claims; and for everything else. */
function parted(size: number): { urgent: number; ordinary: number } {
  const urgent = size >= 8 ? 3 : 2
  return { urgent, ordinary: Math.max(1, size - urgent - sealingConnections) }
}
/** ms that one deed waits for those before it: while the database answers nobody, each of them takes its time. */
const patience = 5_000
/** ms. An exchange is to hear no rather than nothing. */
const urgentTime = 3_000
/** ms. A large table takes its time, and so does another replica that is at it. */
const migrating = 600_000
const database = (use: Use): Database => new Kysely<Tables>({ dialect: postgresDialect(use) })

const retried = <T>(on: Database, work: (trx: Database) => Promise<T>): Promise<T> =>
  again(() => on.transaction().execute(work))

const sealingOver = (reading: Database, writing: Database): Sealing => ({
  waits: () => waits(reading),
  transaction: (work) => retried(writing, (trx) => work(sealDesk(trx))),
  lanes: () => lanesOf(reading),
  waiting: (lane, after, limit) => waitingOn(reading, lane, after, limit),
  strays: () => straysOf(reading),
})

/** Nothing but what linking needs, over one connection. The schema is up to date. */
export function openSealing(url: string): { sealing: Sealing; close: () => Promise<void> } {
  const pool = openPool({ url, size: sealingConnections })
  const db = database({ pool })
  return { sealing: sealingOver(db, db), close: () => pool.close() }
}

/** Throws StorageUnavailable when the database cannot be had. */
export async function openPostgres({ mustExist = false, ...options }: PostgresOptions): Promise<Storage> {
  const parts = parted(options.size)
  const pool = openPool({ ...options, size: parts.ordinary })
  const statementTimeout = Math.min(options.statementTimeout ?? urgentTime, urgentTime)
  const hurry = openPool({ ...options, size: parts.urgent, statementTimeout })
  const order = turns()
  const serial = database({
    pool,
    begin: 'begin isolation level serializable',
    turn: () => order.take('ordinary', patience),
  })
  const reading = database({ pool, readOnly: true })
  const urgent = database({ pool: hurry })
  let closed = false

  const close = async (): Promise<void> => {
    if (closed) return
    // After all who came before.
    const done = await order.take()
    done()
    closed = true
    await Promise.all([pool.close(), hurry.close()])
  }
  const patient = openPool({ ...options, size: 1, statementTimeout: migrating })
  try {
    await migrateShared(database({ pool: patient }), mustExist)
  } catch (error) {
    await close()
    throw error
  } finally {
    await patient.close()
  }

  const transaction = <T>(work: (trx: Database) => Promise<T>) => retried(serial, work)

  /** A script of its own: whoever expects other rows than there are has the whole of it undone. */
  const script: Script = (statements) => {
    const undone = new Error('undone')
    return transaction(async (trx) => {
      if (!(await scriptWithin(trx)(statements))) throw undone
      return true
    }).catch((error: unknown) => {
      if (error === undone) return false
      throw error
    })
  }
  const journaled = (db: Database, by: Script, writes = db): Stores => {
    const all = stores(db, by)
    return { ...all, trail: { ...all.trail, journal: journal(writes) } }
  }
  const ordinary = journaled(serial, script, urgent)
  const sealing = database({ pool })
  return {
    reading: stores(reading, scriptWithin(reading)),
    writing: { ...ordinary, replays: { ...ordinary.replays, claim: replays(urgent).claim } },
    sealing: sealingOver(reading, sealing),
    transaction: (work) =>
      refusing(
        'in_use',
        transaction((trx) => work(journaled(trx, scriptWithin(trx)))),
      ),
    ping: createPing({
      read() {
        if (closed) throw new StorageUnavailable(new Error('the storage is closed'))
      },
      write: () => write(sealing),
    }),
    clock: () => timeOf(reading),
    close,
  }
}

async function timeOf(db: Database): Promise<number> {
  const { rows } = await db.executeQuery<{ at: number }>(
    CompiledQuery.raw('select (extract(epoch from clock_timestamp()) * 1000)::bigint as at'),
  )
  return rows[0]?.at ?? Number.NaN
}

/** Something small that is written durably: a standby would not take it. */
async function write(db: Database): Promise<void> {
  const value = new Date().toISOString()
  await db
    .insertInto('installation_values')
    .values({ name: 'pinged', value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}
