/** Makes, seals and opens signing keys; says which of them signs, and which are published. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { TokenAlgorithm } from '../../protocol/oauth.ts'
import { keptFor, longestLife } from './revocations.ts'
import type { Seal } from './seal.ts'
import type { SigningKeyRow } from './store.ts'

const generate = promisify(generateKeyPair) as (
  type: string,
  options: object,
) => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>

/** A fresh key pair, its private half sealed with its kid: the RFC 7638 thumbprint. `now`: ms. */
export async function makeSigningKey(
  alg: TokenAlgorithm,
  seal: Seal,
  now: number,
  activatesAt: number | null,
): Promise<SigningKeyRow> {
  const pair = await (alg === 'ES256'
    ? generate('ec', { namedCurve: 'P-256' })
    : alg === 'RS256'
      ? generate('rsa', { modulusLength: 3072 })
      : generate('ed25519', {}))
  const bare = pair.publicKey.export({ format: 'jwk' }) as Record<string, string>
  const kid = thumbprint(bare)
  return {
    kid,
    alg,
    publicJwk: { ...bare, kid, use: 'sig', alg },
    sealed: seal.close(pair.privateKey.export({ format: 'der', type: 'pkcs8' }), kid),
    publishedAt: now,
    activatesAt,
    withdrawnAt: null,
  }
}

export function openSigningKey(
  { kid, sealed }: SigningKeyRow,
  seal: Seal,
): { privateKey: KeyObject; previous: boolean } {
  const { plain, previous } = seal.open(sealed, kid)
  return { privateKey: createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' }), previous }
}

export const publicKeyOf = ({ publicJwk }: SigningKeyRow): KeyObject =>
  createPublicKey({ key: { ...publicJwk }, format: 'jwk' })

/** A token may outlive its key's turn by its whole life, and by what clocks differ. */
const afterlife = (longestLife + 300) * 1000

/**
 * The order of keys at a moment, all in ms: the current one is the last that was activated; the next one is the
 * youngest that is yet to be; published are all that are not withdrawn and may still be needed; gone are those that can be
 * forgotten.
 */
export function ringAt(rows: readonly SigningKeyRow[], now: number) {
  const alive = rows.filter(({ withdrawnAt }) => withdrawnAt === null)
  const active = alive.filter(isActive(now)).sort((a, b) => a.activatesAt - b.activatesAt)
  // A clock that was set back to before the first key's turn finds that key signing all the same.
  const current = active.at(-1) ?? alive.filter(isActive(Infinity)).sort((a, b) => a.activatesAt - b.activatesAt)[0]
  const next = alive
    .filter((row) => row !== current && !isActive(now)(row))
    .sort((a, b) => a.publishedAt - b.publishedAt)
    .at(-1)
  const isPast = (span: number) => (_: unknown, i: number) => (active[i + 1]?.activatesAt ?? Infinity) + span <= now
  const dead = new Set(active.filter(isPast(afterlife)).map(({ kid }) => kid))
  // A clock that ran fast and is set back finds what it needs: keys are kept for a while after nobody needs them.
  const gone = active.filter(isPast(afterlife + keptFor))
  return { current, next, gone, published: alive.filter(({ kid }) => !dead.has(kid)) }
}

const isActive =
  (now: number) =>
  (row: SigningKeyRow): row is SigningKeyRow & { activatesAt: number } =>
    row.activatesAt !== null && row.activatesAt <= now

/** RFC 7638 §3: the required members in order, SHA-256, base64url. */
function thumbprint(jwk: Record<string, string>): string {
  const members =
    jwk.kty === 'EC' ? ['crv', 'kty', 'x', 'y'] : jwk.kty === 'RSA' ? ['e', 'kty', 'n'] : ['crv', 'kty', 'x']
  const text = JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])))
  return createHash('sha256').update(text).digest('base64url')
}
