import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { judgeKeysText } from '../../../src/console/pages/issuers/keys-text.ts'

describe('console/issuers/keys-text', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'a', alg: 'ES256' }
  const secretJwk = { ...privateKey.export({ format: 'jwk' }), kid: 'b' }
  const judge = (value: unknown) => judgeKeysText(typeof value === 'string' ? value : JSON.stringify(value))

  it('takes a set, and one key alone for a set of one', () => {
    const taken = { ok: true, jwks: { keys: [jwk] }, keys: [{ kid: 'a', kty: 'EC', alg: 'ES256' }] }
    expect(judge({ keys: [jwk] })).to.deep.equal(taken)
    expect(judge(jwk)).to.deep.equal(taken)
  })

  const secrets: [what: string, value: unknown][] = [
    ['a private JWK', secretJwk],
    ['one among public ones', { keys: [jwk, secretJwk] }],
    ['one in something else', { provider: { signing: [{ ...secretJwk }] }, keys: [jwk] }],
    ['a symmetric key', { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }],
    ['an RSA key by its primes alone', { keys: [{ kty: 'RSA', n: 'x', e: 'AQAB', p: 'y' }] }],
    ['a PEM', privateKey.export({ format: 'pem', type: 'pkcs8' })],
    ['an older PEM', privateKey.export({ format: 'pem', type: 'sec1' })],
  ]
  for (const [what, value] of secrets)
    it(`refuses ${what} as a secret, and repeats nothing of it`, () => {
      const judged = judge(value)
      expect(judged).to.include({ ok: false, isSecret: true })
      expect(JSON.stringify(judged)).to.not.contain(String(secretJwk.d))
    })

  const unfit: [what: string, value: unknown, why: RegExp][] = [
    ['no JSON', 'keys: []', /no JSON/],
    ['a public PEM', publicKey.export({ format: 'pem', type: 'spki' }), /PEM/],
    ['a list', [jwk], /no JSON object/],
    ['something else', { issuer: 'https://a.example' }, /no list of keys/],
    ['nothing', { keys: [] }, /empty/],
    ['too many', { keys: Array(101).fill(jwk) }, /101 keys/],
    ['what is no key', { keys: [jwk, { kid: 'c' }] }, /number 2/],
  ]
  for (const [what, value, why] of unfit)
    it(`says what is wrong with ${what}`, () => {
      const judged = judge(value)
      expect(judged).to.include({ ok: false, isSecret: false })
      expect(judged.ok === false && judged.why).to.match(why)
    })
})
