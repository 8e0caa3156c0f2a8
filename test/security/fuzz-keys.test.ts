/** Key sets and discovery documents of anybody: whatever they hold, they are taken or left, and what was taken can be used. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import fc from 'fast-check'
import { subjectAlgorithms } from '../../src/protocol/oauth.ts'
import { createFetchKeys, metadataUrl } from '../../src/server/issuers/discovery.ts'
import { judgeKey } from '../../src/server/issuers/jwk.ts'
import { maxKeys, takeKeySet } from '../../src/server/issuers/key-set.ts'
import { createOutbound, type Outbound, parseIssuerNetwork, Unreachable } from '../../src/server/issuers/outbound.ts'
import { signatureHolds } from '../../src/server/issuers/signature.ts'
import { makeSigner } from '../support/forge.ts'
import { nearJson } from '../support/near-json.ts'

const seed = 7517
const signers = (['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const).map((alg) => makeSigner(alg, alg))
const good = signers.map(({ jwk }) => jwk)

const base64 = fc.oneof(
  fc.uint8Array({ maxLength: 70 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.constantFrom(
    ...good.flatMap(({ n, e, x, y }) => [n, e, x, y]).filter((one) => one !== undefined),
    'AQAB',
    'AQ',
    'AAAA',
    '',
  ),
)
const member = {
  kty: fc.constantFrom<unknown>('RSA', 'EC', 'OKP', 'oct', 'AKP', 'rsa', '__proto__', null, 1),
  kid: fc.oneof(fc.string(), fc.constantFrom<unknown>('a', '__proto__', null, 1, [], 'k'.repeat(1_025))),
  use: fc.constantFrom<unknown>('sig', 'enc', null, 1),
  key_ops: fc.constantFrom<unknown>(['verify'], ['sign'], [], 'verify', null, [['verify']]),
  alg: fc.constantFrom<unknown>(...subjectAlgorithms, 'HS256', 'none', 'ES256K', 'RSA-OAEP', null, 1),
  crv: fc.constantFrom<unknown>(
    'P-256',
    'P-384',
    'P-521',
    'Ed25519',
    'Ed448',
    'X25519',
    'secp256k1',
    '__proto__',
    'constructor',
    null,
  ),
  n: fc.oneof(base64, fc.jsonValue()),
  e: fc.oneof(base64, fc.jsonValue()),
  x: fc.oneof(base64, fc.jsonValue()),
  y: fc.oneof(base64, fc.jsonValue()),
  d: base64,
  k: base64,
}
const madeUp = fc.record(member, { requiredKeys: [] })
/** A good key with a member or two of another. */
const nearKey = fc
  .tuple(fc.constantFrom(...good), madeUp, fc.array(fc.constantFrom(...Object.keys(member)), { maxLength: 2 }))
  .map(([key, other, names]) => ({
    ...key,
    ...Object.fromEntries(Object.entries(other).filter(([name]) => names.includes(name))),
  }))
const anyKey: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: nearKey },
  { weight: 2, arbitrary: madeUp },
  { weight: 1, arbitrary: fc.jsonValue() },
)
const anySet: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.array(anyKey, { maxLength: 6 }).map((keys) => ({ keys })) },
  { weight: 1, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: fc.jsonValue().map((keys) => ({ keys })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      { keys: Array(101).fill(good[1]) },
      { keys: {} },
      { keys: null },
      [],
      null,
      undefined,
      1,
    ),
  },
)

