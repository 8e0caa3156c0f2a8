/** Events that fit. Questions are answered on the main thread, so that none may take longer than a few milliseconds. */
import { sql } from 'kysely'
import { concerns, needlesOf } from '../audit/concerns.ts'
import type { TrailQuery } from '../audit/store.ts'
import type { Database } from './database.ts'
import type { Turns } from './turns.ts'

/** Events looked at in one go: a few milliseconds of work. */
const fewEvents = 2000

/** Those that fit, within the organization and, where given, the teams; `last`: no further than this `seq`. */
function matching(db: Database, query: TrailQuery, last?: number) {
  const { orgId, teamIds, from, to, type, actor, target, result, requestId, reason, after, order } = query
  let found = db.selectFrom('audit_events').selectAll().where('org_id', '=', orgId)
  if (teamIds) found = found.where('team_id', 'in', teamIds)
  if (from !== undefined) found = found.where('at', '>=', from)
  if (to !== undefined) found = found.where('at', '<=', to)
  if (type?.endsWith('.*')) {
    const noun = type.slice(0, -1)
    found = found.where(sql<string>`substr(type, 1, ${sql.lit(noun.length)})`, '=', noun)
  } else if (type !== undefined) found = found.where('type', '=', type)
  if (actor !== undefined) found = found.where((e) => e.or([e('actor_id', '=', actor), e('actor_name', '=', actor)]))
  if (target !== undefined) {
    found = found.where((e) => e.or([e('target_id', '=', target), e('target_name', '=', target)]))
  }
  if (result !== undefined) found = found.where('result', '=', result)
  if (requestId !== undefined) found = found.where('request_id', '=', requestId)
  if (reason !== undefined) found = found.where('reason', '=', reason)
  for (const needles of needlesOf(query)) {
    found = found.where((e) => e.or(needles.map((needle) => sql<boolean>`body like ${likeOf(needle)} escape '!'`)))
  }
  if (after !== undefined) found = found.where('seq', order === 'newest' ? '<' : '>', after)
  if (last !== undefined) found = found.where('seq', order === 'newest' ? '>=' : '<=', last)
  // A request has few events: found by its id and then sorted, not by walking the whole chain in order.
  const place = requestId === undefined ? sql.ref<number>('seq') : sql<number>`seq + 0`
  return found.orderBy(place, order === 'newest' ? 'desc' : 'asc').limit(query.limit)
}

/** Without regard to case on one of the databases: what it finds is read, and judged, besides. */
const likeOf = (text: string) => `%${text.replace(/[!%_]/g, '!$&')}%`

/** The `seq` of the event that stands so many places further on; undefined when the chain ends before. */
async function placeAfter(db: Database, { orgId, after, order }: TrailQuery, events: number) {
  let further = db.selectFrom('audit_events').select('seq').where('org_id', '=', orgId)
  if (after !== undefined) further = further.where('seq', order === 'newest' ? '<' : '>', after)
  const row = await further
    .orderBy('seq', order === 'newest' ? 'desc' : 'asc')
    .offset(events - 1)
    .limit(1)
    .executeTakeFirst()
  return row?.seq
}

/** The index leads to what is asked for: the limit bounds the work, or the number of a request's events does. */
function isShort(query: TrailQuery): boolean {
  const { orgId: _, limit: __, order: ___, after: ____, requestId, ...filters } = query
  return requestId !== undefined || Object.values(filters).every((one) => one === undefined)
}

/**
 * Events that fit, in the order asked for. A filter that few events pass walks the chain in windows of so many events;
 * however many are walking, the event loop turns between any two windows, so that nobody else waits for them.
 */
export function searching(db: Database, walkers: Turns, window = fewEvents) {
  async function walk(query: TrailQuery) {
    // Bodies are many times as long as what else is looked at.
    const step = needlesOf(query).length > 0 ? Math.ceil(window / 2) : window
    const found: Awaited<ReturnType<ReturnType<typeof matching>['execute']>> = []
    let rest = query
    for (;;) {
      const done = await walkers.take()
      try {
        const last = await placeAfter(db, rest, step)
        const rows = await matching(db, rest, last).execute()
        found.push(...rows.filter(({ body }) => concerns(query, body)))
        // Where a limit has cut it, what is behind its last one has not been looked at.
        const seen = rows.length === rest.limit ? rows.at(-1)?.seq : last
        if (seen === undefined || found.length >= query.limit) return found
        rest = { ...query, after: seen, limit: query.limit - found.length }
      } finally {
        setImmediate(done)
      }
    }
  }

  return async (query: TrailQuery) => {
    if (!isShort(query)) return walk(query)
    const rows = await matching(db, query).execute()
    return rows.filter(({ body }) => concerns(query, body))
  }
}
