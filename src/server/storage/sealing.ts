/** The other end of the journal: what waits there is linked into the chains, by one process at a time. */
import { CompiledQuery, sql } from 'kysely'
import type { Entry, Lane, SealDesk, Waiting } from '../audit/store.ts'
import type { Database } from './database.ts'
import { noun } from './noun.ts'
import type { Table } from './schema.ts'
import { entryMembers, trailColumns } from './trail.ts'

const inserting = `insert into audit_events (${trailColumns.map(({ column }) => column).join(', ')})
  select * from json_to_recordset($1::json) as e (${trailColumns.map(({ type }, i) => `"${entryMembers[i]}" ${type}`).join(', ')})`
/** An id is a prefix of three letters and `_`, then its time in ten characters. */
const looking = `select w.* from unnest($1::text[], $2::bigint[], $3::bigint[]) as l (lane, below, upto)
  cross join lateral (
    select * from audit_journal as j where j.lane = l.lane and j.seq > l.below and j.seq <= l.upto
    order by j.seq limit $4
  ) as w order by substr(w.id, 1, 14), w.lane, w.seq limit $4`
const moving = `insert into audit_heads (org_id, seq, hash)
  select * from unnest($1::text[], $2::bigint[], $3::text[])
  on conflict (org_id) do update set seq = excluded.seq, hash = excluded.hash`
const marking = `update audit_lanes as l set sealed_seq = e.seq, sealed_hash = e.hash
  from unnest($1::text[], $2::bigint[], $3::text[]) as e (lane, seq, hash) where l.lane = e.lane`
/** Before its lane is marked: what goes lies between two marks, and nobody looks for it among what went before. */
const clearing = `delete from audit_journal as j
  using unnest($1::text[], $2::bigint[]) as e (lane, seq), audit_lanes as l
  where l.lane = e.lane and j.lane = e.lane and j.seq > l.sealed_seq and j.seq <= e.seq`

const lanes = noun<Lane>('audit_lanes', {
  lane: 'plain',
  seq: 'plain',
  hash: 'plain',
  sealedSeq: 'plain',
  sealedHash: 'plain',
  at: 'plain',
})

const waitings = noun<Waiting>('audit_journal', {
  lane: 'plain',
  seq: 'plain',
  id: 'plain',
  orgId: 'plain',
  teamId: 'plain',
  body: 'plain',
  hash: 'plain',
})

/** The row whose lock is the right to seal. */
const name = 'sealing'

/** Over one transaction. */
export function sealDesk(trx: Database): SealDesk {
  const run = (text: string, parameters: readonly unknown[]) =>
    trx.executeQuery(CompiledQuery.raw(text, [...parameters]))
  return {
    async take({ patient }) {
      const row = () => trx.selectFrom('installation_values').select('name').where('name', '=', name).forUpdate()
      const taken = await (patient ? row() : row().skipLocked()).executeTakeFirst()
      if (taken) return true
      const begun = await trx
        .insertInto('installation_values')
        .values({ name, value: '' })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returning('name')
        .executeTakeFirst()
      return begun !== undefined || (patient && (await row().executeTakeFirst()) !== undefined)
    },
    lanes: (limit, but) => lanesOf(trx, limit, but),
    async waiting(ofLanes, limit) {
      const { rows } = await run(looking, [
        ofLanes.map(({ lane }) => lane),
        ofLanes.map(({ sealedSeq }) => sealedSeq),
        ofLanes.map(({ seq }) => seq),
        limit,
      ])
      return (rows as Table<Waiting>[]).map((row) => waitings.object(row))
    },
    async heads(orgIds) {
      const rows = await trx.selectFrom('audit_heads').selectAll().where('org_id', 'in', orgIds).execute()
      return new Map(rows.map(({ org_id, seq, hash }) => [org_id, { seq, hash }]))
    },
    async keep(entries: readonly Entry[], heads, sealed) {
      await run(inserting, [JSON.stringify(entries)])
      const ends = [...heads]
      await run(moving, [
        ends.map(([orgId]) => orgId),
        ends.map(([, { seq }]) => seq),
        ends.map(([, { hash }]) => hash),
      ])
      const marks = [...sealed]
      const [ofLane, seqs] = [marks.map(([lane]) => lane), marks.map(([, { seq }]) => seq)]
      await run(clearing, [ofLane, seqs])
      await run(marking, [ofLane, seqs, marks.map(([, { hash }]) => hash)])
    },
    async forget(before, ofOne) {
      // One that was left before it began (journal.ts) stays: what was on its way to it may come late.
      const over = trx.deleteFrom('audit_lanes').whereRef('seq', '=', 'sealed_seq')
      await over
        .where((is) => is.or([is('at', '<', before), is.and([is('seq', '=', 1), is('at', '<', ofOne)])]))
        .execute()
    },
  }
}

/** Whether anything waits, without taking the desk. */
export async function waits(db: Database): Promise<boolean> {
  const row = await db
    .selectFrom('audit_lanes')
    .select(sql<number>`1`.as('one'))
    .whereRef('seq', '>', 'sealed_seq')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Those of which something waits; of the longest waiting ones, so many. */
export async function lanesOf(db: Database, limit = 10_000, but: readonly string[] = []): Promise<Lane[]> {
  const waiting = db.selectFrom('audit_lanes').selectAll().whereRef('seq', '>', 'sealed_seq')
  const query = but.length === 0 ? waiting : waiting.where('lane', 'not in', but)
  const rows = await query.orderBy('at').limit(limit).execute()
  return rows.map((row) => lanes.object(row))
}

export async function waitingOn(db: Database, lane: string, after: number, limit: number): Promise<Waiting[]> {
  const query = db.selectFrom('audit_journal').selectAll().where('lane', '=', lane).where('seq', '>', after)
  const rows = await query.orderBy('seq').limit(limit).execute()
  return rows.map((row) => waitings.object(row))
}

/** In one look, since lanes and what is on them move on together. */
export async function straysOf(db: Database): Promise<Pick<Waiting, 'lane' | 'seq'>[]> {
  return db
    .selectFrom('audit_journal as j')
    .leftJoin('audit_lanes as l', 'l.lane', 'j.lane')
    .where((is) =>
      is.or([is('l.lane', 'is', null), is('j.seq', '<=', is.ref('l.sealed_seq')), is('j.seq', '>', is.ref('l.seq'))]),
    )
    .select((is) => ['j.lane', is.fn.min('j.seq').as('seq')])
    .groupBy('j.lane')
    .execute()
}
