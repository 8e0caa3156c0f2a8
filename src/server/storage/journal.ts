/** Where many processes append at once, each to a lane of its own; linked into the chains later (sealing.ts). */
import { CompiledQuery } from 'kysely'
import { genesis, type Journal, left } from '../audit/store.ts'
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

/**
 * Whoever appends to it, or begins it, finds it ending elsewhere; a statement that is at it is waited for. A lane that was
 * linked and has been forgotten since is known by its event.
 */
const leaving = `insert into audit_lanes as l (lane, seq, hash, at, sealed_seq, sealed_hash)
  values ($1, $2, '${left}', $3, $2, $4)
  on conflict (lane) do update set hash = case when l.hash = $5 then l.hash else '${left}' end
  returning hash, exists(
    select 1 from audit_events as e where e.org_id = $6 and e.request_id = $7 and e.id = $8
  ) as linked`

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

    async leave({ lane, to, at, last: { orgId, requestId, id } }) {
      const parameters = [lane, genesis.seq, at, genesis.hash, to.hash, orgId, requestId, id]
      const { rows } = await db.executeQuery<{ hash: string; linked: boolean }>(CompiledQuery.raw(leaving, parameters))
      return rows[0]?.hash === to.hash || rows[0]?.linked === true
    },
  }
}
