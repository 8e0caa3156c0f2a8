import { refuseUnusable } from '../../../admin/issuers.ts'
import type { JwkSet } from '../../../issuers/model.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

/** What an issuer would be like, before anybody registers it. */
export function discoverRoute(rooms: Rooms): Route {
  const { keys, network, presets } = rooms
  return route({
    method: 'post',
    path: '/orgs/{org}/discover',
    tag: 'Issuers',
    summary: 'Fetch the keys of an issuer that is not registered yet, and report each step; nothing is kept',
    changes: false,
    right: 'orgAdmin',
    body: schemas.discoverBody,
    answer: schemas.discovered,
    async run({ body, place }) {
      const { issuer, jwks_uri: jwksUri = null } = body
      const jwks = (body.jwks ?? null) as JwkSet | null
      const draft = { issuer, jwksUri, jwks }
      refuseUnusable(draft, network)
      if (jwks === null) await rooms.fetchAllowed(place.org.id)
      const preset = presets.of(issuer)?.name ?? null
      return { body: { ...(await keys.probe(draft)), preset } }
    },
  })
}
