/**
 * A pasted token, read in this browser and nowhere else. Its signature is dropped before anything is looked at, and what
 * is given back holds claims alone: with those nobody can sign in anywhere. Nothing is verified: that is the service's work.
 */
import type { Scalar } from '../../wire/shapes.ts'

export type TokenClaim = {
  /** A name of the top level, or a JSON pointer, as conditions have it. */
  claim: string
  /** Of a list its members, of which a condition needs one. */
  values: readonly Scalar[]
}
export type ReadToken = {
  issuer: string | undefined
  subject: string | undefined
  audiences: string[]
  /** Seconds since 1970. */
  expires: number | undefined
  claims: TokenClaim[]
}

/** The service takes no longer one. */
const longest = 16_384
const deepest = 4
const most = 100
const notHere = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'])

/** `fault`: why it cannot be read, in a sentence that repeats nothing of it. */
export function readToken(pasted: string): ReadToken | { fault: string } {
  const text = pasted.trim().replace(/^(?:Authorization:\s*)?Bearer\s+/i, '')
  if (text.length > longest) return { fault: `It is longer than a token may be (${longest} characters).` }
  const parts = text.split('.')
  if (parts.length !== 3) return { fault: 'It is no token: one has three parts with dots between them.' }
  const [, payload = ''] = parts
  const claims = objectIn(payload)
  if (!claims)
    return { fault: 'Its second part is no JSON object in base64url: it was cut, or it is another kind of text.' }
  const { iss, sub, aud, exp } = claims
  return {
    issuer: typeof iss === 'string' ? iss : undefined,
    subject: typeof sub === 'string' ? sub : undefined,
    audiences: [aud].flat().filter((one) => typeof one === 'string'),
    expires: typeof exp === 'number' && Number.isFinite(exp) ? exp : undefined,
    claims: claimsIn(claims, []).slice(0, most),
  }
}

/** Whether it looks like one, so that it goes the right way whichever field it was pasted into. */
export const isLikeToken = (text: string): boolean =>
  /^(?:Authorization:\s*)?(?:Bearer\s+)?[\w-]{10,}\.[\w-]{10,}\.[\w-]*$/i.test(text.trim())

type JsonObject = Record<string, unknown>

function objectIn(part: string): JsonObject | undefined {
  if (!/^[\w-]+$/.test(part)) return undefined
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))
    const read: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as JsonObject) : undefined
  } catch {
    return undefined
  }
}

const isScalar = (value: unknown): value is Scalar =>
  (typeof value === 'string' && value !== '' && value.length <= 1024) ||
  typeof value === 'boolean' ||
  // What JSON cannot tell from its neighbour is equal to nothing.
  (typeof value === 'number' && (!Number.isInteger(value) || Number.isSafeInteger(value)))

function claimsIn(found: JsonObject, above: readonly string[]): TokenClaim[] {
  return Object.entries(found).flatMap(([name, value]): TokenClaim[] => {
    const path = [...above, name]
    if (above.length === 0 && notHere.has(name)) return []
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return path.length < deepest ? claimsIn(value as JsonObject, path) : []
    const values = [value].flat().filter(isScalar).slice(0, 50)
    const claim = claimOf(path)
    return values.length === 0 || claim.length > 256 ? [] : [{ claim, values }]
  })
}

/** A name of the top level as it is; else a JSON pointer (RFC 6901). */
function claimOf(path: readonly string[]): string {
  const [name = ''] = path
  if (path.length === 1 && !name.startsWith('/')) return name
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
