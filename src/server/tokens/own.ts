/**
 * Reads back what we handed out: our own access tokens (RFC 9068 §4), as bearer credentials and in introspection.
 * Rules: a signature is checked once, as that costs more than all the rest of an answer; whatever may end a token (its
 * key, our name, time, a revocation) is asked at every use. A token that was checked is known by its digest; its text is
 * not kept, and nothing is kept of one that was refused.
 */
import { hash, verify } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { ulidTime } from '../../protocol/ids.ts'
import { type AccessTokenClaims, accessTokenType } from '../../protocol/oauth.ts'
import { type RevocableIds, revocableIds } from './claims.ts'
import type { PublishedKey } from './keyring.ts'
import type { Revocations } from './revocations.ts'

/** Claims of a token that is ours, genuine, in time and not revoked; undefined for anything else, whatever is wrong. */
export type ReadOwn = (token: string) => AccessTokenClaims | undefined

/** What the signature proves; `key`: the one that it was checked with. Frozen throughout, since many get the same. */
type Genuine = { key: PublishedKey; claims: AccessTokenClaims; ids: RevocableIds; mintedAt: number }
export type Bounds = { most: number; mostBytes: number }

type Needs = {
  find: (kid: string) => PublishedKey | undefined
  issuer: () => string
  revocations: Pick<Revocations, 'ended'>
  now: () => number
  /** Of what is remembered. */
  bounds?: Bounds
}

const form = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
const longest = 16_384
/** Bytes beside the text: the digest, the entry, the ids. Measured: 1.1 KB for a token of 760 characters, 5.1 KB for 6,100. */
const overhead = 512
const usual: Bounds = { most: 10_000, mostBytes: 8 * 1024 * 1024 }

export function createReadOwn({ find, issuer, revocations, now, bounds = usual }: Needs): ReadOwn {
  const checked = new LRUCache<string, Genuine>({ max: bounds.most, maxSize: bounds.mostBytes })

  const recall = (digest: string): Genuine | undefined => {
    const known = checked.get(digest)
    // The very key, not one of its name: what another key would say of the signature is not known.
    return known && find(known.key.kid) === known.key ? known : undefined
  }
  const check = (token: string): Genuine | undefined => {
    if (!form.test(token)) return undefined
    const [head, body, tail] = token.split('.') as [string, string, string]
    const header = decoded(head)
    const key = typeof header?.kid === 'string' ? find(header.kid) : undefined
    if (!header || !key || header.alg !== key.alg || header.typ !== accessTokenType) return undefined
    if (!verifies(key, `${head}.${body}`, tail)) return undefined
    // Signed by us, so it has the shape that we gave it.
    const claims = decoded(body) as AccessTokenClaims | undefined
    return claims && { key, claims: frozen(claims), ids: revocableIds(claims), mintedAt: ulidTime(claims.jti) }
  }
  const stands = ({ claims, ids, mintedAt }: Genuine): boolean =>
    claims.iss === issuer() && claims.exp * 1000 > now() && !revocations.ended(ids, mintedAt)

  return (token) => {
    if (token.length > longest) return undefined
    const digest = hash('sha256', token, 'latin1')
    const known = recall(digest)
    const genuine = known ?? check(token)
    if (!genuine || !stands(genuine)) return undefined
    if (!known) checked.set(digest, genuine, { size: token.length + overhead })
    return genuine.claims
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

function frozen(claims: AccessTokenClaims): AccessTokenClaims {
  Object.freeze(claims.idp)
  Object.freeze(claims.cnf)
  return Object.freeze(claims)
}
