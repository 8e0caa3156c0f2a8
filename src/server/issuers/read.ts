/**
 * Reads a stranger's token without believing a word of it (RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725).
 * Pure. Judges form only: what the issuer, the signature, the time and the subject say comes later, in that order.
 * Headers that bring a key of their own (jwk, jku, x5u, x5c) are never looked at.
 */
import { isUtf8 } from 'node:buffer'
import type { JsonObject } from '../../protocol/json.ts'
import { accessTokenType, type SubjectAlgorithm, subjectAlgorithms } from '../../protocol/oauth.ts'
import { parseStrictJson } from '../../protocol/strict-json.ts'
import { Refusal } from '../errors/refusal.ts'
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

  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 0 || second < 0) throw malformed('it does not have three parts separated by dots')
  if (token.indexOf('.', second + 1) >= 0) {
    throw malformed('it has more than three parts (an encrypted token is not accepted)')
  }
  const header = readHeader(object(bytes(token.slice(0, first), 'header'), 'header'))
  if (second + 1 === token.length) throw malformed('it is not signed')
  const signature = bytes(token.slice(second + 1), 'signature')
  const claims = object(bytes(token.slice(first + 1, second), 'claims'), 'claims')
  const audiences = judgeClaims(claims)

  const issuer = claims.iss
  if (typeof issuer !== 'string' || issuer === '') throw new Refusal('issuer_missing')
  return { header, claims, signingInput: token.slice(0, second), signature, issuer, audiences }
}

/** Whom a token names that was refused as it was read: for the trail alone. */
export function namedIn(token: string): Pick<ReadToken, 'issuer' | 'audiences'> | undefined {
  if (token.length > maxTokenBytes) return undefined
  try {
    const claims = object(bytes(token.split('.')[1] ?? '', 'claims'), 'claims')
    return { issuer: optionalText(claims, 'iss') ?? '', audiences: readAudiences(claims) }
  } catch {
    return undefined
  }
}

/** Decodes base64url that has one spelling only: no padding, no white space, no stray bits at the end. */
function bytes(part: string, name: string): Buffer {
  const decoded = Buffer.from(part, 'base64url')
  if (decoded.length === 0 || decoded.toString('base64url') !== part) {
    throw malformed(`its ${name} is not canonical base64url`)
  }
  return decoded
}

function object(decoded: Buffer, name: string): JsonObject {
  if (!isUtf8(decoded)) throw malformed(`its ${name} part is not UTF-8`)
  const json = parseStrictJson(decoded.toString('utf8'))
  if (json.ok) return json.value
  throw malformed(
    json.fault === 'duplicate'
      ? `its ${name} part repeats a member`
      : `its ${name} part is not an acceptable JSON object`,
  )
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
  const kid = optionalText(header, 'kid')
  const typ = optionalText(header, 'typ')
  if (typ !== undefined && isAccessToken(typ)) throw malformed('it is an access token (typ is at+jwt)')
  return { alg, ...(kid !== undefined && { kid }), ...(typ !== undefined && { typ }) }
}

const isSubjectAlgorithm = (alg: string): alg is SubjectAlgorithm =>
  (subjectAlgorithms as readonly string[]).includes(alg)

/** Media types are compared without regard to case, and `application/` may be left out (RFC 7515 §4.1.9). */
const isAccessToken = (typ: string) => typ.toLowerCase().replace(/^application\//, '') === accessTokenType

function optionalText(from: JsonObject, member: string): string | undefined {
  if (!Object.hasOwn(from, member)) return undefined
  const value = from[member]
  if (typeof value !== 'string') throw malformed(`its ${member} is not a string`)
  return value
}

/** Types of the registered claims. Whether they are there, and what they say, is judged later. */
function judgeClaims(claims: JsonObject): readonly string[] {
  optionalText(claims, 'iss')
  optionalText(claims, 'jti')
  for (const name of ['exp', 'nbf', 'iat']) {
    if (!Object.hasOwn(claims, name)) continue
    const time = claims[name]
    if (typeof time !== 'number' || Math.abs(time) > maxTime) throw malformed(`its ${name} is not a time in seconds`)
  }
  judgeSubject(optionalText(claims, 'sub') ?? '')
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
