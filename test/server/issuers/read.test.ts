import { expect } from 'chai'
import fc from 'fast-check'
import type { Refusal } from '../../../src/server/errors/refusal.ts'
import { readToken } from '../../../src/server/issuers/read.ts'
import { reasonOf } from '../../support/reasons.ts'
import vectors from '../../vectors/tokens.json' with { type: 'json' }

const part = (text: string | Buffer) => Buffer.from(text).toString('base64url')
const tokenOf = (claims: string | Buffer, header: string | Buffer = vectors.header) =>
  `${part(header)}.${part(claims)}.${vectors.signature}`

describe('issuers/read', () => {
  for (const { name, header, claims, parts, reason } of vectors.cases as Record<string, string>[]) {
    it(`${reason ? 'refuses' : 'reads'} ${name}`, () => {
      const token = parts ?? tokenOf(claims ?? vectors.claims, header ?? vectors.header)
      expect(reasonOf(() => readToken(token))).to.equal(reason)
    })
  }

  const withIssuer = (rest: object) => tokenOf(JSON.stringify({ iss: 'i', ...rest }))
  const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`c${i}`, i]))
  const limits: [what: string, token: string, reason: string | null][] = [
    ['16,384 bytes', withIssuer({}).padEnd(16_384, 'A'), null],
    ['16,385 bytes', withIssuer({}).padEnd(16_385, 'A'), 'token_too_large'],
    ['200 claims', withIssuer(many(199)), null],
    ['201 claims', withIssuer(many(200)), 'token_malformed'],
    ['32 audiences', withIssuer({ aud: Array(32).fill('a') }), null],
    ['33 audiences', withIssuer({ aud: Array(33).fill('a') }), 'token_malformed'],
    ['a subject of 1,024 bytes', withIssuer({ sub: 'é'.repeat(512) }), null],
    ['a subject of 1,025 bytes', withIssuer({ sub: `${'é'.repeat(512)}a` }), 'token_malformed'],
    ['claims that are not UTF-8', tokenOf(Buffer.from('{"iss":"\xff"}', 'latin1')), 'token_malformed'],
    [
      'a header that is not UTF-8',
      tokenOf('{"iss":"i"}', Buffer.from('{"alg":"RS256","x":"\xc3"}', 'latin1')),
      'token_malformed',
    ],
    ['10,000 open brackets', tokenOf(`{"iss":${'['.repeat(10_000)}`), 'token_malformed'],
  ]
  for (const [what, token, reason] of limits) {
    it(`${reason ? 'refuses' : 'reads'} ${what}`, () => expect(reasonOf(() => readToken(token))).to.equal(reason))
  }

  it('tells what it read, frozen throughout, and leaves the prototype alone', () => {
    const claims = '{"iss":"https://idp.example","aud":["a","b"],"deep":{"list":[{}]},"__proto__":{"sub":"admin"}}'
    const read = readToken(tokenOf(claims))
    expect(read.header).to.deep.equal({ alg: 'RS256', kid: 'k1', typ: 'JWT' })
    expect(read.issuer).to.equal('https://idp.example')
    expect(read.audiences).to.deep.equal(['a', 'b'])
    expect(read.signingInput).to.equal(`${part(vectors.header)}.${part(claims)}`)
    expect(read.signature.toString()).to.equal('signature')
    expect(read.claims.sub).to.equal(undefined)
    expect(Object.getPrototypeOf(read.claims)).to.equal(Object.prototype)
    const { deep } = read.claims as { deep: { list: object[] } }
    expect([read.claims, deep, deep.list, deep.list[0], read.audiences].every(Object.isFrozen)).to.equal(true)
  })

  it('says what is wrong in printable ASCII, whatever the token holds', () => {
    try {
      readToken(tokenOf('{"iss":"i"}', JSON.stringify({ alg: `"\\é\n${'x'.repeat(500)}` })))
      expect.fail()
    } catch (error) {
      expect((error as Refusal).says).to.match(/^[ !#-[\]-~]{1,300}$/)
    }
  })

  it('reads or refuses anything, and never throws anything else', () => {
    const anyToken = fc.oneof(
      fc.string(),
      fc.tuple(fc.json(), fc.json()).map(([header, claims]) => tokenOf(claims, header)),
      fc
        .tuple(fc.dictionary(fc.constantFrom('iss', 'sub', 'aud', 'exp', 'jti'), fc.jsonValue()))
        .map(([claims]) => withIssuer(claims)),
    )
    fc.assert(fc.property(anyToken, (token) => void reasonOf(() => readToken(token))))
  })
})
