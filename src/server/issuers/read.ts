/**
 * Reads a stranger's token without believing a word of it (RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725).
 * Pure. Judges form only: what the issuer, the signature, the time and the subject say comes later, in that order.
 * Headers that bring a key of their own (jwk, jku, x5u, x5c) are never looked at.
 */
import type { JsonObject } from '../../protocol/json.ts'
import { accessTokenType, type SubjectAlgorithm, subjectAlgorithms } from '../../protocol/oauth.ts'
import { Refusal } from '../errors/refusal.ts'
import { bytesOf, objectOf, optionalText, partsOf } from './compact.ts'
import { quoted } from './quoted.ts'

export type ReadToken = {
  readonly header: { readonly alg: SubjectAlgorithm; readonly kid?: string; readonly typ?: string }
  /** Frozen throughout. Untrusted until the signature holds. */
  readonly claims: JsonObject
  /** ASCII: the header and claims as they were signed. */
  readonly signingInput: string
  readonly signature: Buffer
  readonly issuer: string
  /** As many as `aud` has: none when it is absent. */
  readonly audiences: readonly string[]
}

export const maxTokenBytes = 16_384
const maxAudiences = 32
const maxSubjectBytes = 1_024
/** The last claim of NumericDate that a double can tell from its neighbour. */
const maxTime = 2 ** 53

const malformed = (what: string) =>
  new Refusal('token_malformed', { says: `the subject token is not a well-formed signed JWT: ${what}` })

/** Throws Refusal: token_too_large, token_malformed, algorithm_not_allowed, critical_header or issuer_missing. */
export function readToken(token: string): ReadToken {
  // A string has at least as many bytes as characters, and a token of other than ASCII has no good form anyway.
  if (token.length > maxTokenBytes) throw new Refusal('token_too_large')

  const parts = partsOf(token, malformed)
  const header = readHeader(objectOf(parts.header, 'header', malformed))
  if (parts.signature === '') throw malformed('it is not signed')
  const signature = bytesOf(parts.signature, 'signature', malformed)
  const claims = objectOf(parts.claims, 'claims', malformed)
  const audiences = judgeClaims(claims)

  const issuer = claims.iss
  if (typeof issuer !== 'string' || issuer === '') throw new Refusal('issuer_missing')
  return { header, claims, signingInput: parts.signingInput, signature, issuer, audiences }
}

/** Whom a token names that was refused as it was read: for the trail alone. */
export function namedIn(token: string): Pick<ReadToken, 'issuer' | 'audiences'> | undefined {
  if (token.length > maxTokenBytes) return undefined
  try {
    const claims = objectOf(token.split('.', 2)[1] ?? '', 'claims', malformed)
    return { issuer: optionalText(claims, 'iss', malformed) ?? '', audiences: readAudiences(claims) }
  } catch {
    return undefined
  }
}

function readHeader(header: JsonObject): ReadToken['header'] {
  const { alg } = header
  if (typeof alg !== 'string') throw malformed('its header has no alg')
  if (!isSubjectAlgorithm(alg)) {
    throw new Refusal('algorithm_not_allowed', {
      says: `the subject token is signed with an algorithm not accepted here: ${quoted(alg)}`,
    })
  }
  if (Object.hasOwn(header, 'crit')) throw new Refusal('critical_header')
  if (Object.hasOwn(header, 'b64')) throw malformed('its header has b64')
  const kid = optionalText(header, 'kid', malformed)
  const typ = optionalText(header, 'typ', malformed)
  if (typ !== undefined && isAccessToken(typ)) throw malformed('it is an access token (typ is at+jwt)')
  return { alg, ...(kid !== undefined && { kid }), ...(typ !== undefined && { typ }) }
}

const isSubjectAlgorithm = (alg: string): alg is SubjectAlgorithm =>
  (subjectAlgorithms as readonly string[]).includes(alg)

/** Media types are compared without regard to case, and `application/` may be left out (RFC 7515 §4.1.9). */
const isAccessToken = (typ: string) => typ.toLowerCase().replace(/^application\//, '') === accessTokenType

/** Types of the registered claims. Whether they are there, and what they say, is judged later. */
function judgeClaims(claims: JsonObject): readonly string[] {
  optionalText(claims, 'iss', malformed)
  optionalText(claims, 'jti', malformed)
  for (const name of ['exp', 'nbf', 'iat']) {
    if (!Object.hasOwn(claims, name)) continue
    const time = claims[name]
    if (typeof time !== 'number' || Math.abs(time) > maxTime) throw malformed(`its ${name} is not a time in seconds`)
  }
  judgeSubject(optionalText(claims, 'sub', malformed) ?? '')
  return readAudiences(claims)
}

function judgeSubject(subject: string): void {
  if (Buffer.byteLength(subject) > maxSubjectBytes) throw malformed('its sub is longer than 1,024 bytes')
  if (/\p{Cc}/u.test(subject)) throw malformed('its sub holds control characters')
}

function readAudiences(claims: JsonObject): readonly string[] {
  if (!Object.hasOwn(claims, 'aud')) return []
  const { aud } = claims
  if (typeof aud === 'string') return [aud]
  if (!Array.isArray(aud)) throw malformed('its aud is neither a string nor a list of strings')
  if (aud.length > maxAudiences) throw malformed('its aud has more than 32 members')
  if (!aud.every((one) => typeof one === 'string')) throw malformed('its aud holds something that is not a string')
  return aud
}
