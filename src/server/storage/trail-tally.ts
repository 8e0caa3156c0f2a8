/** Exchanges counted where they are kept, so many events at once. */
import { type RawBuilder, SqliteAdapter, sql } from 'kysely'
import type { TrailStore } from '../audit/store.ts'
import { minute, type TallyGroup } from '../audit/tally.ts'
import type { Database } from './database.ts'
import type { Turns } from './turns.ts'

/** What has no column is read from the JSON of the body, which each database does in words of its own. */
const issuerIn = (db: Database): RawBuilder<string | null> =>
  db.getExecutor().adapter instanceof SqliteAdapter
    ? sql`json_extract(body, '$.detail.issuer')`
    : sql`cast(body as json) #>> '{detail,issuer}'`

export function tallying(db: Database, walkers: Turns): TrailStore['tally'] {
  const slot = sql<number>`at / ${sql.lit(minute)}`
  const issuer = issuerIn(db)

  return async (orgId, { after, to }) => {
    const done = await walkers.take()
    try {
      const events = db.selectFrom('audit_events').where('org_id', '=', orgId).where('seq', '>', after)
      const looked = events.where('seq', '<=', to)
      const span = await looked
        .select((e) => [e.fn.min<number | null>('at').as('first'), e.fn.max<number | null>('at').as('last')])
        .executeTakeFirstOrThrow()
      const rows = await looked
        .where('type', '=', 'token.exchange')
        .select([slot.as('slot'), 'team_id', 'result', 'reason', issuer.as('issuer'), 'actor_id'])
        .select((e) => e.fn.countAll<number>().as('count'))
        .groupBy([slot, 'team_id', 'result', 'reason', issuer, 'actor_id'])
        .execute()
      const groups = rows.map(
        ({ slot, team_id, result, reason, issuer, actor_id, count }): TallyGroup => ({
          at: Number(slot) * minute,
          teamId: team_id,
          granted: result === 'granted',
          reason,
          issuer,
          actorId: actor_id,
          count: Number(count),
        }),
      )
      const numberOf = (at: number | null) => (at === null ? null : Number(at))
      return { first: numberOf(span.first), last: numberOf(span.last), groups }
    } finally {
      setImmediate(done)
    }
  }
}
