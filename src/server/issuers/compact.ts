/**
 * A signed token in compact form, as strangers send it (RFC 7515 §3.1 and §7.1): strict base64url of one spelling, strict
 * JSON of one object. Pure, and in time linear in the text. What is wrong is said by whoever reads: `malformed` makes the
 * refusal of a sentence that begins with the token.
 */
import { isUtf8 } from 'node:buffer'
import type { JsonObject } from '../../protocol/json.ts'
import { parseStrictJson } from '../../protocol/strict-json.ts'
import type { Refusal } from '../errors/refusal.ts'

export type Malformed = (what: string) => Refusal

/** The three parts, still encoded. `signingInput`: ASCII, the header and claims as they were signed. */
export type Parts = { header: string; claims: string; signature: string; signingInput: string }

export function partsOf(token: string, malformed: Malformed): Parts {
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 0 || second < 0) throw malformed('it does not have three parts separated by dots')
  if (token.indexOf('.', second + 1) >= 0) {
    throw malformed('it has more than three parts (an encrypted token is not accepted)')
  }
  return {
    header: token.slice(0, first),
    claims: token.slice(first + 1, second),
    signature: token.slice(second + 1),
    signingInput: token.slice(0, second),
  }
}

/** Decodes base64url that has one spelling only: no padding, no white space, no stray bits at the end. */
export function bytesOf(part: string, name: string, malformed: Malformed): Buffer {
  const decoded = Buffer.from(part, 'base64url')
  if (decoded.length === 0 || decoded.toString('base64url') !== part) {
    throw malformed(`its ${name} is not canonical base64url`)
  }
  return decoded
}

/** Frozen throughout. */
export function objectOf(part: string, name: string, malformed: Malformed): JsonObject {
  const decoded = bytesOf(part, name, malformed)
  if (!isUtf8(decoded)) throw malformed(`its ${name} part is not UTF-8`)
  const json = parseStrictJson(decoded.toString('utf8'))
  if (json.ok) return json.value
  throw malformed(
    json.fault === 'duplicate'
      ? `its ${name} part repeats a member`
      : `its ${name} part is not an acceptable JSON object`,
  )
}

export function optionalText(from: JsonObject, member: string, malformed: Malformed): string | undefined {
  if (!Object.hasOwn(from, member)) return undefined
  const value = from[member]
  if (typeof value !== 'string') throw malformed(`its ${member} is not a string`)
  return value
}
