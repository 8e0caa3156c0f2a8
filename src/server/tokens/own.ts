/** Reads back what we handed out: our own access tokens (RFC 9068 §4), as bearer credentials and in introspection. */
import { verify } from 'node:crypto'
import { ulidTime } from '../../protocol/ids.ts'
import { type AccessTokenClaims, accessTokenType } from '../../protocol/oauth.ts'
import { revocableIds } from './claims.ts'
import type { PublishedKey } from './keyring.ts'
import type { Revocations } from './revocations.ts'

/** Claims of a token that is ours, genuine, in time and not revoked; undefined for anything else, whatever is wrong. */
export type ReadOwn = (token: string) => AccessTokenClaims | undefined

type Needs = {
  find: (kid: string) => PublishedKey | undefined
  issuer: () => string
  revocations: Pick<Revocations, 'ended'>
  now: () => number
}

const form = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
const longest = 16_384

export function createReadOwn({ find, issuer, revocations, now }: Needs): ReadOwn {
  return (token) => {
    if (token.length > longest || !form.test(token)) return undefined
    const [head, body, tail] = token.split('.') as [string, string, string]
    const header = decoded(head)
    const key = typeof header?.kid === 'string' ? find(header.kid) : undefined
    if (!header || !key || header.alg !== key.alg || header.typ !== accessTokenType) return undefined
    if (!verifies(key, `${head}.${body}`, tail)) return undefined
    // Signed by us, so it has the shape that we gave it.
    const claims = decoded(body) as AccessTokenClaims | undefined
    if (!claims || claims.iss !== issuer() || claims.exp * 1000 <= now()) return undefined
    return revocations.ended(revocableIds(claims), ulidTime(claims.jti)) ? undefined : claims
  }
}

function verifies({ alg, publicKey }: PublishedKey, input: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64url')
  if (bytes.toString('base64url') !== signature) return false
  const data = Buffer.from(input)
  if (alg === 'EdDSA') return verify(null, data, publicKey, bytes)
  return verify('sha256', data, alg === 'ES256' ? { key: publicKey, dsaEncoding: 'ieee-p1363' } : publicKey, bytes)
}

function decoded(segment: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(segment, 'base64url').toString()) as Record<string, unknown>
  } catch {
    return undefined
  }
}
