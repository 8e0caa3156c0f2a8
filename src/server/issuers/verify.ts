/**
 * Whom do we believe? A token that was read becomes a VerifiedToken, or a Refusal (domain.md, steps 3 to 6).
 * Rules of this room: nothing of a token is believed before its signature holds; the order is issuer, algorithm, key,
 * signature, time, subject, and the first refusal ends it; a refusal says what is wrong with the caller's token, never
 * what is registered; keys and what an admin names are judged when they are taken in; signatures are checked in place.
 * read: form · find-registration: whom it is for · keys, discovery, outbound: whose keys · time: when.
 */
import { hash } from 'node:crypto'
import type { JsonObject } from '../../protocol/json.ts'
import type { SubjectAlgorithm } from '../../protocol/oauth.ts'
import { Refusal } from '../errors/refusal.ts'
import { createFindRegistration, type Found, ownerOf } from './find-registration.ts'
import type { Keys } from './keys.ts'
import type { Registration } from './model.ts'
import { quoted } from './quoted.ts'
import type { ReadToken } from './read.ts'
import { signatureHolds } from './signature.ts'
import type { RegistrationLookups } from './store.ts'
import { judgeTime } from './time.ts'

declare const verified: unique symbol

/** A token whose issuer, signature, times and subject hold. Made here alone. */
export type VerifiedToken = {
  readonly [verified]: true
  readonly registration: Registration
  /** The organization's name. */
  readonly org: string
  readonly issuer: string
  readonly subject: string
  readonly audiences: readonly string[]
  readonly claims: JsonObject
  readonly jti?: string
  /** Seconds since 1970. */
  readonly expiresAt: number
  /** Hex SHA-256 that is the same for every spelling of this token, and for no other. Most issuers do not ask for it. */
  replayDigest(): string
}

/** Throws Refusal; whose trail it belongs in is in its `detail`, where that is known. */
export type Verify = (read: ReadToken) => Promise<VerifiedToken>

type Needs = {
  lookups: Omit<RegistrationLookups, 'audienceHolder'>
  keys: Pick<Keys, 'find'>
  /** Milliseconds since 1970. */
  clock: () => number
}

export function createVerify({ lookups, keys, clock }: Needs): Verify {
  const findRegistration = createFindRegistration(lookups)

  return async (read) => {
    const found = await findRegistration(read)
    try {
      await checkSignature(read, found.registration, keys)
      checkTime(read, found.registration, clock() / 1000)
      return verifiedToken(read, found, subjectOf(read.claims))
    } catch (error) {
      throw error instanceof Refusal ? attributed(error, found) : error
    }
  }
}

/** Throws Refusal algorithm_not_allowed, key_not_found, signature_invalid or issuer_unavailable. */
export async function checkSignature(
  { header: { alg, kid }, signingInput, signature }: ReadToken,
  registration: Registration,
  keys: Pick<Keys, 'find'>,
): Promise<void> {
  if (!isAllowed(alg, registration.algorithms)) {
    throw new Refusal('algorithm_not_allowed', {
      says: `the subject token is signed with an algorithm not accepted from its issuer: ${quoted(alg)}`,
    })
  }
  const fitting = await keys.find(registration, kid, alg)
  if (fitting.length === 0) {
    const which = kid === undefined ? 'no kid' : `kid ${quoted(kid)}`
    throw new Refusal('key_not_found', {
      says: `the issuer publishes no key that fits the subject token, which has ${which} and alg ${quoted(alg)}`,
    })
  }
  const input = Buffer.from(signingInput, 'latin1')
  if (!fitting.some(({ key }) => signatureHolds(alg, key, input, signature))) throw new Refusal('signature_invalid')
}

/** `EdDSA` and `Ed25519` are one algorithm (RFC 9864). */
function isAllowed(alg: SubjectAlgorithm, allowed: readonly SubjectAlgorithm[]): boolean {
  if (allowed.includes(alg)) return true
  if (alg === 'EdDSA') return allowed.includes('Ed25519')
  return alg === 'Ed25519' && allowed.includes('EdDSA')
}

/** Throws Refusal for the first fault of judgeTime. `now` is in seconds. */
export function checkTime({ claims }: Pick<ReadToken, 'claims'>, registration: Registration, now: number): void {
  const fault = judgeTime(claims, registration, now)
  if (fault) throw new Refusal(fault.reason, fault.says === undefined ? {} : { says: fault.says })
}

/** Throws Refusal subject_missing. What else may be wrong with a subject was judged when the token was read. */
export function subjectOf({ sub }: JsonObject): string {
  if (typeof sub !== 'string' || sub === '') throw new Refusal('subject_missing')
  return sub
}

function verifiedToken(read: ReadToken, { registration, org }: Found, subject: string): VerifiedToken {
  const { claims, issuer, audiences } = read
  const { jti, exp } = claims
  return Object.freeze({
    registration,
    org,
    issuer,
    subject,
    audiences,
    claims,
    ...(typeof jti === 'string' && jti !== '' && { jti }),
    expiresAt: exp as number,
    // No getter: each would be a shape of its own, and keep the whole token until the old heap is cleared.
    replayDigest: () => replayDigest(registration, read),
  }) as VerifiedToken
}

/**
 * Not of the token itself: one ECDSA signature has two accepted spellings. The mark keeps a jti from posing as an input.
 * By organization and issuer URL: a registration that is deleted and made anew remembers what was used.
 */
function replayDigest({ orgId, issuer }: Registration, { claims: { jti }, signingInput }: ReadToken): string {
  const identity = typeof jti === 'string' && jti !== '' ? ['jti', jti] : ['input', signingInput]
  return hash('sha256', [orgId, issuer, ...identity].join('\n'))
}

/** The refusal with whose trail it belongs in. */
export function attributed(refusal: Refusal, found: Found): Refusal {
  const { reason, says, detail, errors, retryAfter, cause } = refusal
  return new Refusal(reason, {
    says,
    detail: { ...detail, ...ownerOf(found) },
    cause,
    ...(errors && { errors }),
    ...(retryAfter !== undefined && { retryAfter }),
  })
}
