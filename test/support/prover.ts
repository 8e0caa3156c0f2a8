/** Proofs of possession (RFC 9449 §4.2), made with jose. */
import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

type Claims = Record<string, unknown>
export type ProofAsk = {
  url: string
  method?: string
  nonce?: string | null
  /** The access token that is shown with it. */
  token?: string
  claims?: Claims
  header?: Claims
}
export type Prover = Awaited<ReturnType<typeof createProver>>

export async function createProver(alg = 'ES256') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  return {
    jwk,
    privateJwk: (await exportJWK(privateKey)) as JWK,
    jkt: await calculateJwkThumbprint(jwk),
    /** A good proof but for what is said otherwise; undefined takes a claim or header away. */
    proof({ url, method = 'POST', nonce, token, claims = {}, header = {} }: ProofAsk): Promise<string> {
      const ath = token && createHash('sha256').update(token).digest('base64url')
      const more = { ...(nonce ? { nonce } : {}), ...(ath ? { ath } : {}) }
      const iat = Math.floor(Date.now() / 1000)
      return new SignJWT({ jti: randomUUID(), htm: method, htu: url, iat, ...more, ...claims })
        .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk, ...header })
        .sign(privateKey)
    },
  }
}
