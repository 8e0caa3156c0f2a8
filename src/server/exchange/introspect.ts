/** What stands behind a token or key (RFC 7662), for those who may know. */

import type { AccessTokenClaims } from '../../protocol/oauth.ts'
import { type Caller, isOrgAdmin } from '../access/authority.ts'
import { grantScope, scopeLeft } from '../access/scope.ts'
import { digestOf, isApiKey } from '../accounts/api-key.ts'
import { accessOfUser, isLive, keyUserOf } from '../accounts/recognize.ts'
import type { Lookups } from '../accounts/store.ts'
import type { Usage } from '../accounts/usage.ts'
import type { Origin } from '../audit/origin.ts'
import { Refusal } from '../errors/refusal.ts'
import type { ReadOwn } from '../tokens/own.ts'

export type Introspection = { active: false } | ({ active: true; username: string } & Record<string, unknown>)
export type Introspect = (token: string, caller: Caller, origin: Origin) => Promise<Introspection>

type Needs = {
  readOwn: ReadOwn
  lookups: Pick<Lookups, 'account' | 'user' | 'keyHolder'>
  /** A key that a resource server asks about is being used there. */
  used: Usage
  publicUrl: () => string
  now: () => number
}

const inactive = { active: false } as const

/** Throws Refusal('forbidden') for a caller that may not introspect anything. */
export function createIntrospect({ readOwn, lookups, used, publicUrl, now }: Needs): Introspect {
  /** Whom the token stands for, as they are now; undefined when they are gone or disabled. */
  const bearerOf = async ({ principal, sub }: AccessTokenClaims) => {
    if (principal === 'user') {
      const found = await lookups.user(sub)
      return found && { ...found.user, access: accessOfUser(found.user), names: { org: found.org } }
    }
    const found = await lookups.account(sub)
    if (!found?.account.enabled) return undefined
    return { ...found.account, names: { org: found.org, team: found.team } }
  }
  const ofToken = async (claims: AccessTokenClaims, caller: Caller): Promise<Introspection> => {
    const bearer = await bearerOf(claims)
    if (!bearer || !mayKnow(caller, bearer.orgId, claims.aud, publicUrl())) return inactive
    const { name, names, access } = bearer
    // What was renamed or narrowed since is told as it is: another may bear the old name by now.
    const scope = scopeLeft(claims.scope, access)
    return { active: true, token_type: 'Bearer', ...claims, ...names, name, scope, username: name }
  }
  const ofKey = async (secret: string, caller: Caller, origin: Origin): Promise<Introspection> => {
    const holder = await lookups.keyHolder(digestOf(secret))
    const user = holder && isLive(holder, now()) ? keyUserOf(holder) : undefined
    if (!holder || !user || !mayKnow(caller, holder.key.orgId, publicUrl(), publicUrl())) return inactive
    if (caller.type === 'resource_server') await used(holder, origin, { at: caller.name })
    const { principal, access } = user
    return {
      active: true,
      iss: publicUrl(),
      sub: principal.id,
      client_id: principal.id,
      aud: publicUrl(),
      iat: Math.floor(holder.key.createdAt / 1000),
      ...(holder.key.expiresAt === null ? {} : { exp: Math.floor(holder.key.expiresAt / 1000) }),
      scope: grantScope(undefined, access),
      org: principal.org,
      ...(principal.team === undefined ? {} : { team: principal.team }),
      principal: principal.type,
      name: principal.name,
      method: 'api_key',
      username: principal.name,
    }
  }
  return async (token, caller, origin) => {
    if (caller.type !== 'resource_server' && !isOrgAdmin(caller))
      throw new Refusal('forbidden', { says: 'introspection is for resource servers and admins of the organization' })
    if (isApiKey(token)) return ofKey(token, caller, origin)
    const claims = readOwn(token)
    return claims ? ofToken(claims, caller) : inactive
  }
}

/** A resource server knows of tokens that are meant for it, or for the installation; an admin of all of the organization. */
function mayKnow(caller: Caller, orgId: string, audience: string, publicUrl: string): boolean {
  if (caller.type === 'operator' || caller.orgId !== orgId) return false
  return caller.type !== 'resource_server' || audience === caller.audience || audience === publicUrl
}
