/** Tokens made as text, so that what no library would write can be written. Each is signed for real, unless it is not meant to be. */
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { SubjectAlgorithm } from '../../src/protocol/oauth.ts'

export type Signer = {
  kid: string
  alg: SubjectAlgorithm
  privateKey: KeyObject
  publicKey: KeyObject
  jwk: Record<string, unknown> & { kty: string }
}

const curves: Partial<Record<SubjectAlgorithm, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

/** `more`: members of the JWK; one that is undefined is left out. */
export function makeSigner(alg: SubjectAlgorithm, kid: string, more: Record<string, unknown> = {}): Signer {
  const curve = curves[alg]
  const { privateKey, publicKey } =
    curve !== undefined
      ? generateKeyPairSync('ec', { namedCurve: curve })
      : alg.startsWith('Ed')
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = JSON.parse(JSON.stringify({ ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig', ...more }))
  return { kid, alg, privateKey, publicKey, jwk }
}

/** As JWA wants it (RFC 7518 §3). `saltLength`: of PSS, when it is another than the digest's. */
export function signatureOf(alg: SubjectAlgorithm, key: KeyObject, input: string, saltLength?: number): Buffer {
  if (alg.startsWith('Ed')) return sign(null, Buffer.from(input), key)
  const hash = `sha${alg.slice(2)}`
  const salt = saltLength ?? constants.RSA_PSS_SALTLEN_DIGEST
  if (alg.startsWith('PS'))
    return sign(hash, Buffer.from(input), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: salt })
  return sign(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
}

export const part = (bytes: string | Buffer): string => Buffer.from(bytes).toString('base64url')

/** Signs these bytes as header and claims, whatever they are. */
export function compose(
  header: string | Buffer,
  claims: string | Buffer,
  { privateKey, alg }: Pick<Signer, 'privateKey' | 'alg'>,
): string {
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${part(signatureOf(alg, privateKey, input))}`
}

/** The same header and claims with another signature. */
export const withSignature = (token: string, signature: Buffer): string =>
  `${token.slice(0, token.lastIndexOf('.'))}.${part(signature)}`

export const signatureIn = (token: string): Buffer => Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url')

/** The order of the group that a curve's signatures are made in (FIPS 186-5). */
export const orders = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512:
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
} as const
export type Curve = keyof typeof orders

/** r and s as JWA wants them, side by side. */
export function pairOf(curve: Curve, r: bigint, s: bigint): Buffer {
  const length = { ES256: 32, ES384: 48, ES512: 66 }[curve]
  const hex = (n: bigint) => n.toString(16).padStart(length * 2, '0')
  return Buffer.from(hex(r) + hex(s), 'hex')
}

/** The other signature that holds wherever this one does: (r, n - s). */
export function otherSpelling(curve: Curve, signature: Buffer): Buffer {
  const half = signature.length / 2
  const [r, s] = [signature.subarray(0, half), signature.subarray(half)].map((one) =>
    BigInt(`0x${one.toString('hex')}`),
  )
  return pairOf(curve, r as bigint, orders[curve] - (s as bigint))
}
