import { Refusal } from '../../../errors/refusal.ts'
import type { KeptFetch } from '../../../issuers/store.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

const iso = (ms: number) => new Date(ms).toISOString()

/** How it went with an issuer's keys, fetch by fetch. */
export function issuerHealthRoute({ keys, fetchesOf }: Rooms): Route {
  return route({
    method: 'get',
    path: '/orgs/{org}/issuers/{issuer}/health',
    tag: 'Issuers',
    summary: 'How its keys stand, what came of the last fetches, and when they were rotated last',
    right: 'anyTeamAdmin',
    answer: schemas.healthHistory,
    async run({ place: { issuer } }) {
      if (!issuer) throw new Refusal('not_found')
      const history = await fetchesOf(issuer.id)
      const rotatedAt = history[0]?.rotatedAt ?? null
      return {
        body: {
          ...keys.health(issuer),
          history: history.map(shown),
          last_rotation: rotatedAt === null ? null : iso(rotatedAt),
        },
      }
    },
  })
}

const shown = ({ at, ok, message, milliseconds, keys, rotated }: KeptFetch) => ({
  at: iso(at),
  ok,
  message,
  milliseconds,
  keys,
  rotated,
})
