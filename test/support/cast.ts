/** Who signs the hostile tokens: the issuers, another organization's admin, and the attacker. */
import { generateKeyPairSync } from 'node:crypto'
import { keyNames, type Scene } from '../vectors/hostile-tokens.ts'
import { makeSigner } from './forge.ts'

export function cast(): Pick<Scene, 'issuer' | 'keys' | 'other' | 'narrow' | 'foreign' | 'attacker'> {
  const algs = ['RS256', 'PS256', 'RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const
  const keys = Object.fromEntries(
    keyNames.map((name, at) => [name, makeSigner(algs[at] ?? 'RS256', name, name === 'any' ? { alg: undefined } : {})]),
  ) as Scene['keys']
  return {
    issuer: 'https://idp.example',
    keys,
    other: {
      issuer: 'https://other.example',
      keys: { rsa: makeSigner('RS256', 'rsa'), es256: makeSigner('ES256', 'of-other') },
    },
    narrow: { issuer: 'https://narrow.example' },
    foreign: { audience: '', key: makeSigner('RS256', 'rsa') },
    attacker: {
      rsa: makeSigner('RS256', 'rsa'),
      es256: makeSigner('ES256', 'es256'),
      ed: makeSigner('EdDSA', 'ed'),
      k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    },
  }
}
