/**
 * Proofs of possession (RFC 9449 §4): whoever asks for a token, or shows one, holds the private key that it is bound to.
 * Rules: a proof is read as strictly as a subject token; it is for one method and one URL of ours, as PUBLIC_URL names
 * it and never as a Host header does; it bears a nonce of ours, so that none can be made ahead and no clock but ours
 * counts; it serves once, on all replicas together. A token that is bound is worth nothing without a proof.
 */
import { hash } from 'node:crypto'
import type { JsonObject } from '../../protocol/json.ts'
import { proofType, type SubjectAlgorithm, subjectAlgorithms } from '../../protocol/oauth.ts'
import { Refusal } from '../errors/refusal.ts'
import { bytesOf, objectOf, optionalText, partsOf } from '../issuers/compact.ts'
import { judgeKey } from '../issuers/jwk.ts'
import { signatureHolds } from '../issuers/signature.ts'
import { type Nonces, nonceLifetime } from './nonce.ts'
import type { ReplayStore } from './store.ts'

/** What came with a request: every DPoP header, and what the proof must be for. `url` without query and fragment. */
export type Shown = { proofs: readonly string[]; method: string; url: string }
/** `jkt`: the RFC 7638 thumbprint (SHA-256, base64url) of the key. */
export type Proof = { readonly jkt: string; readonly digest: string }

export type Dpop = {
  /** `token`: the access token that is shown with the proof. Throws Refusal: dpop_proof_invalid, dpop_nonce_required. */
  check(shown: Shown, token?: string): Proof
  /** Throws Refusal('dpop_proof_invalid') when it was claimed before. */
  claim(proof: Proof): Promise<void>
  /** For the next proof. */
  nonce(): string
}

type Needs = { nonces: Nonces; store: Pick<ReplayStore, 'claim'>; now: () => number }

const longest = 16_384
const longestId = 1_024

const invalid = (what: string) =>
  new Refusal('dpop_proof_invalid', { says: `the proof of possession (DPoP) is not acceptable: ${what}` })

export function createDpop({ nonces, store, now }: Needs): Dpop {
  return {
    check({ proofs, method, url }, token) {
      const [text, ...others] = proofs
      if (text === undefined || others.length > 0) throw invalid('there must be one DPoP header, and one proof in it')
      const { claims, jkt } = readProof(text)
      const { htm, htu, jti, iat, ath } = claims
      if (typeof jti !== 'string' || jti === '' || jti.length > longestId) throw invalid('it has no jti')
      if (typeof iat !== 'number') throw invalid('it has no iat')
      if (htm !== method) throw invalid(`its htm is not ${method}`)
      // The path as it was sent, which is what a router goes by: to it `/a/../b` is not `/b`.
      if (typeof htu !== 'string' || bare(htu) !== url) throw invalid(`its htu is not ${url}`)
      if (token !== undefined && ath !== hash('sha256', token, 'base64url'))
        throw invalid('its ath is not of the access token')
      const nonce = optionalText(claims, 'nonce', invalid)
      if (nonce === undefined || !nonces.isFresh(nonce)) throw new Refusal('dpop_nonce_required')
      return { jkt, digest: hash('sha256', ['dpop', jkt, htm, url, jti].join('\n')) }
    },
    async claim({ digest }) {
      // A minute more, for clocks that differ.
      const first = await store.claim(digest, now(), now() + (nonceLifetime + 60) * 1000)
      if (first !== undefined) throw invalid('it was used before')
    },
    nonce: () => nonces.issue(),
  }
}

function readProof(text: string): { claims: JsonObject; jkt: string } {
  if (text.length > longest) throw invalid('it is larger than 16,384 bytes')
  const parts = partsOf(text, invalid)
  const header = objectOf(parts.header, 'header', invalid)
  const { alg, jwk } = header
  if (header.typ !== proofType) throw invalid(`its typ is not ${proofType}`)
  if (!isSubjectAlgorithm(alg)) throw invalid('its alg is not accepted here')
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) throw invalid('its header has crit or b64')
  const judged = judgeKey(jwk)
  if (!judged.ok) throw invalid(`of its jwk, ${judged.why}`)
  if (!judged.algorithms.includes(alg)) throw invalid('its alg is not one of its jwk')
  const signature = bytesOf(parts.signature, 'signature', invalid)
  const claims = objectOf(parts.claims, 'claims', invalid)
  if (!signatureHolds(alg, judged.key, Buffer.from(parts.signingInput, 'latin1'), signature))
    throw invalid('its signature does not verify')
  return { claims, jkt: thumbprint(judged.key.export({ format: 'jwk' }) as Record<string, unknown>) }
}

const isSubjectAlgorithm = (alg: unknown): alg is SubjectAlgorithm =>
  (subjectAlgorithms as readonly unknown[]).includes(alg)

/** RFC 7638 §3.2, RFC 8037 §2: the required members, in the order of their names. Of the key as it is, not as it was spelled. */
function thumbprint({ kty, crv, e, n, x, y }: Record<string, unknown>): string {
  const members = kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x }
  return hash('sha256', JSON.stringify(members), 'base64url')
}

/** As RFC 9449 §4.3 compares: without query and fragment, in its normal form (RFC 3986 §6.2.2 and §6.2.3). */
function bare(url: string): string | undefined {
  const parsed = URL.parse(url)
  return parsed ? parsed.origin + parsed.pathname : undefined
}
