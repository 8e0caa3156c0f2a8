/** Signs access tokens: RFC 9068, with our current signing key. */
import { sign } from 'node:crypto'
import {
  type AccessTokenClaims,
  accessTokenType,
  type TokenAlgorithm,
  type TokenResponse,
  tokenTypes,
} from '../../protocol/oauth.ts'
import { claimsOf, type Grant } from './claims.ts'
import type { SigningKey } from './keyring.ts'
import type { Moments } from './moments.ts'

export type Minted = {
  claims: AccessTokenClaims
  response: TokenResponse
  /** Asked when it is on record: what to wait for before it is decided anew, when it may not be handed out any more. */
  late?: () => Promise<void> | undefined
}
export type Mint = (grant: Grant) => Minted

type Needs = {
  signing: () => SigningKey
  issuer: () => string
  now: () => number
  moments: Pick<Moments, 'read'>
  /** The first moment (ms) at which something that came from these ids may be minted, and live. */
  after?: (ids: readonly string[]) => number
  ulid: (ms: number) => string
}

export function createMint({ signing, issuer, now, moments, after = () => 0, ulid }: Needs): Mint {
  return (grant) => {
    const { id, via } = grant.principal
    const moment = Math.max(moments.read(), after([id, ...via]))
    const claims = claimsOf(grant, issuer(), Math.floor(now() / 1000), ulid(moment))
    const key = signing()
    const input = `${key.header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
    const response: TokenResponse = {
      access_token: `${input}.${signatureOf(key, input)}`,
      token_type: grant.proof ? 'DPoP' : 'Bearer',
      issued_token_type: tokenTypes.accessToken,
      expires_in: grant.lifetime,
      scope: grant.scope,
    }
    return { claims, response }
  }
}

/** The header is the same for every token of a key, so it is encoded once. */
export function headerOf(alg: TokenAlgorithm, kid: string): string {
  return Buffer.from(JSON.stringify({ alg, typ: accessTokenType, kid })).toString('base64url')
}

/** JWS signatures (RFC 7518 §3.3 and §3.4, RFC 8037 §3.1); an ECDSA one is r and s side by side, no DER. */
function signatureOf({ alg, privateKey }: SigningKey, input: string): string {
  const data = Buffer.from(input)
  if (alg === 'EdDSA') return sign(null, data, privateKey).toString('base64url')
  return sign('sha256', data, alg === 'ES256' ? { key: privateKey, dsaEncoding: 'ieee-p1363' } : privateKey).toString(
    'base64url',
  )
}
