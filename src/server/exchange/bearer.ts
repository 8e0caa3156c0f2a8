/**
 * Whom an access token or API key stands for, as they are now: for those who ask what its bearer may do.
 * Rules: one answer for every way of being wrong; names and rights are read as they stand, never from the token.
 */
import type { AccessTokenClaims } from '../../protocol/oauth.ts'
import { grantScope, scopeLeft } from '../access/scope.ts'
import { digestOf, isApiKey } from '../accounts/api-key.ts'
import type { ServiceAccount, User } from '../accounts/model.ts'
import { accessOfUser, isLive } from '../accounts/recognize.ts'
import type { KeyHolder, Lookups } from '../accounts/store.ts'
import type { ReadOwn } from '../tokens/own.ts'

/** A principal as it is kept. `team`: the name of an account's parent or default team. */
export type Somebody = { org: string } & (
  | { type: 'service_account'; account: ServiceAccount; team: string }
  | { type: 'user'; user: User }
)
/**
 * `scope`: what is left of it now. `audience`: whom the token is for; a key is for the installation. `claims` are there of
 * a token, as it was minted; `holder` of a key.
 */
export type Bearer = {
  who: Somebody
  scope: string
  audience: string
  claims?: AccessTokenClaims
  holder?: KeyHolder
}
/** Undefined for what is unknown, expired, revoked, or of somebody disabled. A use of a key is the caller's to record. */
export type BearerOf = (secret: string) => Promise<Bearer | undefined>

type Needs = {
  readOwn: ReadOwn
  lookups: Pick<Lookups, 'account' | 'user' | 'keyHolder'>
  publicUrl: () => string
  now: () => number
}

export function createBearerOf({ readOwn, lookups, publicUrl, now }: Needs): BearerOf {
  const ofToken = async (token: string): Promise<Bearer | undefined> => {
    const claims = readOwn(token)
    const who = claims && (await somebody(lookups, claims.principal, claims.sub))
    if (!who || (who.type === 'service_account' && !who.account.enabled)) return undefined
    // It was handed out before the account asked for bound ones.
    if (mustBeBound(who) && !claims.cnf) return undefined
    return { who, scope: scopeLeft(claims.scope, accessOf(who)), audience: claims.aud, claims }
  }
  const ofKey = async (secret: string): Promise<Bearer | undefined> => {
    const holder = await lookups.keyHolder(digestOf(secret))
    const who = holder && isLive(holder, now()) ? holderOf(holder) : undefined
    if (who && mustBeBound(who)) return undefined
    return holder && who && { who, scope: grantScope(undefined, accessOf(who)), audience: publicUrl(), holder }
  }
  return (secret) => (isApiKey(secret) ? ofKey(secret) : ofToken(secret))
}

/** By type and id; undefined when there is nobody. A disabled account is somebody. */
export async function somebody(
  lookups: Pick<Lookups, 'account' | 'user'>,
  type: Somebody['type'],
  id: string,
): Promise<Somebody | undefined> {
  if (type === 'user') {
    const found = await lookups.user(id)
    return found && { type, ...found }
  }
  const found = await lookups.account(id)
  return found && { type, ...found }
}

function holderOf({ org, user, account }: KeyHolder): Somebody | undefined {
  if (user) return { type: 'user', org, user }
  return account && { type: 'service_account', org, account, team: account.team }
}

/** Then an API key is good for getting bound tokens, and for nothing else. */
const mustBeBound = (who: Somebody): boolean => who.type === 'service_account' && who.account.dpopBound
const accessOf = (who: Somebody) => (who.type === 'user' ? accessOfUser(who.user) : who.account.access)
export const orgIdOf = (who: Somebody): string => (who.type === 'user' ? who.user.orgId : who.account.orgId)
export const nameOf = (who: Somebody): string => (who.type === 'user' ? who.user.name : who.account.name)
export const idOf = (who: Somebody): string => (who.type === 'user' ? who.user.id : who.account.id)
