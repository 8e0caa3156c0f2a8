/**
 * What strangers send costs time in proportion to its length, and is not kept. Inputs of the worst shapes, of one size and of
 * four times that: linear work takes about 4 times as long, quadratic work 16 times.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import type { Request } from 'express'
import { grantTypes } from '../../src/protocol/oauth.ts'
import { parseStrictJson } from '../../src/protocol/strict-json.ts'
import { Refusal } from '../../src/server/errors/refusal.ts'
import { parse } from '../../src/server/exchange/parse.ts'
import { parametersOf } from '../../src/server/http/parameters.ts'
import { objectOf, partsOf } from '../../src/server/issuers/compact.ts'
import { judgeKey } from '../../src/server/issuers/jwk.ts'
import { takeKeySet } from '../../src/server/issuers/key-set.ts'
import { quoted } from '../../src/server/issuers/quoted.ts'
import { maxTokenBytes, namedIn, readToken } from '../../src/server/issuers/read.ts'
import { cast } from '../support/cast.ts'
import { makeSigner, part } from '../support/forge.ts'
import { reasonOf } from '../support/reasons.ts'
import { hostileTokens } from '../vectors/hostile-tokens.ts'

const mostGrowth = 8

/** ms: the best of several turns, since others use this machine too. */
function bestOf(turns: number, work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < turns; turn++) {
    const begun = performance.now()
    work()
    best = Math.min(best, performance.now() - begun)
  }
  return best
}

