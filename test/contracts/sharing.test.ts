import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { SharedKeySet } from '../../src/server/issuers/store.ts'
import { shared } from './sharing.ts'

shared('key sets', (shared) => {
  const entry = (source: string): SharedKeySet => ({
    source,
    jwks: { keys: [{ kty: 'EC', kid: 'ünïque', crv: 'P-256', x: 'x', y: 'y' }] },
    fetchedAt: 1_790_000_000_000,
    freshUntil: 1_790_000_300_000,
    attemptedAt: 1_790_000_000_001,
    failures: 2,
    message: 'the issuer answered 500',
  })

  it('are kept by registration, replaced and removed, for all', async () => {
    const { keySets } = shared()
    expect(await keySets().get('iss_1')).to.equal(undefined)
    await keySets().put('iss_1', entry('one'))
    await keySets().put('iss_2', { ...entry('two'), jwks: null, message: null })
    expect(await keySets().get('iss_1')).to.deep.equal(entry('one'))
    expect(await keySets().get('iss_2')).to.deep.equal({ ...entry('two'), jwks: null, message: null })
    await keySets().put('iss_1', entry('three'))
    expect(await keySets().get('iss_1')).to.deep.equal(entry('three'))
    await keySets().remove('iss_1')
    expect(await keySets().get('iss_1')).to.equal(undefined)
    expect((await keySets().get('iss_2'))?.source).to.equal('two')
  })

  it('are leased to one at a time, until it gives the lease back', async () => {
    const { keySets } = shared()
    const leases = await Promise.all(Array.from({ length: 20 }, () => keySets().lease('iss_1', 10_000)))
    const [release, ...others] = leases.filter((lease) => lease !== undefined)
    expect(others).to.have.length(0)
    expect(await keySets().lease('iss_2', 10_000)).to.not.equal(undefined)
    await release?.()
    expect(await keySets().lease('iss_1', 10_000)).to.not.equal(undefined)
  })

  it('are leased for a time; who had it before does not end the lease of who has it now', async () => {
    const { keySets } = shared()
    const late = await keySets().lease('iss_1', 30)
    await sleep(60)
    const release = await keySets().lease('iss_1', 10_000)
    expect(release).to.not.equal(undefined)
    await late?.()
    expect(await keySets().lease('iss_1', 10_000)).to.equal(undefined)
    await release?.()
    expect(await keySets().lease('iss_1', 10_000)).to.not.equal(undefined)
  })
})

shared('failures', (shared) => {
  it('are too many when there were more than the limit, of all replicas together', async () => {
    const counters = [shared().failures('exchange', 5), shared().failures('exchange', 5)]
    const counted: boolean[] = []
    for (let i = 0; i < 8; i++) counted.push((await counters[i % 2]?.count('192.0.2.1 iss_1')) as boolean)
    expect(counted).to.deep.equal([false, false, false, false, false, true, true, true])
  })

  it('are counted by key and by name', async () => {
    const exchange = shared().failures('exchange', 1)
    expect(await exchange.count('a')).to.equal(false)
    expect(await exchange.count('b')).to.equal(false)
    expect(await shared().failures('fetch', 1).count('a')).to.equal(false)
    expect(await exchange.count('a')).to.equal(true)
  })

  it('are counted one by one when many come at once, under however long a key', async () => {
    const key = `{${'x'.repeat(5_000)}}`
    const counted = await Promise.all(
      Array.from({ length: 40 }, async () => shared().failures('exchange', 30).count(key)),
    )
    expect(counted.filter(Boolean)).to.have.length(10)
  })

  it('know no limit of 0', async () => {
    const counter = shared().failures('exchange', 0)
    for (let i = 0; i < 50; i++) expect(await counter.count('a')).to.equal(false)
  })
})

shared('claims', (shared) => {
  const claimed = () => {
    const now = Date.now()
    return { now, end: now + 60_000 }
  }

  it('answer the first claim once, and later ones with its time', async () => {
    const { now, end } = claimed()
    expect(await shared().claims().claim('digest', now, end)).to.equal(undefined)
    for (let i = 1; i < 5; i++)
      expect(
        await shared()
          .claims()
          .claim('digest', now + i, end),
      ).to.equal(now)
    expect(
      await shared()
        .claims()
        .claim('other', now + 3, end),
    ).to.equal(undefined)
  })

  it('have one winner among 200', async () => {
    const { now, end } = claimed()
    const replicas = [shared().claims(), shared().claims()]
    const claims = Array.from({ length: 200 }, (_, i) => replicas[i % 2]?.claim('digest', now, end))
    const answers = await Promise.all(claims)
    expect(answers.filter((first) => first === undefined)).to.have.length(1)
    expect(answers.filter((first) => first === now)).to.have.length(199)
  })

  it('are forgotten when they are purged, not before', async () => {
    const { now } = claimed()
    const claims = shared().claims()
    await claims.claim('digest', now, now + 1_000)
    await claims.purge(now + 999)
    expect(await claims.claim('digest', now + 2_000, now + 3_000)).to.equal(now)
    await claims.purge(now + 1_000)
    expect(await claims.claim('digest', now + 2_000, now + 3_000)).to.equal(undefined)
  })
})
