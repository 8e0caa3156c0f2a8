/**
 * Whether whoever shows a bound access token holds the key that it is bound to (RFC 9449 §4.3 and §7.1).
 * Rules: a bound token without a proof is nobody's, and so is an unbound one that is shown as bound; a proof is for one
 * method and one URL of this API, as the API calls itself and never as a Host header does; it is fresh, and serves once.
 */
import { calculateJwkThumbprint, compactVerify, EmbeddedJWK, type JWK } from 'jose'
import type { Claims } from './caller.ts'
import { digestOf } from './credential.ts'
import { createNonces, type Nonces } from './nonces.ts'
import { VerifyError } from './verify-error.ts'

/** How a token was shown by `Authorization: DPoP …`: the DPoP header, and what it was sent with. `url`: whole, or from the path on. */
export type Shown = { proof: string | null | undefined; method: string; url: string }
export type DpopOptions = {
  /** Under which callers reach this API, such as https://tracker.example.com: what a proof must be for. */
  url: string
  /** At least 32 characters, the same on all replicas of the API: then proofs need a nonce, and none can be made ahead. */
  nonceSecret?: string
  /**
   * True when this id was not claimed before, until then (ms since 1970). Atomic, and of all replicas together. Without it
   * each process remembers by itself.
   */
  claim?: (id: string, until: number) => Promise<boolean>
}
/** The thumbprint of the key, when there is one. Throws VerifyError: possession_unproven, nonce_required. */
export type CheckPossession = (
  token: string,
  jkt: string | undefined,
  shown: Shown | undefined,
) => Promise<string | undefined>

/** `clockTolerance`: seconds. `now`: ms since 1970. */
type Needs = { dpop: DpopOptions | undefined; clockTolerance: number; now: () => number }

export const proofAlgorithms = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
]
/** Seconds that a proof without a nonce of ours may be old. */
const freshFor = 60
const nonceServes = 420
const longest = 16_384

const unproven = (says: string, cause?: unknown) => new VerifyError('possession_unproven', { says, cause })

export function createCheckPossession({ dpop, clockTolerance, now }: Needs): CheckPossession {
  if (dpop === undefined)
    return async (_token, jkt, shown) => {
      if (jkt !== undefined || shown !== undefined)
        throw unproven('this API takes no tokens that are bound to a key: obtain one without a proof (DPoP)')
      return undefined
    }
  const nonces = dpop.nonceSecret === undefined ? undefined : createNonces({ secret: dpop.nonceSecret, now })
  const claim = dpop.claim ?? createClaim(now)
  const base = (bare(dpop.url) ?? dpop.url).replace(/\/+$/, '')

  return async (token, jkt, shown) => {
    if (jkt === undefined && shown === undefined) return undefined
    if (jkt === undefined) throw unproven('the credential is bound to no key: send it as Bearer')
    if (shown === undefined) throw new VerifyError('possession_unproven')
    const { payload, key } = await readProof(shown.proof)
    if ((await calculateJwkThumbprint(key)) !== jkt) throw unproven('the proof is of another key than the token')
    const { htm, htu, ath, jti, iat } = payload
    if (htm !== shown.method) throw unproven(`the proof is not for ${shown.method} (htm)`)
    const own = base + pathOf(shown.url)
    // The path as it was sent, which is what a router goes by: to it `/a/../b` is not `/b`.
    if (typeof htu !== 'string' || bare(htu) !== own) throw unproven('the proof is not for this URL (htu)')
    if (ath !== (await tokenHash(token))) throw unproven('the proof is not for this access token (ath)')
    if (typeof jti !== 'string' || jti === '' || typeof iat !== 'number') throw unproven('the proof has no jti or iat')
    const until = await freshUntil(payload, iat, nonces)
    const id = await digestOf([jkt, shown.method, own, jti].join('\n'))
    if (!(await claim(id, until))) throw unproven('the proof was used before')
    return jkt
  }

  /** ms since 1970. */
  async function freshUntil(payload: Claims, iat: number, nonces: Nonces | undefined): Promise<number> {
    if (nonces) {
      if (await nonces.isFresh(payload.nonce)) return now() + nonceServes * 1000
      throw new VerifyError('nonce_required', { nonce: await nonces.issue() })
    }
    const window = freshFor + clockTolerance
    if (Math.abs(now() / 1000 - iat) > window) throw unproven('the proof is too old, or from the future (iat)')
    return (iat + window + 1) * 1000
  }
}

async function readProof(proof: Shown['proof']): Promise<{ payload: Claims; key: JWK }> {
  if (!proof) throw new VerifyError('possession_unproven')
  if (proof.length > longest) throw unproven('the proof is too long')
  try {
    const { payload, protectedHeader } = await compactVerify(proof, EmbeddedJWK, { algorithms: proofAlgorithms })
    if (protectedHeader.typ !== 'dpop+jwt') throw new Error('its typ is not dpop+jwt')
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
    if (typeof claims !== 'object' || claims === null) throw new Error('its claims are no JSON object')
    return { payload: claims as Claims, key: protectedHeader.jwk as JWK }
  } catch (cause) {
    throw unproven('the proof of possession is not acceptable (RFC 9449 §4.3)', cause)
  }
}

/** As RFC 9449 §4.3 compares: without query and fragment, in its normal form. */
function bare(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

/** As it was sent, without its query. Whose name a whole URL bears counts for nothing here. */
const pathOf = (url: string): string =>
  url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '') || '/'

/** base64url of the SHA-256 (RFC 9449 §4.2, `ath`). */
async function tokenHash(token: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

/** Ids that one process remembers, at the most: some thousand proofs a second. */
const mostClaims = 500_000

/** In this process. What it cannot remember it does not let in. */
function createClaim(now: () => number): NonNullable<DpopOptions['claim']> {
  const claimed = new Map<string, number>()
  let oldest = Number.POSITIVE_INFINITY
  function forget(): void {
    oldest = Number.POSITIVE_INFINITY
    for (const [id, until] of claimed) {
      if (until < now()) claimed.delete(id)
      else oldest = Math.min(oldest, until)
    }
  }
  return async (id, until) => {
    if (claimed.has(id)) return false
    if (claimed.size >= mostClaims || (claimed.size % 10_000 === 9_999 && oldest < now())) forget()
    if (claimed.size >= mostClaims) throw new VerifyError('unavailable', { says: 'too many proofs at a time' })
    claimed.set(id, until)
    oldest = Math.min(oldest, until)
    return true
  }
}
