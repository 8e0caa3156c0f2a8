/** What an access token says (RFC 9068 §2.2). Pure: the time and the id come in. */
import type { AccessTokenClaims } from '../../protocol/oauth.ts'
import type { Principal } from '../accounts/principal.ts'
import type { Proof } from './dpop.ts'

/** What is given: scope, audience, seconds to live, and the proof of the key that it is bound to, if any. */
export type Grant = { principal: Principal; scope: string; audience: string; lifetime: number; proof?: Proof }

/** `now`: seconds since 1970. `ulid`: made at the time of minting; with `via` behind it, it is the `jti`. */
export function claimsOf(grant: Grant, issuer: string, now: number, ulid: string): AccessTokenClaims {
  const { principal } = grant
  return {
    iss: issuer,
    sub: principal.id,
    client_id: principal.id,
    aud: grant.audience,
    exp: now + grant.lifetime,
    iat: now,
    jti: [ulid, ...principal.via].join('.'),
    scope: grant.scope,
    org: principal.org,
    ...(principal.team === undefined ? {} : { team: principal.team }),
    principal: principal.type,
    name: principal.name,
    method: principal.method,
    ...(principal.idp ? { idp: principal.idp } : {}),
    ...(grant.proof ? { cnf: { jkt: grant.proof.jkt } } : {}),
  }
}

/** All ids whose revocation ends a token: itself, and whom it stands for and what it came from. */
export type RevocableIds = { token: string; others: readonly string[] }

/** The id whose revocation ends every token of the installation. No object's: ids have a prefix. */
export const everything = '*'

export function revocableIds({ jti, sub }: Pick<AccessTokenClaims, 'jti' | 'sub'>): RevocableIds {
  return { token: jti, others: [everything, sub, ...jti.split('.').slice(1)] }
}

/** Seconds: the least of what the account, the request and (when bound to it) the subject token allow. */
export function lifetimeOf(accountTtl: number, requested: number | undefined, remaining: number | undefined): number {
  return Math.floor(Math.min(accountTtl, requested ?? Infinity, remaining ?? Infinity))
}
