import { concerns, needlesOf } from '../../../audit/concerns.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { newestFirst } from '../../../exchange/replay/walk.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

const day = 86_400_000
const mostListed = 200
/** Events that are looked at for one answer. */
const mostEvents = 20_000
const iso = (ms: number) => new Date(ms).toISOString()

/** Who depends on an issuer: whom it would stop, were it disabled. */
export function issuerDependantsRoute({ reading, now }: Rooms): Route {
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
          exchanges: await exchangesOf(reading.trail, org.id, issuer.issuer, now() - day),
        },
      }
    },
  })
}

/** Where there were too many events to look at them all, `since` is when the oldest of those was. */
async function exchangesOf(trail: Rooms['reading']['trail'], orgId: string, issuer: string, from: number) {
  const [[needle = ''] = []] = needlesOf({ issuer })
  const counts = { granted: 0, refused: 0 }
  let looked = 0
  for await (const events of newestFirst({ first: trail, rest: trail }, orgId, from)) {
    for (const { type, result, body } of events) {
      if (type !== 'token.exchange' || !body.includes(needle) || !concerns({ issuer }, body)) continue
      counts[result === 'granted' ? 'granted' : 'refused']++
    }
    looked += events.length
    const oldest = events.at(-1)
    if (looked >= mostEvents && oldest) return { ...counts, since: iso(oldest.at) }
  }
  return { ...counts, since: iso(from) }
}
