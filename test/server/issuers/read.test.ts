import { expect } from 'chai'
import fc from 'fast-check'
import { Refusal } from '../../../src/server/errors/refusal.ts'
import { namedIn, readToken } from '../../../src/server/issuers/read.ts'
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
    ['a time at the end of doubles', withIssuer({ exp: 2 ** 53 }), null],
    ['a time beyond it', withIssuer({ exp: 2 ** 53 + 2 }), 'token_malformed'],
    ['a typ in which another ends', tokenOf('{"iss":"i"}', '{"alg":"RS256","typ":"at+application/jwt"}'), null],
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

  const alg = (more: object) => tokenOf('{"iss":"i"}', JSON.stringify({ alg: 'RS256', ...more }))
  const [good = '', body = ''] = withIssuer({}).split('.')
  const wrong: [token: string, says: string][] = [
    ['abc', 'it does not have three parts separated by dots'],
    [`${good}.${body}`, 'it does not have three parts separated by dots'],
    [`${good}.${body}.a.b.c`, 'it has more than three parts (an encrypted token is not accepted)'],
    [`.${body}.AA`, 'its header is not canonical base64url'],
    [`${good}=.${body}.AA`, 'its header is not canonical base64url'],
    [`${good}..AA`, 'its claims is not canonical base64url'],
    [`${good}.${body}.A`, 'its signature is not canonical base64url'],
    [`${good}.${body}.`, 'it is not signed'],
    [`${good}.${part(Buffer.from([0xff]))}.AA`, 'its claims part is not UTF-8'],
    [tokenOf('[]'), 'its claims part is not an acceptable JSON object'],
    [tokenOf('{"iss":"i"}', '7'), 'its header part is not an acceptable JSON object'],
    [tokenOf('{"iss":"i","iss":"i"}'), 'its claims part repeats a member'],
    [tokenOf('{"iss":"i"}', '{"alg":"RS256","alg":"RS256"}'), 'its header part repeats a member'],
    [tokenOf('{"iss":"i"}', '{}'), 'its header has no alg'],
    [alg({ b64: true }), 'its header has b64'],
    [alg({ kid: 1 }), 'its kid is not a string'],
    [alg({ typ: 1 }), 'its typ is not a string'],
    [alg({ typ: 'application/AT+jwt' }), 'it is an access token (typ is at+jwt)'],
    [withIssuer({ iss: 1 }), 'its iss is not a string'],
    [withIssuer({ jti: 1 }), 'its jti is not a string'],
    [withIssuer({ sub: 1 }), 'its sub is not a string'],
    [withIssuer({ exp: '1' }), 'its exp is not a time in seconds'],
    [withIssuer({ nbf: null }), 'its nbf is not a time in seconds'],
    [withIssuer({ iat: -(2 ** 54) }), 'its iat is not a time in seconds'],
    [withIssuer({ sub: 'a'.repeat(1_025) }), 'its sub is longer than 1,024 bytes'],
    [withIssuer({ sub: 'a\u0085' }), 'its sub holds control characters'],
    [withIssuer({ aud: {} }), 'its aud is neither a string nor a list of strings'],
    [withIssuer({ aud: Array(33).fill('a') }), 'its aud has more than 32 members'],
    [withIssuer({ aud: ['a', 1] }), 'its aud holds something that is not a string'],
  ]
  for (const [token, what] of wrong)
    it(`tells the caller of ${token.slice(0, 12)}… of ${token.length} characters: ${what}`, () => {
      const says = `the subject token is not a well-formed signed JWT: ${what}`
      expect(() => readToken(token))
        .to.throw(Refusal)
        .with.property('says', says)
    })

  it('tells the caller which algorithm is not accepted', () => {
    const says = "the subject token is signed with an algorithm not accepted here: 'HS256'"
    expect(() => readToken(alg({ alg: 'HS256' })))
      .to.throw(Refusal)
      .with.property('says', says)
  })

  it('has no member for what a token does not say', () => {
    const { header, audiences } = readToken(tokenOf('{"iss":"i"}', '{"alg":"RS256"}'))
    expect([header, audiences]).to.deep.equal([{ alg: 'RS256' }, []])
  })

  const named: [what: string, token: string, expected: ReturnType<typeof namedIn>][] = [
    [
      'a token with an algorithm that is not known',
      tokenOf('{"iss":"i","aud":"a"}', '{}'),
      { issuer: 'i', audiences: ['a'] },
    ],
    ['a token that says nothing', tokenOf('{}'), { issuer: '', audiences: [] }],
    ['two parts', tokenOf('{"iss":"i"}').split('.').slice(0, 2).join('.'), { issuer: 'i', audiences: [] }],
    ['the longest token', withIssuer({}).padEnd(16_384, 'A'), { issuer: 'i', audiences: [] }],
    ['one that is too long', withIssuer({}).padEnd(16_385, 'A'), undefined],
    ['one part', 'abc', undefined],
    ['claims that are no object', tokenOf('[]'), undefined],
    ['an issuer that is no text', tokenOf('{"iss":1}'), undefined],
    ['an audience that is no text', tokenOf('{"iss":"i","aud":1}'), undefined],
  ]
  for (const [what, token, expected] of named)
    it(`finds out for the trail whom ${what} names, and never throws`, () =>
      expect(namedIn(token)).to.deep.equal(expected))

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
