/** Whom an API key stands for. One answer for every way of being wrong. */
import type { Origin } from '../audit/origin.ts'
import { Refusal } from '../errors/refusal.ts'
import { digestOf, isApiKey } from './api-key.ts'
import type { AccessLevel, User } from './model.ts'
import type { Principal } from './principal.ts'
import type { KeyHolder, Lookups } from './store.ts'
import type { Usage } from './usage.ts'

export type KeyUser = { principal: Principal; access: AccessLevel; tokenTtl: number; dpopBound: boolean }
/** The holder of a live key, by the digest of its secret; undefined when there is none. */
export type HolderOf = (digest: string, origin: Origin) => Promise<KeyHolder | undefined>
/** The holder of a principal's key. Throws Refusal('api_key_invalid'). */
export type RecognizeKey = (secret: string, origin: Origin) => Promise<KeyUser>

/** Lifetime of a person's access token, in seconds. */
const userTokenTtl = 900

type Needs = {
  lookups: Pick<Lookups, 'keyHolder'>
  now: () => number
  /** Hears of every use of a live key; says so in the trail once an hour. */
  used: Usage
}

export function createHolderOf({ lookups, now, used }: Needs): HolderOf {
  return async (digest, origin) => {
    const holder = await lookups.keyHolder(digest)
    if (!holder || !isLive(holder, now())) return undefined
    await used(holder, origin)
    return holder
  }
}

export function createRecognizeKey(holderOf: HolderOf): RecognizeKey {
  return async (secret, origin) => {
    const holder = isApiKey(secret) ? await holderOf(digestOf(secret), origin) : undefined
    if (!holder) throw new Refusal('api_key_invalid')
    const user = keyUserOf(holder)
    if (!user)
      throw new Refusal('api_key_invalid', { says: 'this API key is of a resource server; it obtains no tokens' })
    return user
  }
}

/** Dead keys, and live keys of disabled accounts, answer alike. `now`: ms. */
export function isLive({ key, account }: KeyHolder, now: number): boolean {
  return (key.expiresAt === null || key.expiresAt > now) && account?.enabled !== false
}

export function keyUserOf({ key, org, user, account }: KeyHolder): KeyUser | undefined {
  if (user) return principalOfUser(user, org, { method: 'api_key', via: [key.id] })
  if (!account) return undefined
  const { id, name, orgId, team, teamId, access, tokenTtl, dpopBound } = account
  const principal: Principal = {
    id,
    type: 'service_account',
    name,
    orgId,
    org,
    team,
    ...(teamId === null ? {} : { teamId }),
    method: 'api_key',
    via: [key.id],
  }
  return { principal, access, tokenTtl, dpopBound }
}

export function principalOfUser(user: User, org: string, how: Pick<Principal, 'method' | 'idp' | 'via'>): KeyUser {
  const { id, name, orgId } = user
  const principal: Principal = { id, type: 'user', name, orgId, org, ...how }
  return { principal, access: accessOfUser(user), tokenTtl: userTokenTtl, dpopBound: false }
}

/** A user with organization role `viewer` only reads, whatever else says. */
export const accessOfUser = ({ role }: Pick<User, 'role'>): AccessLevel => (role === 'viewer' ? 'read' : 'write')
