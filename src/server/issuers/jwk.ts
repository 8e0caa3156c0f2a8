/**
 * Keys are judged when a set is taken in, not when a token arrives (RFC 7517, RFC 7518 §6, RFC 8037 §2). One key, one
 * family of algorithms; what would make the runtime throw is unfit here. Pure.
 */
import { createPublicKey, type KeyObject, type webcrypto } from 'node:crypto'
import type { SubjectAlgorithm } from '../../protocol/oauth.ts'
import type { Jwk } from './model.ts'
import { noSignature, signatureHolds } from './signature.ts'
import { hasRocaFingerprint, isLowOrderPoint } from './weak-keys.ts'

export type UsableKey = {
  readonly key: KeyObject
  readonly kid?: string
  readonly kty: string
  readonly algorithms: readonly SubjectAlgorithm[]
}
export type Judgement = ({ ok: true } & UsableKey) | { ok: false; why: string }

const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const
const curveAlgorithms = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' } as const
const edwardsAlgorithms = ['EdDSA', 'Ed25519'] as const
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
/** Members that say something here (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2); nothing else of an uploaded key is kept. */
const publicMembers = ['kty', 'kid', 'use', 'key_ops', 'alg', 'n', 'e', 'crv', 'x', 'y']
const longestKid = 1_024
const minBits = 2048
const maxBits = 8192
/** base64url characters of the longest modulus, with a leading zero byte to spare. */
const maxModulusLength = Math.ceil(((maxBits / 8 + 1) * 4) / 3)
/** base64url characters of an exponent: 65537 has four. The runtime takes a quarter of a minute for one of 250,000. */
const maxExponentLength = 16

/** Whether a JWK can verify signatures here, and under which algorithms. Never throws. `why` names no key material. */
export function judgeKey(jwk: unknown): Judgement {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return unfit('it is not a JSON object')
  const of = (member: string): unknown => (Object.hasOwn(jwk, member) ? (jwk as never)[member] : undefined)
  const kid = of('kid')
  if (kid !== undefined && typeof kid !== 'string') return unfit('its kid is not a string')
  if (kid !== undefined && kid.length > longestKid) return unfit(`its kid is longer than ${longestKid} characters`)
  if (of('kty') === 'oct') return unfit('it is a symmetric key')
  if (privateMembers.some((member) => of(member) !== undefined)) return unfit('it holds private key material')
  if (of('use') !== undefined && of('use') !== 'sig') return unfit('its use is not sig')
  const operations = of('key_ops')
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return unfit('its key_ops do not include verify')
  }
  const judged = material(of)
  if ('why' in judged) return unfit(judged.why)

  const alg = of('alg')
  const sameAs: readonly unknown[] = isEdwards(alg) ? edwardsAlgorithms : [alg]
  const algorithms = alg === undefined ? judged.algorithms : judged.algorithms.filter((one) => sameAs.includes(one))
  if (algorithms.length === 0) return unfit('its alg is not one that this key serves and that is accepted here')
  try {
    // What a key makes the runtime throw depends on its kind of padding at the most: the first and the last tell.
    for (const one of new Set([algorithms[0], algorithms.at(-1)])) {
      if (one) signatureHolds(one, judged.key, Buffer.from('trial'), noSignature(one, judged.key))
    }
  } catch {
    return unfit('it cannot be used')
  }
  return { ok: true, key: judged.key, kty: String(of('kty')), algorithms, ...(kid !== undefined && { kid }) }
}

/** The key without what says nothing. It was judged before. */
export const bareJwk = (jwk: Jwk): Jwk =>
  Object.fromEntries(Object.entries(jwk).filter(([member]) => publicMembers.includes(member))) as Jwk

/** RFC 9864: one algorithm with two names. */
const isEdwards = (alg: unknown) => (edwardsAlgorithms as readonly unknown[]).includes(alg)

const unfit = (why: string): Judgement => ({ ok: false, why })

type Material = { key: KeyObject; algorithms: readonly SubjectAlgorithm[] } | { why: string }

function material(of: (member: string) => unknown): Material {
  switch (of('kty')) {
    case 'RSA':
      return rsa(of('n'), of('e'))
    case 'EC':
      return elliptic(of('crv'), of('x'), of('y'))
    case 'OKP':
      return edwards(of('crv'), of('x'))
    default:
      return { why: 'its kty is not RSA, EC or OKP' }
  }
}

function rsa(n: unknown, e: unknown): Material {
  if (typeof n !== 'string' || n.length > maxModulusLength) return { why: `it is not of ${minBits} to ${maxBits} bits` }
  if (typeof e === 'string' && e.length > maxExponentLength) return { why: 'its exponent is not 65537' }
  const key = imported({ kty: 'RSA', n, e })
  const { modulusLength = 0, publicExponent } = key?.asymmetricKeyDetails ?? {}
  if (!key) return { why: 'its n and e are not an RSA key' }
  if (modulusLength < minBits || modulusLength > maxBits) return { why: `it is not of ${minBits} to ${maxBits} bits` }
  if (publicExponent !== 65_537n) return { why: 'its exponent is not 65537' }
  const modulus = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`)
  if (modulus % 2n === 0n) return { why: 'its modulus is even' }
  if (hasRocaFingerprint(modulus)) return { why: 'it was made by a library known to make weak keys (ROCA)' }
  return { key, algorithms: rsaAlgorithms }
}

function elliptic(crv: unknown, x: unknown, y: unknown): Material {
  if (typeof crv !== 'string' || !Object.hasOwn(curveAlgorithms, crv)) return { why: 'its crv is not accepted here' }
  const key = imported({ kty: 'EC', crv, x, y })
  if (!key) return { why: `its x and y are not a point on ${crv}` }
  return { key, algorithms: [curveAlgorithms[crv as keyof typeof curveAlgorithms]] }
}

function edwards(crv: unknown, x: unknown): Material {
  if (crv !== 'Ed25519') return { why: 'its crv is not accepted here' }
  const key = imported({ kty: 'OKP', crv, x })
  if (!key || typeof x !== 'string') return { why: 'its x is not an Ed25519 key' }
  if (isLowOrderPoint(Buffer.from(x, 'base64url'))) return { why: 'it is a point of low order' }
  return { key, algorithms: edwardsAlgorithms }
}

function imported(jwk: Record<string, unknown>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk as webcrypto.JsonWebKey, format: 'jwk' })
  } catch {
    return undefined
  }
}
