/** The key set as an API keeps it, under a clock that the test moves. */
import { expect } from 'chai'
import { type Answer, createConnection } from '../../src/verify/connection.ts'
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

  /** Until a look that is under way has ended: who asks for an unknown key waits for it. */
  const looked = () => find('nobody’s')

  it('looks once for all who ask at once, and not again while the set is fresh', async () => {
    expect(await Promise.all(Array.from({ length: 10 }, () => find()))).to.deep.equal(Array(10).fill('found'))
    ms = 4 * minute - 1
    expect(await find()).to.equal('found')
    expect(looks()).to.equal(1)
  })

  it('renews a set before its time is over, and nobody waits for that', async () => {
    await find()
    const hung = new Promise<void>((resolve) => {
      issuing.answers[path] = () => {
        resolve()
        return { hang: true }
      }
    })
    ms = 4 * minute
    expect(await Promise.all([find(), find(), find()])).to.deep.equal(['found', 'found', 'found'])
    await hung
    expect(looks()).to.equal(2)
  })

  it('has the new set once it is renewed beside its use', async () => {
    await find()
    issuing.publish([(await issuing.newKey('k2')).jwk])
    ms = 4 * minute
    expect(await find()).to.equal('found')
    await looked()
    expect(await find()).to.equal('key_unknown')
    expect(await find('k2')).to.equal('found')
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
      ms = freshFor * 0.8 - 1
      await find()
      expect(looks(), `${maxAge}`).to.equal(before)
      ms = freshFor * 0.8
      await find()
      await looked()
      expect(looks(), `${maxAge}`).to.equal(before + 1)
    }
  })

  it('takes a key that is withdrawn for unknown, once the set is renewed', async () => {
    expect(await find()).to.equal('found')
    issuing.publish([(await issuing.newKey('k2')).jwk])
    expect(await find()).to.equal('found')
    // Nobody asked meanwhile: whoever comes first waits for the new set.
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

  it('is for the algorithm that the key is for, and to ask for another causes no look', async () => {
    await find()
    ms = minute
    expect(await find('k1', 'RS256')).to.equal('key_unknown')
    expect(await find('k1', 'EdDSA')).to.equal('key_unknown')
    expect(looks()).to.equal(1)
  })

  it('serves on while Countersign cannot be reached, for a day, and looks every 30 s', async () => {
    expect(await find()).to.equal('found')
    fail()
    ms = 5 * minute
    for (let i = 0; i < 5; i++) expect(await find()).to.equal('found')
    expect(looks()).to.equal(2)
    ms += 30_000
    expect(await find()).to.equal('found')
    await looked()
    expect(looks()).to.equal(3)
    ms = 24 * hour
    expect(await find()).to.equal('found')
    ms = 24 * hour + 1
    expect(await find()).to.equal('unavailable')
    issuing.publish([issuing.key.jwk])
    ms += 30_000
    expect(await find()).to.equal('found')
  })

  it('takes an unknown key for unknown only while it can ask: else it may be a new one', async () => {
    await find()
    fail()
    ms = 30_000
    for (let i = 0; i < 3; i++) expect(await find('k2')).to.equal('unavailable')
    expect(looks()).to.equal(2)
    issuing.publish([issuing.key.jwk])
    ms = 60_000
    expect(await find('k2')).to.equal('key_unknown')
  })

  describe('while looking takes long', () => {
    type Look = { fail(): void; done(jwks: readonly object[]): void }
    let pending: Look[]
    /** What `find` said, or 'waits' when it has not: it has had every chance to. */
    const atOnce = (kid?: string) => Promise.race([find(kid), new Promise((r) => setImmediate(r, 'waits'))])
    beforeEach(async () => {
      pending = []
      const get = () =>
        new Promise<Answer>((resolve, reject) =>
          pending.push({
            fail: () => reject(new Error('away')),
            done: (keys) => resolve({ status: 200, headers: new Headers(), body: { keys } }),
          }),
        )
      findKey = createFindKey({ connection: { get }, elapsed: () => ms })
      const first = find()
      pending.pop()?.done([issuing.key.jwk])
      expect(await first).to.equal('found')
    })

    it('looks for nothing while the set is fresh, and once in 30 s when it is due', async () => {
      ms = 4 * minute - 1
      for (let i = 0; i < 3; i++) expect(await atOnce()).to.equal('found')
      expect(pending).to.have.length(0)
      ms = 4 * minute
      expect(await atOnce()).to.equal('found')
      pending.pop()?.fail()
      await looked()
      for (ms of [4 * minute, 4 * minute + 29_999]) {
        expect(await atOnce()).to.equal('found')
        expect(pending, `${ms}`).to.have.length(0)
      }
      ms = 4 * minute + 30_000
      expect(await atOnce()).to.equal('found')
      expect(pending).to.have.length(1)
    })

    it('waits once, for a set past its time, and no more when that has failed', async () => {
      ms = 5 * minute
      expect(await atOnce()).to.equal('waits')
      const waiting = find()
      pending.pop()?.fail()
      expect(await waiting).to.equal('found')
      for (let i = 0; i < 10; i++) {
        ms += 30_000
        expect(await atOnce()).to.equal('found')
        expect(pending).to.have.length(1)
        pending.pop()?.fail()
        await looked()
      }
    })

    it('waits again after a pause: that it failed then says nothing now', async () => {
      ms = 5 * minute
      const waiting = find()
      pending.pop()?.fail()
      await waiting
      ms += 3 * hour
      expect(await Promise.all([atOnce(), atOnce()])).to.deep.equal(['waits', 'waits'])
      const late = find()
      pending.pop()?.done([(await issuing.newKey('k2')).jwk])
      expect(await late).to.equal('key_unknown')
    })
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
