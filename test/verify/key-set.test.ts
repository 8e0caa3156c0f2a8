/** The key set as an API keeps it, under a clock that the test moves. */
import { expect } from 'chai'
import { createConnection } from '../../src/verify/connection.ts'
import type { VerifyError } from '../../src/verify/index.ts'
import { createFindKey, type FindKey } from '../../src/verify/key-set.ts'
import { type Issuing, startIssuing } from '../support/issuing.ts'

const path = '/oauth/jwks'
const minute = 60_000
const hour = 60 * minute

describe('verify/key-set', () => {
  let issuing: Issuing
  let findKey: FindKey
  let ms: number
  beforeEach(async () => {
    issuing = await startIssuing()
    ms = 0
    const connection = createConnection({ url: issuing.url, key: undefined, fetch, timeout: 2_000 })
    findKey = createFindKey({ connection, elapsed: () => ms })
  })
  afterEach(() => issuing.close())

  const find = (kid = 'k1', alg = 'ES256'): Promise<string> =>
    findKey(kid, alg).then(
      () => 'found',
      (error: unknown) => (error as VerifyError).code,
    )
  const looks = () => issuing.asked(path)
  const fail = () => {
    issuing.answers[path] = { status: 500 }
  }

  it('looks once for as long as the set is fresh, whoever asks at once', async () => {
    expect(await Promise.all(Array.from({ length: 10 }, () => find()))).to.deep.equal(Array(10).fill('found'))
    ms = 5 * minute - 1
    expect(await find()).to.equal('found')
    expect(looks()).to.equal(1)
    ms = 5 * minute
    expect(await find()).to.equal('found')
    expect(looks()).to.equal(2)
  })

  it('believes max-age between a minute and an hour', async () => {
    for (const [maxAge, freshFor] of [
      [0, minute],
      [10, minute],
      [600, 10 * minute],
      [999_999, hour],
    ] as const) {
      issuing.publish([issuing.key.jwk], { 'cache-control': `public, max-age=${maxAge}` })
      const connection = createConnection({ url: issuing.url, key: undefined, fetch, timeout: 2_000 })
      findKey = createFindKey({ connection, elapsed: () => ms })
      ms = 0
      await find()
      const before = looks()
      ms = freshFor - 1
      await find()
      expect(looks(), `${maxAge}`).to.equal(before)
      ms = freshFor
      await find()
      expect(looks(), `${maxAge}`).to.equal(before + 1)
    }
  })

  it('takes a key that is withdrawn for unknown, once the set is renewed', async () => {
    expect(await find()).to.equal('found')
    issuing.publish([(await issuing.newKey('k2')).jwk])
    expect(await find()).to.equal('found')
    ms = 5 * minute
    expect(await find()).to.equal('key_unknown')
    expect(await find('k2')).to.equal('found')
  })

  it('looks for an unknown key once in 30 s', async () => {
    expect(await find()).to.equal('found')
    issuing.publish([issuing.key.jwk, (await issuing.newKey('k2')).jwk])
    for (let i = 0; i < 5; i++) expect(await find('k2')).to.equal('key_unknown')
    expect(looks(), 'it has just looked').to.equal(1)
    ms = 30_000
    expect(await Promise.all([find('k2'), find('k3'), find('k2')])).to.deep.equal(['found', 'key_unknown', 'found'])
    expect(looks()).to.equal(2)
  })

  it('is for the algorithm that the key is for', async () => {
    expect(await find('k1', 'RS256')).to.equal('key_unknown')
    expect(await find('k1', 'EdDSA')).to.equal('key_unknown')
  })

  it('serves on while Countersign cannot be reached, for a day, and looks every 30 s', async () => {
    expect(await find()).to.equal('found')
    fail()
    ms = 5 * minute
    for (let i = 0; i < 5; i++) expect(await find()).to.equal('found')
    expect(looks()).to.equal(2)
    ms += 30_000
    expect(await find()).to.equal('found')
    expect(looks()).to.equal(3)
    ms = 24 * hour
    expect(await find()).to.equal('found')
    ms = 24 * hour + 1
    expect(await find()).to.equal('unavailable')
    issuing.publish([issuing.key.jwk])
    ms += 30_000
    expect(await find()).to.equal('found')
  })

  const useless: [what: string, answer: object][] = [
    ['an empty set', { body: { keys: [] } }],
    ['no set', { body: {} }],
    ['keys that are no list', { body: { keys: 'x' } }],
    ['an array', { body: [] }],
    ['an error', { status: 503 }],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' } }],
    ['noise', { body: '{' }],
    [
      'keys that are of no use',
      {
        body: {
          keys: [
            null,
            7,
            {},
            { kid: 'x', alg: 'ES256', kty: 'EC' },
            { kid: 'k1', alg: 'HS256', kty: 'oct', k: 'AAAA' },
          ],
        },
      },
    ],
  ]
  for (const [what, answer] of useless)
    it(`never lets ${what} take the place of a good set`, async () => {
      expect(await find()).to.equal('found')
      issuing.answers[path] = answer
      ms = 5 * minute
      expect(await find()).to.equal('found')
      expect(looks()).to.equal(2)
    })

  it('passes by the keys that are of no use, and takes the others', async () => {
    const symmetric = { kid: 'k3', alg: 'ES256', kty: 'oct', k: 'AAAA' }
    issuing.publish([symmetric, { kid: 'k4', kty: 'EC', crv: 'P-256' }, issuing.key.jwk])
    expect(await find()).to.equal('found')
    expect(await find('k3')).to.equal('key_unknown')
  })

  it('without any set says so, and tries again a second later', async () => {
    fail()
    expect(await find()).to.equal('unavailable')
    expect(await find()).to.equal('unavailable')
    expect(looks()).to.equal(1)
    issuing.publish([issuing.key.jwk])
    ms = 1_000
    expect(await find()).to.equal('found')
  })
})
