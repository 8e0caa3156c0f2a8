import { expect } from 'chai'
import { createLocalKeySets } from '../../../src/server/shared-state/key-sets.ts'
import { a, b, c, found, hour, keyWorld, registration, second } from '../../support/key-world.ts'
import { refusalOf } from '../../support/reasons.ts'
import { registrationOf } from '../../support/registrations.ts'

describe('issuers/keys', () => {
  it('fetches once for many that ask at a time', async () => {
    const { keys: make, stats, holds } = keyWorld()
    const keys = make()
    const open = holds()
    const asked = Promise.all(Array.from({ length: 50 }, () => found(keys, a)))
    await open()
    expect(await asked).to.deep.equal(Array(50).fill(1))
    expect(stats.fetches).to.equal(1)
  })

  it('answers an unknown kid from memory in quiet time, and fetches once outside it', async () => {
    const w = keyWorld()
    const keys = w.keys()
    await found(keys, a)
    w.says([a, b])
    w.jump(30 * second - 1)
    expect(await found(keys, b)).to.equal(0)
    expect(w.stats.fetches).to.equal(1)
    w.jump(1)
    const open = w.holds()
    const asked = Promise.all([found(keys, b), found(keys, c), found(keys, b)])
    await w.settled()
    expect(await found(keys, a), 'others do not wait').to.equal(1)
    await open()
    expect(await asked).to.deep.equal([1, 0, 1])
    expect(await found(keys, c)).to.equal(0)
    expect(w.stats.fetches).to.equal(2)
  })

  it('does not fetch for a known kid with another algorithm, nor without a kid', async () => {
    const w = keyWorld()
    const keys = w.keys()
    await found(keys, a)
    w.jump(31 * second)
    expect(await keys.find(registration, a.kid, 'RS256')).to.deep.equal([])
    expect(await keys.find(registration, undefined, 'RS256')).to.deep.equal([])
    expect(w.stats.fetches).to.equal(1)
  })

  it('keeps one registration from another, and what was from what is', async () => {
    const w = keyWorld()
    const keys = w.keys()
    await found(keys, a)
    w.says([b])
    expect(await found(keys, a, registrationOf({ id: 'iss_02' }))).to.equal(0)
    const moved = registrationOf({ jwksUri: 'https://idp.example/other', version: 2 })
    expect(keys.health(moved).state).to.equal('unknown')
    expect(await found(keys, a, moved)).to.equal(0)
    expect(await found(keys, b, moved)).to.equal(1)
    expect(w.stats.fetches).to.equal(3)
    w.says([c])
    expect(await found(keys, b, { ...moved, version: 3 }), 'a new name is no new source').to.equal(1)
    keys.forget('iss_01')
    expect(await found(keys, c, moved)).to.equal(1)
  })

  it('serves uploaded keys and fetches nothing', async () => {
    const w = keyWorld()
    const keys = w.keys()
    const uploaded = registrationOf({ jwks: { keys: [a.jwk] } })
    expect(await found(keys, a, uploaded)).to.equal(1)
    w.jump(365 * 24 * hour)
    expect([await found(keys, a, uploaded), await found(keys, b, uploaded)]).to.deep.equal([1, 0])
    expect(await found(keys, b, { ...uploaded, jwks: { keys: [b.jwk] }, version: 2 })).to.equal(1)
    expect(keys.health(uploaded)).to.deep.equal({ state: 'ok', keys: [{ kid: a.kid, kty: 'EC', alg: 'ES256' }] })
    expect((await keys.refresh(uploaded)).state).to.equal('ok')
    expect([w.stats.fetches, w.planned.size]).to.deep.equal([0, 0])
  })

  it('drops and fetches when an admin says refresh, in quiet time too', async () => {
    const w = keyWorld()
    const keys = w.keys(createLocalKeySets({ clock: w.clock }))
    await found(keys, a)
    w.says([b])
    expect(await keys.refresh(registration)).to.include({ state: 'ok' })
    expect([await found(keys, a), await found(keys, b)]).to.deep.equal([0, 1])
    w.fails()
    expect(await keys.refresh(registration)).to.include({ state: 'failing' })
    expect((await refusalOf(found(keys, b))).retryAfter).to.equal(30)
  })

  it('does not take what was under way for the answer to a refresh', async () => {
    const w = keyWorld()
    const keys = w.keys(createLocalKeySets({ clock: w.clock }))
    const open = w.holds()
    const early = found(keys, a)
    await w.settled()
    w.says([b])
    const refreshed = keys.refresh(registration)
    await w.settled()
    expect(w.stats.fetches).to.equal(2)
    await open()
    await Promise.all([early, refreshed])
    expect(await found(keys, b)).to.equal(1)
  })

  it('plans nothing for what was forgotten while it was fetched', async () => {
    const w = keyWorld()
    const keys = w.keys()
    const open = w.holds()
    const asked = found(keys, a)
    await w.settled()
    keys.forget(registration.id)
    await open()
    expect(await asked).to.equal(1)
    expect(w.planned.size).to.equal(0)
  })

  it('remembers no more registrations than it may, and cancels the timers of those it forgets', async () => {
    const w = keyWorld()
    const keys = w.keys(undefined, 2)
    const [one, two, three] = ['1', '2', '3'].map((id) => registrationOf({ id })) as [
      typeof registration,
      typeof registration,
      typeof registration,
    ]
    for (const each of [one, two, one, three]) {
      w.jump(second)
      await found(keys, a, each)
    }
    const states = [one, two, three].map((each) => keys.health(each).state)
    expect(states).to.deep.equal(['ok', 'unknown', 'ok'])
    expect(w.planned.size).to.equal(2)
    keys.close()
    expect(w.planned.size).to.equal(0)
  })
})
