/**
 * Stands in for a platform (GitHub Actions, GitLab, a cluster) where there is none at hand: this browser signs, as the
 * platform would. The private key cannot be taken out of the browser, and ends with the page; the issuer is registered
 * with its public half, as any that cannot be reached.
 */
import { api } from '../../wire/request.ts'
import type { Issuer } from '../../wire/shapes.ts'

export const practiceName = 'practice'
const url = 'https://practice.invalid'
/** Seconds that a token of it lives. */
const life = 300

type Signer = { kid: string; key: CryptoKey }
/** By organization. */
const signers = new Map<string, Signer>()

/** The browser signs only where the address is https or this machine. */
export const mayPractise = (): boolean => globalThis.crypto?.subtle !== undefined
export const isReady = (org: string): boolean => signers.has(org)

/** Registers it, or gives the registered one a new key. */
export async function openPractice(org: string, registered: Issuer | undefined): Promise<Issuer> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
  const kid = crypto.randomUUID()
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const jwks = { keys: [{ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }] }
  const issuer = registered
    ? await api.patch<Issuer>(`/orgs/${org}/issuers/${registered.id}`, { jwks })
    : await api.post<Issuer>(`/orgs/${org}/issuers`, { name: practiceName, issuer: url, jwks })
  signers.set(org, { kid, key: pair.privateKey })
  return issuer
}

/** A JWT as the platform of a job would sign it (RFC 7519). */
export async function signPractice(org: string, claims: Record<string, unknown>): Promise<string> {
  const signer = signers.get(org)
  if (!signer) throw new Error('the practice key has ended with the page that made it')
  const now = Math.floor(Date.now() / 1000)
  const header = { alg: 'ES256', typ: 'JWT', kid: signer.kid }
  const body = { iss: url, iat: now, exp: now + life, jti: crypto.randomUUID(), ...claims }
  const signed = `${encoded(header)}.${encoded(body)}`
  const bytes = new TextEncoder().encode(signed)
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, signer.key, bytes)
  return `${signed}.${base64url(new Uint8Array(signature))}`
}

const encoded = (value: object) => base64url(new TextEncoder().encode(JSON.stringify(value)))
const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
