/** The reader of strangers' tokens, and the strict JSON below it, beside a slow reader that shares nothing with them. */
import { expect } from 'chai'
import fc from 'fast-check'
import { subjectAlgorithms } from '../../src/protocol/oauth.ts'
import { parseStrictJson } from '../../src/protocol/strict-json.ts'
import { namedIn, readToken } from '../../src/server/issuers/read.ts'
import { part } from '../support/forge.ts'
import { type NaiveJson, naiveJson } from '../support/naive-json.ts'
import { nearJson, properObject, spoilt } from '../support/near-json.ts'
import { reasonOf } from '../support/reasons.ts'
import vectors from '../vectors/tokens.json' with { type: 'json' }

const seed = 8725
const ofReading = [
  'token_too_large',
  'token_malformed',
  'algorithm_not_allowed',
  'critical_header',
  'issuer_missing',
  null,
]

/** Everything that a text must be for strict JSON to take it. */
const isFine = (text: string, naive: NaiveJson | undefined): naive is NaiveJson =>
  naive !== undefined &&
  text.startsWith('{') &&
  !naive.repeated &&
  !naive.infinite &&
  !naive.broken &&
  naive.depth <= 16 &&
  Object.keys(naive.value as object).length <= 200

/** What holds for every token that was read. */
function expectCanonical(token: string): void {
  expect(token).to.match(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}$/)
  expect(token.length).to.be.at.most(16_384)
  const parts = token.split('.').map((one) => Buffer.from(one, 'base64url'))
  expect(parts.map(part).join('.'), 'encoded anew').to.equal(token)
  const read = readToken(token)
  const texts = parts.slice(0, 2).map((one) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(one))
  const [header, claims] = texts.map((text) => {
    const naive = naiveJson(text)
    if (!isFine(text, naive)) throw new Error(`this was read: ${text}`)
    expect(naive.value).to.deep.equal(JSON.parse(text))
    return naive.value as Record<string, unknown>
  })
  expect(read.claims).to.deep.equal(claims)
  expect(read.header.alg).to.equal(header?.alg)
  expect(subjectAlgorithms).to.include(header?.alg)
  expect(read.signature).to.deep.equal(parts[2])
  expect(Object.keys(header ?? {}))
    .to.not.include.members(['crit'])
    .and.not.include.members(['b64'])
  expect(String(header?.typ).toLowerCase()).to.not.match(/^(application\/)?at\+jwt$/)
  for (const name of ['kid', 'typ']) expect(typeof header?.[name]).to.be.oneOf(['string', 'undefined'])
  for (const name of ['iss', 'sub', 'jti']) expect(typeof claims?.[name]).to.be.oneOf(['string', 'undefined'])
  for (const name of ['exp', 'iat', 'nbf'])
    if (claims && Object.hasOwn(claims, name)) expect(Math.abs(claims[name] as number)).to.be.at.most(2 ** 53)
  expect(read.audiences).to.deep.equal(claims?.aud === undefined ? [] : [claims.aud].flat())
}

/** Runs the property over so many tokens; at least `least` of them must have been read, or it shows nothing. */
function overTokens(tokens: fc.Arbitrary<string>, numRuns: number, least: number): void {
  let read = 0
  const property = fc.property(tokens, (token) => {
    const reason = reasonOf(() => readToken(token))
    expect(reason).to.be.oneOf(ofReading)
    expect(() => namedIn(token)).to.not.throw()
    if (reason !== null) return
    read++
    expectCanonical(token)
  })
  fc.assert(property, { seed, numRuns })
  expect(read, 'tokens that were read').to.be.at.least(least)
}

const header = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('{"alg":"RS256"}', vectors.header, '{"alg":"EdDSA","kid":"1","x":[]}') },
  { weight: 2, arbitrary: nearJson },
  { weight: 2, arbitrary: nearJson.map((text) => text.replace('{', '{"alg":"ES256",')) },
)
const claims = fc.oneof(
  { weight: 3, arbitrary: nearJson.map((text) => text.replace('{', '{"iss":"i",')) },
  { weight: 2, arbitrary: nearJson },
  { weight: 2, arbitrary: properObject },
  { weight: 1, arbitrary: fc.constant(vectors.claims) },
)
const composed = fc
  .tuple(header, claims, fc.uint8Array({ minLength: 1, maxLength: 8 }))
  .map(([head, body, signature]) => `${part(head)}.${part(body)}.${part(Buffer.from(signature))}`)
const letters = fc.oneof(
  fc.constantFrom('.', '=', '+', '/', ' ', '\n', '-', '_', 'A', 'B', 'Q', 'g', 'w', '\0', 'é', '\u0141', '\ufeff', '%'),
  fc.string({ minLength: 1, maxLength: 1 }),
)

describe('fuzz: reading', () => {
  it('any text is read or refused, for a reason of reading', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc
        .array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 })
        .map((parts) => parts.map((one) => part(Buffer.from(one))).join('.')),
    )
    overTokens(anything, 3_000, 0)
  })

  it('what is read of tokens made of near JSON is canonical, and says what it was read to say', () =>
    overTokens(composed, 4_000, 300))

  it('what is read of tokens that were spoilt is canonical', () => overTokens(spoilt(composed, letters), 4_000, 100))

  it('spliced tokens: parts of two, in any order', () => {
    const spliced = fc
      .tuple(
        composed,
        composed,
        fc.oneof(
          fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }),
          fc.tuple(fc.constantFrom(0, 3), fc.constantFrom(1, 4), fc.constantFrom(2, 5)),
        ),
      )
      .map(([one, other, order]) => order.map((at) => [...one.split('.'), ...other.split('.')][at]).join('.'))
    overTokens(spliced, 3_000, 10)
  })

  it('every letter of a token, turned into every letter near it', () => {
    const token = `${part('{"alg":"RS256" }')}.${part('{"iss":"i","sub":"s" }')}.${part('ab')}`
    let read = 0
    for (let at = 0; at < token.length; at++)
      for (const letter of 'ABCDQRSTghijwxyz0189-_+/=. \n') {
        const changed = token.slice(0, at) + letter + token.slice(at + 1)
        if (reasonOf(() => readToken(changed)) !== null) continue
        read++
        expectCanonical(changed)
      }
    expect(read).to.be.at.least(28)
  })
})

describe('fuzz: strict JSON', () => {
  it('takes what JSON.parse takes and nothing is wrong with, with the same value; and refuses all else', () => {
    const seen = { taken: 0, duplicate: 0, malformed: 0 }
    const property = fc.property(nearJson, (text) => {
      const strict = parseStrictJson(text)
      // Only text that came as UTF-8 gets here: it has no lone surrogate but by an escape.
      if (!text.isWellFormed()) return
      const naive = naiveJson(text)
      seen[strict.ok ? 'taken' : strict.fault]++
      expect(strict.ok).to.equal(isFine(text, naive))
      if (strict.ok) {
        expect(strict.value).to.deep.equal(JSON.parse(text))
        expect(strict.value).to.deep.equal(naive?.value)
      } else if (strict.fault === 'duplicate') expect(naive?.repeated).to.equal(true)
      if (naive?.repeated) expect(strict.ok).to.equal(false)
    })
    fc.assert(property, { seed, numRuns: 20_000 })
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).to.be.at.least(500)
  })
})
