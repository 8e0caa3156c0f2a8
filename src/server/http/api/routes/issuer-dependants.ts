import { gathering } from '../../../audit/exchange-stats.ts'
import type { Tallies } from '../../../audit/tally.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

const day = 86_400_000
const mostListed = 200
const iso = (ms: number) => new Date(ms).toISOString()

/** Who depends on an issuer: whom it would stop, were it disabled. */
export function issuerDependantsRoute({ reading, now }: Rooms, tallies: Tallies): Route {
  return route({
    method: 'get',
    path: '/orgs/{org}/issuers/{issuer}/dependants',
    tag: 'Issuers',
    summary: 'Policies and accounts that name it, and what was exchanged with it in the last day: whom it would stop',
    right: 'orgAdmin',
    answer: schemas.dependants,
    async run({ place: { org, issuer } }) {
      if (!issuer) throw new Refusal('not_found')
      const { policies, accounts, items } = await reading.lookups.dependants(issuer.id, mostListed)
      return {
        body: {
          policies,
          accounts,
          items: items.map(({ lastUsedAt, ...item }) => ({
            ...item,
            last_used_at: lastUsedAt === null ? null : iso(lastUsedAt),
          })),
          exchanges: await exchangesOf(tallies, org.id, issuer.issuer, now()),
        },
      }
    },
  })
}

/** As exchange-stats counts them, in whole minutes: where there were too many to look at, `since` says from when on. */
async function exchangesOf(tallies: Tallies, orgId: string, issuer: string, to: number) {
  const from = to - day
  const { add, stats } = gathering({ from, to, buckets: 1, issuer })
  const walked = await tallies.walk(orgId, from, add)
  const { granted, refused, from: since } = stats(walked.complete ? undefined : walked.reached)
  return { granted, refused, since: iso(since) }
}