describe('fuzz: key sets', () => {
  it('any key is taken or left; one that was taken verifies anything without throwing', () => {
    let taken = 0
    const property = fc.property(
      anyKey,
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 300 }),
      (jwk, input, signature) => {
        const judged = judgeKey(jwk)
        if (!judged.ok) {
          expect(judged.why).to.match(/^[ -~]{1,120}$/)
          return
        }
        taken++
        const { kty, use = 'sig', alg, d, k } = jwk as Record<string, unknown>
        expect(kty).to.be.oneOf(['RSA', 'EC', 'OKP'])
        expect([use, d, k]).to.deep.equal(['sig', undefined, undefined])
        if (alg !== undefined) expect(judged.algorithms).to.include(alg)
        expect(judged.algorithms.length).to.be.at.least(1)
        for (const one of judged.algorithms) {
          const details = judged.key.asymmetricKeyDetails
          const length = /^[RP]S/.test(one)
            ? Math.ceil((details?.modulusLength ?? 0) / 8)
            : ({ ES256: 64, ES384: 96, ES512: 132 }[one as 'ES256'] ?? 64)
          const fitting = Buffer.alloc(length, Buffer.from([7, ...signature]))
          for (const tried of [Buffer.from(signature), fitting, Buffer.alloc(length), Buffer.alloc(length, 0xff)])
            expect(signatureHolds(one, judged.key, Buffer.from(input), tried), one).to.equal(false)
        }
      },
    )
    fc.assert(property, { seed, numRuns: 3_000 })
    expect(taken).to.be.at.least(200)
  })

  it('any set is taken or left; what it was taken with is found, and no key for an algorithm of another kind', () => {
    const property = fc.property(anySet, fc.boolean(), (value, uploaded) => {
      const result = takeKeySet(value, { uploaded })
      if (!result.ok) return void expect(result.why).to.be.a('string')
      const { keys, skipped, find, has } = result.set
      const list = (value as { keys: unknown[] }).keys
      expect(keys.length + skipped.length).to.equal(list.length)
      expect(keys.length).to.be.within(1, maxKeys)
      if (uploaded) expect(skipped).to.deep.equal([])
      for (const alg of subjectAlgorithms)
        for (const kid of [undefined, ...keys.map((key) => key.kid), 'nobody’s', '__proto__', 'constructor']) {
          const found = find(kid, alg)
          expect(found.length).to.be.at.most(4)
          for (const key of found) {
            expect(keys).to.include(key)
            expect(key.algorithms).to.include(alg)
            if (kid !== undefined) expect([key.kid, has(kid)]).to.deep.equal([kid, true])
          }
        }
    })
    fc.assert(property, { seed, numRuns: 1_000 })
  })

  it('no point of low order is taken: under one, a signature that nobody made holds', () => {
    const field = 2n ** 255n - 19n
    const orderEight = BigInt('0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826')
    const ys = [0n, 1n, field - 1n, orderEight, field - orderEight, field, field + 1n]
    const neutral = Buffer.concat([Buffer.from([1]), Buffer.alloc(63)])
    let forged = 0
    for (const y of ys)
      for (const sign of [0n, 1n]) {
        const bytes = Buffer.from((y + sign * 2n ** 255n).toString(16).padStart(64, '0'), 'hex').reverse()
        const jwk = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }
        const judged = judgeKey(jwk)
        if (judged.ok)
          for (let i = 0; i < 64; i++) if (signatureHolds('EdDSA', judged.key, Buffer.from([i]), neutral)) forged++
        expect(judged, jwk.x).to.deep.equal({ ok: false, why: 'it is a point of low order' })
      }
    expect(forged).to.equal(0)
  })

  it('every modulus that the flawed library can make is left out, and none that it cannot', () => {
    const primes = Array.from({ length: 166 }, (_, i) => i + 2).filter(
      (n) => ![2, 3, 5, 7, 11].some((d) => d < n && n % d === 0),
    )
    const product = primes.reduce((all, prime) => all * BigInt(prime), 1n)
    const base = (1n << 2047n) - ((1n << 2047n) % product) + product
    const jwkOf = (modulus: bigint) => ({
      kty: 'RSA',
      e: 'AQAB',
      n: Buffer.from(modulus.toString(16), 'hex').toString('base64url'),
    })
    const power = (exponent: bigint) => {
      let [result, factor] = [1n, 65_537n]
      for (let rest = exponent; rest > 0n; rest >>= 1n) {
        if (rest & 1n) result = (result * factor) % product
        factor = (factor * factor) % product
      }
      return result
    }
    const property = fc.property(fc.bigInt(0n, 1n << 60n), fc.bigInt(0n, 1n << 100n), (exponent, times) => {
      const modulus = base + times * product + power(exponent)
      const odd = modulus % 2n === 1n ? modulus : modulus + product
      const judged = judgeKey(jwkOf(odd))
      expect(!judged.ok && judged.why).to.be.oneOf([
        'it was made by a library known to make weak keys (ROCA)',
        'its modulus is even',
      ])
      if (odd % 2n === 0n) return
      const near = judgeKey(jwkOf(odd + 2n))
      expect(near.ok ? '' : near.why).to.not.match(/ROCA/)
    })
    fc.assert(property, { seed, numRuns: 100 })
    expect(signers[0] && judgeKey(signers[0].jwk).ok).to.equal(true)
  })
})

