/** Forms and JSON bodies of the token endpoint: whatever they hold becomes an Ask, or a Refusal of the request. */
import { expect } from 'chai'
import type { Request } from 'express'
import fc from 'fast-check'
import { clientAssertionType, grantTypes, tokenTypes } from '../../src/protocol/oauth.ts'
import { type Ask, parse } from '../../src/server/exchange/parse.ts'
import { type Parameters, parametersOf } from '../../src/server/http/parameters.ts'
import { naiveJson } from '../support/naive-json.ts'
import { nearJson, spoilt } from '../support/near-json.ts'
import { reasonOf } from '../support/reasons.ts'

const seed = 6749
const form = 'application/x-www-form-urlencoded'
const ofRequests = [
  'malformed_request',
  'parameter_missing',
  'parameter_repeated',
  'unsupported_grant_type',
  'unsupported_media_type',
]
const names = [
  'grant_type',
  'assertion',
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'requested_token_ttl',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'client_id',
  'scope',
  'audience',
  'resource',
  'service_account',
  'actor_token',
  'x',
  '__proto__',
  'constructor',
  '',
]
const values = [
  ...Object.values(grantTypes),
  ...Object.values(tokenTypes),
  clientAssertionType,
  'a.b.c',
  ' a.b.c\n',
  '\t',
  '900',
  '-1',
  '1e3',
  '٣',
  '',
  'projects:read',
  '\0',
  '\u2028',
]
const pair = fc.tuple(
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.string() }),
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: fc.string() }),
)
const start = fc.constantFrom<[string, string][]>(
  [
    ['grant_type', grantTypes.jwtBearer],
    ['assertion', ' \n a.b.c\r\n'],
  ],
  [
    ['grant_type', grantTypes.tokenExchange],
    ['subject_token', 'a.b.c'],
    ['subject_token_type', tokenTypes.jwt],
  ],
  [
    ['grant_type', grantTypes.clientCredentials],
    ['client_secret', 'csk_1'],
  ],
  [
    ['grant_type', grantTypes.clientCredentials],
    ['client_assertion', 'a.b.c\n'],
    ['client_assertion_type', clientAssertionType],
  ],
  [],
)
const parameters = fc.tuple(start, fc.array(pair, { maxLength: 4 })).map(([first, more]) => [...first, ...more])

const sent = (body: string, type: string) =>
  ({
    body,
    headers: { 'content-type': type },
    is: () => (type === 'application/json' ? type : false),
    get: () => type,
  }) as unknown as Request

function expectAsk(read: Parameters, ask: Ask): void {
  const given = read.filter(([, value]) => value !== '')
  expect(new Set(read.map(([name]) => name)).size, 'a name twice').to.equal(read.length)
  const first = (name: string) => given.find(([one]) => one === name)?.[1]
  expect(ask.grantType).to.equal(first('grant_type'))
  expect(ask.proof.secret).to.not.match(/^[ \t\n\f\r]|[ \t\n\f\r]$/)
  const shown = ['assertion', 'subject_token', 'client_secret', 'client_assertion'].map((name) => first(name)?.trim())
  expect(shown).to.include(ask.proof.secret.trim())
  if (ask.grantType === grantTypes.clientCredentials) {
    const names =
      ask.proof.kind === 'token' ? ['client_assertion', 'client_secret'] : ['client_secret', 'client_assertion']
    expect(names.map((name) => first(name) !== undefined)).to.deep.equal([true, false])
  }
  if (ask.requestedTtl !== undefined) expect(ask.requestedTtl).to.be.within(1, 999_999_999)
}

/** Reads and judges each; `least` of them must have become an Ask. */
function over<T>(bodies: fc.Arbitrary<T>, read: (body: T) => Parameters, numRuns: number, least: number): void {
  let asks = 0
  const property = fc.property(bodies, (body) => {
    const reason = reasonOf(() => {
      const found = read(body)
      const ask = parse({ parameters: found }, () => {})
      asks++
      expectAsk(found, ask)
    })
    expect(reason).to.be.oneOf([...ofRequests, null])
  })
  fc.assert(property, { seed, numRuns })
  expect(asks, 'requests that could be read').to.be.at.least(least)
}

describe('fuzz: requests for a token', () => {
  const asForm = parameters.map((pairs) => new URLSearchParams(pairs).toString())
  const formLetters = fc.constantFrom(
    '&',
    '=',
    '%',
    '+',
    ';',
    '%00',
    '%ff',
    '%C0%80',
    '\0',
    '#',
    '?',
    '[',
    ']',
    '%u0041',
    'é',
  )

  it('forms', () => over(asForm, (body) => parametersOf(sent(body, form)), 3_000, 300))

  it('forms that were spoilt, and any text', () =>
    over(
      fc.oneof(spoilt(asForm, formLetters), fc.string({ unit: 'binary' })),
      (body) => parametersOf(sent(body, form)),
      3_000,
      100,
    ))

  it('JSON bodies', () => {
    const asJson = parameters.map(
      (pairs) => `{${pairs.map((one) => one.map((text) => JSON.stringify(text)).join(':')).join()}}`,
    )
    const merged = fc
      .tuple(asJson, nearJson)
      .map(([one, near]) => (near.startsWith('{') ? `${one.slice(0, -1)},${near.slice(1)}` : one))
    const bodies = fc.oneof(asJson, merged, nearJson)
    over(bodies, (body) => parametersOf(sent(body, 'application/json')), 3_000, 100)
    const repeated = fc.property(bodies, (body) => {
      if (naiveJson(body)?.repeated)
        expect(reasonOf(() => parametersOf(sent(body, 'application/json')))).to.be.oneOf([
          'parameter_repeated',
          'malformed_request',
        ])
    })
    fc.assert(repeated, { seed, numRuns: 2_000 })
  })
})
