import { expect } from 'chai'
import { a, b, found, hour, keyWorld, minute, registration, second } from '../../support/key-world.ts'
import { refusalOf } from '../../support/reasons.ts'

describe('issuers/key-clocks', () => {
  it('refreshes in the background, so that nobody waits, and lets a withdrawn key go', async () => {
    const w = keyWorld()
    const keys = w.keys()
    await found(keys, a)
    w.says([b])
    await w.pass(5 * minute)
    expect(w.stats.fetches).to.equal(2)
    const open = w.holds()
    w.jump(3.5 * minute)
    // The next background fetch begins, and hangs: the answer comes from memory.
    expect(await found(keys, b)).to.equal(1)
    expect(w.stats.fetches).to.equal(3)
    await open()
    expect(await found(keys, a)).to.equal(0)
    expect(w.stats.fetches).to.equal(3)
  })

  it('lets a withdrawn key go within the hour, whatever the issuer says', async () => {
    const w = keyWorld()
    const keys = w.keys()
    w.says([a], 24 * hour)
    await found(keys, a)
    w.says([b])
    w.jump(hour - 1 - 0.3 * hour)
    expect(await found(keys, a)).to.equal(1)
    expect(w.stats.fetches).to.equal(1)
    // No timer rang (a laptop slept): the first to ask afterwards waits.
    w.jump(0.3 * hour + 1)
    expect(await found(keys, a)).to.equal(0)
    expect(w.stats.fetches).to.equal(2)
  })

  it('keeps what says nothing, or 0, for 5 minutes', async () => {
    const w = keyWorld()
    const keys = w.keys()
    w.says([a], 0)
    await found(keys, a)
    w.jump(4 * minute - second)
    await found(keys, a)
    await w.settled()
    expect(w.stats.fetches).to.equal(1)
  })

  it('leaves in peace an issuer that nobody has used for a day', async () => {
    const w = keyWorld()
    const keys = w.keys()
    w.says([a], hour)
    await found(keys, a)
    await w.pass(48 * hour)
    const { fetches } = w.stats
    expect(fetches).to.be.within(24, 32)
    await w.pass(48 * hour)
    expect(w.stats.fetches).to.equal(fetches)
    expect(await found(keys, a)).to.equal(1)
    expect(w.stats.fetches).to.equal(fetches + 1)
  })

  it('serves stale keys for a day while the issuer fails, and then none', async () => {
    const w = keyWorld()
    const keys = w.keys()
    await found(keys, a)
    w.fails()
    await w.pass(5 * minute)
    expect(keys.health(registration)).to.include({
      state: 'stale',
      message: 'jwks: answered with status 500 instead of 200',
    })
    await w.pass(24 * hour - 1)
    expect(await found(keys, a)).to.equal(1)
    await w.pass(1)
    const refusal = await refusalOf(found(keys, a))
    expect(refusal.reason).to.equal('issuer_unavailable')
    expect(refusal.retryAfter).to.be.within(1, 300)
    expect(keys.health(registration)).to.include({ state: 'failing' })
    w.says([b])
    await w.pass(5 * minute)
    expect(await found(keys, b)).to.equal(1)
    expect(keys.health(registration)).to.include({ state: 'ok' })
  })

  it('tries a failing issuer after 30 s, 1, 2, 4 and 5 minutes, however many ask', async () => {
    const w = keyWorld()
    const keys = w.keys()
    w.fails()
    const tried: number[] = []
    let before = 0
    for (let s = 0; s < 1_100; s++) {
      await refusalOf(found(keys, a))
      if (w.stats.fetches > before) tried.push(s)
      before = w.stats.fetches
      await w.pass(second)
    }
    const gaps = tried.slice(1).map((s, i) => s - (tried[i] ?? 0))
    // A timer may ring in the second between two questions.
    for (const [i, gap] of [30, 60, 120, 240, 300].entries()) expect(gaps[i]).to.be.within(gap, gap + 1)
  })

  it('never replaces a good set by an empty one, an unreadable one, or because of our own bug', async () => {
    const w = keyWorld()
    const keys = w.keys()
    await found(keys, a)
    for (const fail of [
      () => w.says([]),
      () => w.says([{ jwk: { kty: 'oct' } }]),
      () => w.fails(new TypeError('a bug')),
    ]) {
      fail()
      await w.pass(10 * minute)
      expect(await found(keys, a)).to.equal(1)
    }
    expect(w.reports.map(String)).to.include('TypeError: a bug')
    expect(JSON.stringify(keys.health(registration))).to.not.include('bug')
  })

  it('survives a clock that is set back', async () => {
    const w = keyWorld()
    const keys = w.keys()
    await found(keys, a)
    w.jump(-24 * hour)
    w.says([b])
    expect(await found(keys, a), 'no set from the future is fresh').to.equal(0)
    expect(await found(keys, b)).to.equal(1)
  })

  it('tries anew when the last attempt is in the future', async () => {
    const w = keyWorld()
    const keys = w.keys()
    w.fails()
    await refusalOf(found(keys, a))
    w.jump(-24 * hour)
    w.says([a])
    expect(await found(keys, a)).to.equal(1)
  })
})
