import { expect } from 'chai'
import { createLocalKeySets } from '../../../src/server/shared-state/key-sets.ts'
import { a, b, found, keyWorld, registration, second } from '../../support/key-world.ts'
import { refusalOf } from '../../support/reasons.ts'
import { registrationOf } from '../../support/registrations.ts'

describe('issuers/shared-keys', () => {
  it('fetches once for all, and takes over what another fetched', async () => {
    const w = keyWorld()
    const shared = createLocalKeySets({ clock: w.clock })
    const [one, two] = [w.keys(shared), w.keys(shared)]
    await found(one, a)
    expect(await found(two, a)).to.equal(1)
    expect(w.stats.fetches).to.equal(1)
    w.jump(31 * second)
    w.says([a, b])
    expect(await found(one, b)).to.equal(1)
    expect(await found(two, b)).to.equal(1)
    expect(w.stats.fetches).to.equal(2)
  })

  it('a refresh is not undone by an answer that was under way before it', async () => {
    const w = keyWorld()
    const shared = createLocalKeySets({ clock: w.clock })
    const keys = w.keys(shared)
    const open = w.holds()
    const early = found(keys, a)
    await w.settled()
    w.says([b])
    w.holdsNoMore()
    await keys.refresh(registration)
    await open()
    await early
    expect((await shared.get(registration.id))?.jwks?.keys)
      .to.have.length(1)
      .and.deep.equal([b.jwk])
    w.jump(31 * second)
    expect([await found(keys, a), await found(keys, b)]).to.deep.equal([0, 1])
  })

  it('waits for the one that is fetching', async () => {
    const w = keyWorld()
    const shared = createLocalKeySets({ clock: w.clock })
    const [one, two] = [w.keys(shared), w.keys(shared)]
    const open = w.holds()
    const asked = Promise.all([found(one, a), found(two, a)])
    await w.settled()
    await open()
    expect(await asked).to.deep.equal([1, 1])
    expect(w.stats.fetches).to.equal(1)
  })

  it('fetches anew what another fetched and was lost on the way', async () => {
    const w = keyWorld()
    // As in a Redis that is emptied at the wrong moment.
    const shared = { ...createLocalKeySets({ clock: w.clock }), put: async () => {} }
    const [one, two] = [w.keys(shared), w.keys(shared)]
    const open = w.holds()
    const asked = Promise.all([found(one, a), found(two, a)])
    await w.settled()
    w.holdsNoMore()
    await open()
    expect(await asked).to.deep.equal([1, 1])
    expect(w.stats.fetches).to.equal(2)
  })

  it('shares the quiet time of a failing issuer', async () => {
    const w = keyWorld()
    const shared = createLocalKeySets({ clock: w.clock })
    const [one, two] = [w.keys(shared), w.keys(shared)]
    w.fails()
    await refusalOf(found(one, a))
    w.jump(10 * second)
    expect((await refusalOf(found(two, a))).retryAfter).to.equal(20)
    expect(w.stats.fetches).to.equal(1)
  })

  it('leaves nothing to take over while a refresh is under way', async () => {
    const w = keyWorld()
    const shared = createLocalKeySets({ clock: w.clock })
    const [one, two] = [w.keys(shared), w.keys(shared)]
    await found(one, a)
    w.says([b])
    const open = w.holds()
    const refreshed = one.refresh(registration)
    await w.settled()
    const asked = found(two, a)
    await w.settled()
    await open()
    await refreshed
    expect(await asked).to.equal(0)
  })

  it('does not take over what belongs to another source', async () => {
    const w = keyWorld()
    const shared = createLocalKeySets({ clock: w.clock })
    await found(w.keys(shared), a)
    w.says([b])
    expect(await found(w.keys(shared), a, registrationOf({ jwksUri: 'https://idp.example/other' }))).to.equal(0)
    expect(w.stats.fetches).to.equal(2)
  })

  it('goes alone when what is shared is away, and tells', async () => {
    const w = keyWorld()
    const away = () => Promise.reject(new Error('away'))
    const keys = w.keys({ get: away, put: away, remove: away, lease: away })
    expect(await found(keys, a)).to.equal(1)
    expect(await keys.refresh(registration)).to.include({ state: 'ok' })
    expect(w.reports).to.not.deep.equal([])
  })
})
