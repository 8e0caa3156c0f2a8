/**
 * Who is calling an API of ours: the operator, a user, a service account or a resource server, by access token or key.
 * Rules: roles are read as they stand now, never from the token; one answer for every way of being wrong; failed
 * attempts are counted per client address.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Caller } from '../access/authority.ts'
import { digestOf, isApiKey } from '../accounts/api-key.ts'
import { addressKey, type Failures } from '../accounts/failures.ts'
import type { HolderOf } from '../accounts/recognize.ts'
import type { Origin } from '../audit/origin.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Dpop, Shown } from '../tokens/dpop.ts'
import type { ReadOwn } from '../tokens/own.ts'
import type { Callers } from './callers.ts'

/**
 * `secrets`: what the caller showed, in each way in which it can be read; none when it showed nothing. `dpop`: of a
 * caller that showed it as a bound token (RFC 9449 §7.1).
 * Throws Refusal: unauthenticated, rate_limited, possession_unproven, possession_nonce_required.
 */
export type Identify = (shown: Credentials, origin: Origin) => Promise<Caller>
export type Credentials = { secrets: readonly string[]; dpop?: Shown }

type Needs = {
  operatorKey: string | undefined
  holderOf: HolderOf
  readOwn: ReadOwn
  callers: Callers
  failures: Failures
  dpop: Pick<Dpop, 'check' | 'claim'>
  publicUrl: () => string
}

export function createIdentify(needs: Needs): Identify {
  const { operatorKey, holderOf, readOwn, callers, failures, dpop, publicUrl } = needs
  const operatorDigest = operatorKey === undefined ? undefined : Buffer.from(digestOf(operatorKey))

  const byKey = async (digest: string, origin: Origin): Promise<Caller | undefined> => {
    const holder = await holderOf(digest, origin)
    return holder && callers.ofKey(holder)
  }
  const byToken = async (secret: string, shown: Shown | undefined): Promise<Caller | undefined> => {
    const claims = readOwn(secret)
    if (claims?.aud !== publicUrl()) return undefined
    if (claims.cnf) await provePossession(dpop, claims.cnf, secret, shown)
    // RFC 9449 §7.1: what is shown as bound must be.
    else if (shown) return undefined
    const reads = !claims.scope.split(' ').includes('projects:write')
    if (claims.principal === 'user') return callers.user(claims.sub, reads)
    return callers.account(claims.sub, reads, claims.cnf !== undefined)
  }

  // Digests have one length, and comparing them tells nothing of where the secrets differ.
  const isOperators = (digest: string) => operatorDigest && timingSafeEqual(Buffer.from(digest), operatorDigest)

  return async ({ secrets, dpop: shown }, origin) => {
    const digests = secrets.map(digestOf)
    const [secret, digest] = [secrets.at(-1), digests.at(-1)]
    if (secret === undefined || digest === undefined) throw new Refusal('unauthenticated')
    // A key is bound to nothing: shown as a bound token it is not what its bearer says.
    if (!shown && digests.some(isOperators)) return { type: 'operator' }
    const known = isApiKey(secret) && !shown ? byKey(digest, origin) : byToken(secret, shown)
    const refused = await known.then(
      (caller) =>
        caller ??
        new Refusal('unauthenticated', {
          says: 'the access token or API key is unknown, expired, revoked, or of a disabled account',
        }),
      (error: unknown) => {
        if (error instanceof Refusal && error.reason === 'possession_unproven') return error
        throw error
      },
    )
    if (!(refused instanceof Refusal)) return refused
    if (await failures.count(`${addressKey(origin.client.ip)} key`)) throw new Refusal('rate_limited')
    throw refused
  }
}

/** RFC 9449 §7.2. Throws Refusal: possession_unproven, possession_nonce_required, storage_unavailable. */
async function provePossession(
  { check, claim }: Pick<Dpop, 'check' | 'claim'>,
  { jkt }: { jkt: string },
  token: string,
  shown: Shown | undefined,
): Promise<void> {
  if (!shown) throw new Refusal('possession_unproven')
  try {
    const proof = check(shown, token)
    if (proof.jkt !== jkt) throw new Refusal('possession_unproven', { says: 'the proof is of another key' })
    await claim(proof)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.reason === 'dpop_nonce_required') throw new Refusal('possession_nonce_required')
    throw error.reason === 'dpop_proof_invalid' ? new Refusal('possession_unproven', { says: error.says }) : error
  }
}