describe('fuzz: discovery', () => {
  const issuer = 'https://idp.example'
  const answering = (documents: Record<string, unknown>): Outbound & { asked: string[] } => {
    const asked: string[] = []
    return {
      asked,
      network: parseIssuerNetwork('public'),
      async get(url) {
        asked.push(url)
        return { status: 200, headers: {}, json: documents[url] as never }
      },
      close: async () => {},
    }
  }

  it('any document leads to the keys that it names within the rules, or to one sentence for the admin', async () => {
    let taken = 0
    const uri = fc.oneof(
      fc.constant<unknown>(`${issuer}/jwks`),
      fc.constantFrom<unknown>(
        `${issuer}/jwks`,
        'https://other.example/k',
        'http://idp.example/jwks',
        'https://127.0.0.1/',
        'https://[::1]/',
        'https://idp.example:22/',
        'file:///etc/passwd',
        'data:,{}',
        'https://a:b@idp.example/',
        '//idp.example',
        '',
        null,
        1,
        [],
      ),
      fc.webUrl(),
      fc.string(),
    )
    const about = fc.oneof(
      { weight: 4, arbitrary: fc.constant<unknown>(issuer) },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(`${issuer}/`, 'https://IDP.example', null, [issuer]) },
    )
    const document = fc.oneof(
      { weight: 4, arbitrary: fc.record({ issuer: about, jwks_uri: uri }, { requiredKeys: [] }) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.dictionary(fc.string(), fc.jsonValue()), about, uri)
          .map(([more, bears, jwks_uri]) => ({ ...more, issuer: bears, jwks_uri })),
      },
      { weight: 1, arbitrary: fc.dictionary(fc.string(), fc.jsonValue()) },
    )
    const property = fc.asyncProperty(document, anySet, async (found, set) => {
      const where = (found as Record<string, unknown>).jwks_uri
      const json = typeof set === 'object' && set !== null && !Array.isArray(set) ? set : {}
      const through = answering({ [metadataUrl(issuer)]: found, ...(typeof where === 'string' && { [where]: json }) })
      try {
        const { set: kept } = await createFetchKeys({ outbound: through })({ issuer, jwksUri: null })
        taken++
        expect((found as Record<string, unknown>).issuer).to.equal(issuer)
        expect(kept.keys.length).to.be.at.least(1)
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error
        expect(error.says).to.be.a('string').with.length.within(1, 300)
      }
      const [, jwksUri] = through.asked
      if (jwksUri !== undefined) {
        const { protocol, hostname, username, port } = new URL(jwksUri)
        expect([protocol, username, port]).to.deep.equal(['https:', '', ''])
        expect(hostname).to.not.match(/^[\d.]+$|^\[/)
      }
      expect(through.asked.length).to.be.at.most(2)
    })
    await fc.assert(property, { seed, numRuns: 600 })
    expect(taken).to.be.at.least(20)
  })

  it('any bytes of a provider lead to the keys, or to one sentence for the admin', async () => {
    let body: string | Buffer = ''
    let type = ''
    const provider = createServer((_req, res) => res.writeHead(200, { 'content-type': type }).end(body))
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
    const jwksUri = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/jwks`
    const outbound = createOutbound({ network: parseIssuerNetwork('any') })
    const fetchKeys = createFetchKeys({ outbound })
    const bodies = fc.oneof(
      nearJson,
      anySet.map((set) => JSON.stringify(set) ?? ''),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    )
    const types = fc.constantFrom(
      'application/json',
      'application/jwk-set+json',
      'application/json; charset=utf-8',
      'text/html',
      'application/json; charset=utf-16',
    )
    let taken = 0
    try {
      const property = fc.asyncProperty(bodies, types, async (given, of) => {
        body = given
        type = of
        const kept = await fetchKeys({ issuer, jwksUri }).catch((error: unknown) => {
          if (!(error instanceof Unreachable)) throw error
          return undefined
        })
        if (kept) taken++
      })
      await fc.assert(property, { seed, numRuns: 300 })
    } finally {
      await outbound.close()
      provider.close()
      provider.closeAllConnections()
    }
    expect(taken).to.be.at.least(10)
  })
})