/** Refusing is as good as taking; only the time counts. */
function expectLinear(work: (input: string) => unknown, shape: (length: number) => string, length: number): void {
  const [small, large] = [shape(length), shape(4 * length)]
  const tried = (input: string) => () => {
    try {
      work(input)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
  }
  tried(large)()
  const growths: number[] = []
  for (let attempt = 0; attempt < 4; attempt++) {
    // Below a twentieth of a millisecond there is nothing to measure.
    const growth = bestOf(7, tried(large)) / Math.max(0.05, bestOf(7, tried(small)))
    if (growth <= mostGrowth) return
    growths.push(growth)
  }
  expect.fail(`4 times as much took ${growths.map((one) => one.toFixed(1)).join(', ')} times as long`)
}

const fill = (before: string, unit: string, after: string) => (length: number) =>
  before + unit.repeat(Math.max(0, Math.ceil((length - before.length - after.length) / unit.length))) + after
const many =
  (make: (n: number) => string, between = ',', before = '', after = '') =>
  (length: number) => {
    const units = Math.ceil(length / (make(0).length + 4))
    return before + Array.from({ length: units }, (_, n) => make(n)).join(between) + after
  }

describe('cost: time in proportion to length', () => {
  const shapes: Record<string, (length: number) => string> = {
    backslashes: fill('{"a":"', '\\\\', '"}'),
    'backslashes without an end': fill('{"a":"', '\\', ''),
    'escaped quotes': fill('{"a":"', '\\"', '"}'),
    'escaped quotes without an end': fill('{"a":"', '\\"', ''),
    'runs of backslashes before quotes': fill('{"a":"', `${'\\'.repeat(63)}"`, '"}'),
    quotes: fill('{"a":', '"', '}'),
    'empty strings': fill('{"a":[', '"",', '""]}'),
    colons: fill('{"a"', ':', '}'),
    brackets: fill('{"a":', '[', ''),
    'brackets in pairs': fill('{"a":[', '[],', '[]]}'),
    braces: fill('', '{"a":', ''),
    'closed too often': fill('{"a":1', '}', ''),
    spaces: fill('{', ' ', '}'),
    'spaces in front': fill('', ' ', '{}'),
    digits: fill('{"a":', '9', '}'),
    'digits of an exponent': fill('{"a":1e', '9', '}'),
    escapes: fill('{"a":"', '\\u0061', '"}'),
    'lone surrogates': fill('{"a":"', '\\ud800', '"}'),
    'members of one name': fill('{', '"a":1,', '"a":1}'),
    'many members': many((n) => `"${n}":1`, ',', '{', '}'),
    'many members below': many((n) => `"${n}":1`, ',', '{"a":{', '}}'),
    'many members with names that are numbers': many((n) => `"${n * 1_000_003}":{}`, ',', '{"a":{', '}}'),
    'many lists 16 deep': fill('{"a":[', `${'['.repeat(13)}${']'.repeat(13)},`, '1]}'),
  }
  for (const [what, shape] of Object.entries(shapes)) {
    it(`strict JSON: ${what}`, () => expectLinear((text) => parseStrictJson(text), shape, 150_000))
    it(`the reader: ${what}`, () =>
      expectLinear(
        (text) => {
          const malformed = (says: string) => new Refusal('token_malformed', { says })
          const { claims } = partsOf(`YQ.${text}.YQ`, malformed)
          return objectOf(claims, 'claims', malformed)
        },
        (length) => part(shape(length)),
        150_000,
      ))
  }
  for (const [what, shape] of Object.entries({
    dots: fill('', '.', ''),
    'two dots far away': fill('a.', 'a', '.'),
    padding: fill('a.', '=', '.a'),
    'letters beyond ASCII': fill('a.', 'é', '.a'),
    spaces: fill('a.', ' ', '.a'),
  }))
    it(`the parts of a token: ${what}`, () =>
      expectLinear(
        (text) => {
          const malformed = (says: string) => new Refusal('token_malformed', { says })
          const { header } = partsOf(text, malformed)
          return objectOf(header, 'header', malformed)
        },
        shape,
        150_000,
      ))

  const sent = (body: string) =>
    ({
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      is: () => false,
      get: () => undefined,
    }) as unknown as Request
  const start = `grant_type=${encodeURIComponent(grantTypes.jwtBearer)}&assertion=`
  const forms: Record<string, (length: number) => string> = {
    'percent signs': fill(start, '%', ''),
    'percent signs and one digit': fill(start, '%4', ''),
    'percent-encoded letters': fill(start, '%41', ''),
    'bytes that are no UTF-8': fill(start, '%ff', ''),
    'plus signs': fill(start, '+', ''),
    'plus signs inside': fill(`${start}a`, '+', 'b'),
    'tabs inside': fill(`${start}a`, '%09', 'b'),
    ampersands: fill(start, '&', ''),
    'equals signs': fill(start, '=', ''),
    'one parameter again and again': fill(start, '&a=', ''),
    'many parameters': many((n) => `${n}=`, '&', start),
    'many parameters named alike': many((n) => `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa${n}=1`, '&', start),
  }
  for (const [what, shape] of Object.entries(forms))
    it(`forms, and what is trimmed of them: ${what}`, () =>
      expectLinear((body) => parse({ parameters: parametersOf(sent(body)) }, () => {}), shape, 60_000))
  for (const [what, shape] of Object.entries({
    'white space around': (length: number) => `${' '.repeat(length / 2)}a${'\t'.repeat(length / 2)}`,
    'white space inside': (length: number) => `a${' '.repeat(length)}b`,
    'white space alone': (length: number) => ' '.repeat(length),
    'vertical tabs, which are none': (length: number) => '\v'.repeat(length),
  }))
    it(`what is trimmed: ${what}`, () =>
      expectLinear(
        (assertion) =>
          parse(
            {
              parameters: [
                ['grant_type', grantTypes.jwtBearer],
                ['assertion', assertion],
              ],
            },
            () => {},
          ),
        shape,
        400_000,
      ))

  const [rsa, es256, ed] = (['RS256', 'ES256', 'EdDSA'] as const).map((alg) => makeSigner(alg, 'k').jwk)
  const long: Record<string, (text: string) => unknown> = {
    'a long n': (n) => ({ ...rsa, n }),
    'a long e': (e) => ({ ...rsa, e }),
    'a long x of P-256': (x) => ({ ...es256, x }),
    'a long x of Ed25519': (x) => ({ ...ed, x }),
    'a long kid': (kid) => ({ ...es256, kid }),
    'a long alg': (alg) => ({ ...es256, alg }),
    'many key_ops': (text) => ({ ...es256, key_ops: text.match(/.{1,8}/g) }),
    'an unknown member': (text) => ({ ...es256, other: text }),
  }
  for (const [what, make] of Object.entries(long))
    for (const [letter, name] of [
      ['A', 'zeros'],
      ['_', 'ones'],
    ] as const)
      it(`judging keys: ${what} of ${name}`, () =>
        expectLinear((text) => judgeKey(make(text)), fill('', letter, ''), 50_000))
  it('taking in a set: many keys', () =>
    expectLinear(
      (count) => takeKeySet({ keys: Array(Number(count)).fill(es256) }, { uploaded: false }),
      (length) => String(length),
      20,
    ))
  it('quoting', () => expectLinear((text) => quoted(text), fill('', '\u{1f600}"\\', ''), 400_000))
})

describe('cost: bounded memory', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const used = () => {
    collect()
    return process.memoryUsage().heapUsed
  }

  it('nothing is kept of 10,000 hostile tokens', function () {
    this.timeout(60_000)
    const scene = {
      ...cast(),
      now: 1_764_000_000,
      audience: 'us',
      elsewhere: 'https://elsewhere.example',
      own: { accessToken: 'a.b.c', apiKey: 'csk_' },
    }
    const tokens = hostileTokens.map(({ token }) => token(scene))
    const read = (turn: number) => {
      for (const [at, token] of tokens.entries()) {
        // Another text each time, or the same few would be remembered for nothing.
        const fresh = `${token.slice(0, -4)}${part(Buffer.from([turn & 255, at & 255, at >> 8]))}`
        reasonOf(() => readToken(fresh))
        namedIn(fresh)
      }
    }
    const turns = Math.ceil(10_000 / tokens.length)
    for (let turn = 0; turn < 3; turn++) read(turn)
    const before = used()
    for (let turn = 3; turn < turns + 3; turn++) read(turn)
    expect(used() - before).to.be.below(1_000_000)
  })

  it('what is too long is refused before it is looked at', () => {
    const huge = `${'a'.repeat(20_000_000)}.`.repeat(3)
    const begun = performance.now()
    for (let turn = 0; turn < 1_000; turn++) expect(reasonOf(() => readToken(huge))).to.equal('token_too_large')
    expect(namedIn(huge)).to.equal(undefined)
    // Decoding it once takes longer.
    expect(performance.now() - begun).to.be.below(500)
    expect(maxTokenBytes).to.equal(16_384)
  })
})
