import { sql } from 'kysely'
import { installation } from '../audit/event.ts'
import { type Entry, type Floor, genesis, type Head, type TrailStore } from '../audit/store.ts'
import type { Database } from './database.ts'
import { noun } from './noun.ts'
import type { Table } from './schema.ts'
import type { Script } from './script.ts'
import type { Statement, Value } from './sqlite/wire.ts'
import { searching } from './trail-search.ts'
import { tallying } from './trail-tally.ts'
import { turns } from './turns.ts'

const members = {
  orgId: 'plain',
  seq: 'plain',
  id: 'plain',
  at: 'plain',
  type: 'plain',
  result: 'plain',
  reason: 'plain',
  requestId: 'plain',
  teamId: 'plain',
  actorId: 'plain',
  actorName: 'plain',
  targetId: 'plain',
  targetName: 'plain',
  body: 'plain',
  hash: 'plain',
} as const
const events = noun<Entry>('audit_events', members)
export const entryMembers = Object.keys(members) as (keyof Entry)[]
/** In their order. */
export const trailColumns = entryMembers.map((member) => ({
  column: events.column(member),
  type: member === 'seq' || member === 'at' ? 'bigint' : 'text',
}))

type Row = Table<{ orgId: string } & Floor>
const floorOf = ({ seq, hash, at, events }: Row): Floor => ({ seq, hash, at, events })

type Move = { orgId: string; from: Head; to: Head }

/** The statements of an append, compiled once; parameters in the order in which they are written here. */
function statements(db: Database): (entries: readonly Entry[], moves: readonly Move[]) => Statement[] {
  const row = Object.fromEntries(events.columns.map((column) => [column, ''])) as unknown as Table<Entry>
  const insert = db.insertInto('audit_events').values(row).compile().sql
  const begin = db
    .insertInto('audit_heads')
    .values({ org_id: '', seq: 0, hash: '' })
    .onConflict((conflict) => conflict.column('org_id').doNothing())
    .compile().sql
  const move = db
    .updateTable('audit_heads')
    .set({ seq: 0, hash: '' })
    .where('org_id', '=', '')
    .where('seq', '=', 0)
    .where('hash', '=', '')
    .compile().sql

  return (entries, moves) => {
    const begun: Value[][] = []
    const moved: Value[][] = []
    for (const { orgId, from, to } of moves) {
      if (from.seq === genesis.seq) begun.push([orgId, to.seq, to.hash])
      else moved.push([to.seq, to.hash, orgId, from.seq, from.hash])
    }
    return [
      { sql: begin, rows: begun, expect: 1 },
      { sql: move, rows: moved, expect: 1 },
      { sql: insert, rows: entries.map((entry) => entryMembers.map((name) => entry[name])) },
    ]
  }
}

/** Organizations that have events: one step in the index for each, however many events there are. */
const withEvents = sql<{ org_id: string }>`
  with recursive found(org_id) as (
    select min(org_id) from audit_events
    union all
    select (select min(e.org_id) from audit_events e where e.org_id > found.org_id) from found
    where found.org_id is not null
  )
  select org_id from found where org_id is not null`

/** `window`: how many events a search looks at in one go. */
export function trail(db: Database, script: Script, window?: number): TrailStore {
  let compiled: ReturnType<typeof statements> | undefined
  const walkers = turns()
  const search = searching(db, walkers, window)

  const store: TrailStore = {
    /** Said of a transaction; elsewhere see urgent.ts. */
    undisturbed: (work) => work(store),

    async heads(orgIds) {
      if (orgIds.length === 0) return new Map()
      const rows = await db.selectFrom('audit_heads').selectAll().where('org_id', 'in', orgIds).execute()
      return new Map(rows.map(({ org_id, seq, hash }) => [org_id, { seq, hash }]))
    },

    append(entries, moves) {
      compiled ??= statements(db)
      return script(compiled(entries, moves))
    },

    async list(query) {
      if (query.teamIds?.length === 0) return []
      const rows = await search(query)
      return rows.map((row) => events.object(row))
    },

    async span(orgId) {
      const floor = await store.floor(orgId)
      const head = (await store.heads([orgId])).get(orgId)
      return { after: floor?.seq ?? 0, to: head?.seq ?? 0 }
    },

    tally: tallying(db, walkers),

    async floor(orgId) {
      const row = await db.selectFrom('audit_floors').selectAll().where('org_id', '=', orgId).executeTakeFirst()
      return row && floorOf(row)
    },

    async cut(orgId, from, floor) {
      const raised =
        from.seq === genesis.seq
          ? await db
              .insertInto('audit_floors')
              .values({ org_id: orgId, ...floor })
              .onConflict((conflict) => conflict.column('org_id').doNothing())
              .returning('org_id')
              .execute()
          : await db
              .updateTable('audit_floors')
              .set(floor)
              .where('org_id', '=', orgId)
              .where('seq', '=', from.seq)
              .where('hash', '=', from.hash)
              .returning('org_id')
              .execute()
      if (raised.length === 0) return false
      await db.deleteFrom('audit_events').where('org_id', '=', orgId).where('seq', '<=', floor.seq).execute()
      return true
    },

    async chains() {
      // Before their ends: what attests them is found by then.
      const begins = await db.selectFrom('audit_floors').selectAll().execute()
      const floors = new Map(begins.map((row) => [row.org_id, floorOf(row)]))
      // Before the heads: what exists has been recorded by then.
      const named = await db.selectFrom('organizations').select(['id', 'name']).execute()
      const key = await db.selectFrom('signing_keys').select('kid').limit(1).executeTakeFirst()
      const heads = await db.selectFrom('audit_heads').selectAll().execute()
      const { rows } = await withEvents.execute(db)
      const names = new Map(named.map(({ id, name }) => [id, name])).set(installation, installation)
      const begun = key !== undefined || named.length > 0
      const ends = new Map(heads.map(({ org_id, seq, hash }) => [org_id, { seq, hash }]))
      const all = new Set([...names.keys(), ...ends.keys(), ...floors.keys(), ...rows.map(({ org_id }) => org_id)])
      return [...all].sort().map((orgId) => ({
        orgId,
        org: names.get(orgId) ?? orgId,
        exists: orgId === installation ? begun : names.has(orgId),
        head: ends.get(orgId) ?? genesis,
        ...(floors.has(orgId) ? { floor: floors.get(orgId) as Floor } : {}),
      }))
    },
  }
  return store
}
