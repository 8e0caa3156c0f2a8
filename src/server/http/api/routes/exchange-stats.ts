import type { ServiceAccount } from '../../../accounts/model.ts'
import { gathering, type Stats } from '../../../audit/exchange-stats.ts'
import type { Tallies } from '../../../audit/tally.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'
import { trailScope } from '../trail-scope.ts'

const day = 86_400_000
const iso = (ms: number) => new Date(ms).toISOString()

export function exchangeStatsRoutes(rooms: Rooms, tallies: Tallies): Route[] {
  const { reading, now } = rooms

  /** With their names, as they are now; of one that is gone its id is left. */
  async function named(orgId: string, accounts: Stats['accounts']) {
    const rows = await reading.lookups.accounts(
      orgId,
      accounts.map(({ id }) => id),
    )
    const found = new Map<string, ServiceAccount>(rows.map((row) => [row.id, row]))
    const teams = await reading.teams.names({ orgId })
    return accounts.map(({ id, granted, refused }) => {
      const row = found.get(id)
      return { id, name: row?.name ?? id, team: teams.get(row?.teamId ?? '') ?? null, granted, refused }
    })
  }

  return [
    route({
      method: 'get',
      path: '/orgs/{org}/exchange-stats',
      tag: 'Exchanges',
      summary: 'How many exchanges were granted and refused: over time, by reason, issuer and account',
      right: 'anyTeamAdmin',
      query: schemas.statsQuery,
      answer: schemas.exchangeStats,
      async run({ place: { org }, query, caller }) {
        const to = query.to === undefined ? now() : Date.parse(query.to)
        const from = query.from === undefined ? to - day : Date.parse(query.from)
        if (from >= to)
          throw new Refusal('query_invalid', { errors: [{ path: 'from', message: 'must be before `to`' }] })
        const { orgId, teamIds, issuer } = await trailScope(rooms, org, caller, { issuer: query.issuer })
        const gathered = gathering({
          from,
          to,
          buckets: query.buckets,
          ...(teamIds ? { teamIds } : {}),
          ...(issuer === undefined ? {} : { issuer }),
          ...(query.service_account === undefined ? {} : { accountId: query.service_account }),
        })
        const walked = await tallies.walk(orgId, from, gathered.add)
        const stats = gathered.stats(walked.complete ? undefined : walked.reached)
        const { bucketMs, buckets, reasons, issuers, granted, refused } = stats
        return {
          body: {
            from: iso(stats.from),
            to: iso(stats.to),
            bucket_seconds: bucketMs / 1000,
            complete: walked.complete,
            granted,
            refused,
            buckets: buckets.map(({ at, ...outcomes }) => ({ at: iso(at), ...outcomes })),
            reasons,
            issuers,
            accounts: await named(orgId, stats.accounts),
          },
        }
      },
    }),
  ]
}
