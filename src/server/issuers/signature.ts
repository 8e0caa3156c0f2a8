/**
 * The cryptography of a signature, and nothing else (RFC 7518 §3, RFC 8037 §3.1). Synchronous on purpose: a thread pool
 * or WebCrypto costs more than the check itself. Pure.
 */
import { constants, type KeyObject, verify } from 'node:crypto'
import type { SubjectAlgorithm } from '../../protocol/oauth.ts'

type Recipe = {
  hash: string | null
  options: { padding?: number; saltLength?: number; dsaEncoding?: 'ieee-p1363' }
  /** Bytes of a signature, where the algorithm alone says so; otherwise they are those of the key's modulus. */
  length?: number
}

const pkcs1 = (hash: string): Recipe => ({ hash, options: { padding: constants.RSA_PKCS1_PADDING } })
const pss = (hash: string): Recipe => ({
  hash,
  options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
})
const ecdsa = (hash: string, length: number): Recipe => ({ hash, options: { dsaEncoding: 'ieee-p1363' }, length })
const ed25519: Recipe = { hash: null, options: {}, length: 64 }

const recipes: Record<SubjectAlgorithm, Recipe> = {
  RS256: pkcs1('sha256'),
  RS384: pkcs1('sha384'),
  RS512: pkcs1('sha512'),
  PS256: pss('sha256'),
  PS384: pss('sha384'),
  PS512: pss('sha512'),
  ES256: ecdsa('sha256', 64),
  ES384: ecdsa('sha384', 96),
  ES512: ecdsa('sha512', 132),
  EdDSA: ed25519,
  Ed25519: ed25519,
}

/** Whether `signature` is this key's for `input` (ASCII). The key must be one that fits the algorithm. */
export function signatureHolds(alg: SubjectAlgorithm, key: KeyObject, input: Buffer, signature: Buffer): boolean {
  const { hash, options } = recipes[alg]
  // OpenSSL takes one of PSS whose leading zeros are left out; RFC 8017 §8.1.2 does not.
  if (signature.length !== lengthOf(alg, key)) return false
  return verify(hash, input, { key, ...options }, signature)
}

const lengthOf = (alg: SubjectAlgorithm, key: KeyObject): number =>
  recipes[alg].length ?? Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)

/** A signature of the right length that holds for nothing, to try whether a key can be used at all. */
export function noSignature(alg: SubjectAlgorithm, key: KeyObject): Buffer {
  return Buffer.alloc(lengthOf(alg, key), 1)
}
