/**
 * Every subject token is looked at once before it leaves: not to verify it (that is the service's), but to say at once, and
 * with the place where it came from, what the service could only call malformed or expired. A token is never repeated.
 */
import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectToken, SubjectTokenSource } from '../subject-token.ts'
import { audienceOf, claimsOf } from './unverified.ts'

export type Found = {
  readonly token: string
  readonly type: 'jwt' | 'id_token' | 'api_key'
  readonly source: string
  /** What to do should the service not accept its audience. */
  readonly hint?: string
}
type Expected = { readonly audience: string | undefined; readonly now: number }

/** Bytes, as the service has it. */
const longest = 16_384

/** Trimmed, whole, and not expired. Throws SubjectTokenError. */
export function judged(
  { name, whenExpired }: Pick<SubjectTokenSource, 'name' | 'whenExpired'>,
  { token: written, type = 'jwt', hint }: SubjectToken,
  { audience, now }: Expected,
): Found {
  if (typeof written !== 'string') throw new SubjectTokenError(name, 'what it gave is not text')
  const token = written.trim()
  if (token === '') throw new SubjectTokenError(name, 'the token is empty', { code: 'subject_token_empty' })
  // Of more than one byte each are only characters that no token has.
  if (token.length > longest)
    throw new SubjectTokenError(name, `the token is longer than ${longest} bytes`, { code: 'subject_token_too_long' })
  if (type === 'api_key') return { token: keyOf(name, token), type, source: name, ...(hint && { hint }) }

  const claims = claimsOf(token)
  if (!claims)
    throw new SubjectTokenError(name, 'what it gave is not a JWT (three parts of base64url, with a point between)', {
      code: 'subject_token_malformed',
      hint: 'is it an API key? that belongs in COUNTERSIGN_API_KEY',
    })
  const { exp } = claims
  if (typeof exp === 'number' && exp * 1000 <= now)
    throw new SubjectTokenError(name, `the token has expired ${ago(now - exp * 1000)} ago`, {
      code: 'subject_token_expired',
      hint: whenExpired ?? 'the platform has just given it: is the clock of this machine ahead?',
    })
  const advice = hint ?? (audience === undefined ? undefined : misaddressed(audienceOf(token), audience))
  return { token, type, source: name, ...(advice && { hint: advice }) }
}

/** A key goes into a form: white space in it is a slip of whoever pasted it, and a line's end the next line's secret. */
function keyOf(source: string, key: string): string {
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new SubjectTokenError(source, 'the API key has white space or control characters in it', {
      code: 'api_key_malformed',
    })
  return key
}

function misaddressed(has: readonly string[], wanted: string): string | undefined {
  if (has.includes(wanted)) return undefined
  const is = has.length === 0 ? 'the token names no audience' : `the token is for ${has.join(', ')}`
  return `${is}, and not for ${wanted}: have it made for that, or let the issuer accept what it has`
}

function ago(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}
