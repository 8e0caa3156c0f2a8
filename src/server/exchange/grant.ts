/** What is given: the scope, the target and the lifetime, from what was asked and what the account may have. */
import { grantScope } from '../access/scope.ts'
import type { Lookups } from '../accounts/store.ts'
import { Refusal } from '../errors/refusal.ts'
import type { VerifiedToken } from '../issuers/verify.ts'
import { type Grant, lifetimeOf } from '../tokens/claims.ts'
import type { Dpop } from '../tokens/dpop.ts'
import type { Ask } from './parse.ts'
import type { Proven } from './prove.ts'

/** What of a subject token bounds the lifetime. */
type Bounding = Pick<VerifiedToken, 'registration' | 'expiresAt'>
export type GrantOf = (
  ask: Pick<Ask, 'scope' | 'targets' | 'requestedTtl' | 'dpop'>,
  proven: Omit<Proven, 'token'> & { token?: Bounding },
) => Promise<Grant>
type Needs = {
  lookups: Pick<Lookups, 'resourceServers'>
  dpop: Pick<Dpop, 'check'>
  publicUrl: () => string
  now: () => number
}

/**
 * Throws Refusal: scope_not_allowed, target_unknown (RFC 8693 §2.2.2), token_expired; dpop_proof_missing, where the account
 * gets no other tokens than bound ones, dpop_proof_invalid, dpop_nonce_required.
 */
export function createGrantOf({ lookups, dpop, publicUrl, now }: Needs): GrantOf {
  const audienceOf = async (target: string, { orgId, org }: Proven['principal']): Promise<string> => {
    if (target === publicUrl() || target === `${publicUrl()}/orgs/${org}`) return publicUrl()
    const server = await lookups.resourceServers(orgId, target)
    if (!server) throw new Refusal('target_unknown')
    return server.audience
  }
  return async (ask, { principal, access, tokenTtl, dpopBound, token }) => {
    const scope = grantScope(ask.scope, access)
    const audiences = new Set<string>()
    for (const target of ask.targets) audiences.add(await audienceOf(target, principal))
    if (audiences.size > 1)
      throw new Refusal('target_unknown', { says: 'audience and resource name two targets; a token is for one' })
    const [audience = publicUrl()] = audiences
    const remaining = token?.registration.boundLifetime ? token.expiresAt - Math.floor(now() / 1000) : undefined
    const lifetime = lifetimeOf(tokenTtl, ask.requestedTtl, remaining)
    if (lifetime < 1)
      throw new Refusal('token_expired', { says: 'the subject token has expired, and ours may not outlive it' })
    if (ask.dpop === undefined && dpopBound) throw new Refusal('dpop_proof_missing')
    const proof = ask.dpop && dpop.check(ask.dpop)
    return { principal, scope, audience, lifetime, ...(proof ? { proof } : {}) }
  }
}
