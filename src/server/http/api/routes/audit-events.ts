import type { z } from 'zod'
import { eventOf } from '../../../audit/chain.ts'
import { installation } from '../../../audit/event.ts'
import type { TrailQuery, TrailStore } from '../../../audit/store.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { cursorOf } from '../crud.ts'
import { type Answer, type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'
import { type TrailScope, trailScope } from '../trail-scope.ts'

const tag = 'Audit'

export function auditRoutes(rooms: Rooms): Route[] {
  const { reading } = rooms
  return [
    route({
      method: 'get',
      path: '/orgs/{org}/audit-events',
      tag,
      summary:
        'The trail, newest first; as application/x-ndjson all of it, oldest first. A team admin sees their teams alone',
      right: 'anyTeamAdmin',
      query: schemas.orgAuditQuery,
      answer: schemas.listOf(schemas.auditEvent),
      run: async ({ place, query, caller, accept }) =>
        answer(reading.trail, query, accept, await trailScope(rooms, place.org, caller, query)),
    }),
    route({
      method: 'get',
      path: '/audit-events',
      tag,
      summary: "The installation's own trail: what belongs to no organization",
      right: 'operator',
      query: schemas.auditQuery,
      answer: schemas.listOf(schemas.auditEvent),
      run: ({ query, accept }) => answer(reading.trail, query, accept, { orgId: installation }),
    }),
  ]
}

type Query = z.output<typeof schemas.auditQuery>

async function answer(trail: TrailStore, query: Query, accept: string, scope: TrailScope): Promise<Answer> {
  const { from, to, type, actor, target, result, request_id, reason, issuer, cursor, limit } = query
  const filter = {
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(to === undefined ? {} : { to: Date.parse(to) }),
    ...(type === undefined ? {} : { type }),
    ...(actor === undefined ? {} : { actor }),
    ...(target === undefined ? {} : { target }),
    ...(result === undefined ? {} : { result }),
    ...(request_id === undefined ? {} : { requestId: request_id }),
    ...(reason === undefined ? {} : { reason }),
    ...(issuer === undefined ? {} : { issuer }),
    ...scope,
  }
  if (accept === 'application/x-ndjson') return { lines: all(trail, filter) }
  const after = cursor === undefined ? undefined : seqOf(cursor)
  const rows = await trail.list({
    ...filter,
    order: 'newest',
    limit: limit + 1,
    ...(after === undefined ? {} : { after }),
  })
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? String(page.at(-1)?.seq) : null
  return { body: { items: page.map(eventOf), next_cursor: cursorOf(last) } }
}

/** Page by page, so that a trail of any length needs little memory. */
async function* all(trail: TrailStore, filter: Omit<TrailQuery, 'order' | 'limit' | 'after'>) {
  let after = 0
  while (true) {
    const rows = await trail.list({ ...filter, order: 'oldest', limit: 500, after })
    for (const row of rows) yield eventOf(row)
    const last = rows.at(-1)
    if (!last || rows.length < 500) return
    after = last.seq
  }
}

function seqOf(cursor: string): number {
  const seq = Number(Buffer.from(cursor, 'base64url').toString())
  if (!Number.isSafeInteger(seq) || seq < 1) throw new Refusal('query_invalid', { says: 'this cursor is none of ours' })
  return seq
}
