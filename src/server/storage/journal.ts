/** Where many processes append at once, each to a lane of its own; linked into the chains later (sealing.ts). */
import { CompiledQuery } from 'kysely'
import { genesis, type Journal } from '../audit/store.ts'
import type { Database } from './database.ts'

const moved = 'update audit_lanes set seq = $2, hash = $3, at = $4 where lane = $1 and seq = $5 and hash = $6'
const begun = `insert into audit_lanes (lane, seq, hash, at, sealed_seq, sealed_hash)
  values ($1, $2, $3, $4, $5, $6) on conflict (lane) do nothing`

/**
 * One statement, one round trip: the lane moves on, its entries stand behind, and how often their organizations changed is
 * told as it was when the statement began. Nothing is kept when the lane does not end where we left it.
 */
const appending = (lane: string) => `
  with moved as (${lane} returning lane),
  kept as (
    insert into audit_journal (lane, seq, id, org_id, team_id, body, hash)
    select moved.lane, e.seq, e.id, e."orgId", e."teamId", e.body, e.hash from moved cross join
      json_to_recordset($7::json) as e (seq bigint, id text, "orgId" text, "teamId" text, body text, hash text)
    returning seq
  )
  select (select count(*) from kept) as kept, h.org_id, h.n
  from (select 1 as one) as o left join change_heads as h on h.org_id = any($8::text[])`

const texts = { begin: appending(begun), move: appending(moved) }
type Row = { kept: number; org_id: string | null; n: number | null }

export function journal(db: Database): Journal {
  return {
    async append({ lane, from, to, at, entries, orgIds }) {
      const { rows } = await db.executeQuery<Row>(
        CompiledQuery.raw(from.seq === genesis.seq ? texts.begin : texts.move, [
          ...[lane, to.seq, to.hash, at, from.seq, from.hash],
          JSON.stringify(entries),
          orgIds,
        ]),
      )
      if (rows[0]?.kept !== entries.length) return undefined
      return new Map(rows.flatMap(({ org_id, n }) => (org_id === null ? [] : [[org_id, n ?? 0]])))
    },
  }
}
