/** What stands behind a token or key (RFC 7662), for those who may know. */
import { type Caller, isOrgAdmin } from '../access/authority.ts'
import type { KeyHolder } from '../accounts/store.ts'
import type { Usage } from '../accounts/usage.ts'
import type { Origin } from '../audit/origin.ts'
import { Refusal } from '../errors/refusal.ts'
import { type Bearer, type BearerOf, idOf, nameOf, orgIdOf } from './bearer.ts'

export type Introspection = { active: false } | ({ active: true; username: string } & Record<string, unknown>)
export type Introspect = (token: string, caller: Caller, origin: Origin) => Promise<Introspection>

type Needs = {
  bearerOf: BearerOf
  /** A key that a resource server asks about is being used there. */
  used: Usage
  publicUrl: () => string
}

const inactive = { active: false } as const

/** Throws Refusal('forbidden') for a caller that may not introspect anything. */
export function createIntrospect({ bearerOf, used, publicUrl }: Needs): Introspect {
  /** A key as a token would be described. */
  const asClaims = ({ key }: KeyHolder, { who }: Bearer) => ({
    iss: publicUrl(),
    sub: idOf(who),
    client_id: idOf(who),
    aud: publicUrl(),
    iat: Math.floor(key.createdAt / 1000),
    ...(key.expiresAt === null ? {} : { exp: Math.floor(key.expiresAt / 1000) }),
    principal: who.type,
    method: 'api_key',
  })
  const introspect: Introspect = async (token, caller, origin) => {
    if (caller.type !== 'resource_server' && !isOrgAdmin(caller))
      throw new Refusal('forbidden', { says: 'introspection is for resource servers and admins of the organization' })
    const bearer = await bearerOf(token)
    if (!bearer || !mayKnow(caller, bearer, publicUrl())) return inactive
    const { who, scope, holder, claims } = bearer
    const recorded = holder && caller.type === 'resource_server' && used(holder, origin, { at: caller.name })
    if (recorded) {
      await recorded
      // What was read before that wait may have changed.
      return introspect(token, caller, origin)
    }
    const name = nameOf(who)
    return {
      active: true,
      ...(holder ? asClaims(holder, bearer) : { token_type: claims?.cnf ? 'DPoP' : 'Bearer', ...claims }),
      // What was renamed or narrowed since is told as it is: another may bear the old name by now.
      org: who.org,
      ...(who.type === 'service_account' ? { team: who.team } : {}),
      name,
      scope,
      username: name,
    }
  }
  return introspect
}

/** A resource server knows of tokens that are meant for it, or for the installation; an admin of all of the organization. */
function mayKnow(caller: Caller, { who, audience }: Bearer, publicUrl: string): boolean {
  if (caller.type === 'operator' || caller.orgId !== orgIdOf(who)) return false
  return caller.type !== 'resource_server' || audience === caller.audience || audience === publicUrl
}
