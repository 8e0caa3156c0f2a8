import { expect } from 'chai'
import fc from 'fast-check'
import { isKnownAge, refreshTimes } from '../../src/client/refresh-times.ts'

describe('client: when a token is replaced', () => {
  const now = 1_000_000
  for (const [life, hint, random, advisory, mandatory] of [
    [900, undefined, 0.5, 720, 870],
    [900, undefined, 0, 738, 870],
    [900, undefined, 1, 702, 870],
    [3600, undefined, 0.5, 3300, 3570],
    [60, undefined, 0.5, 48, 57],
    [900, 300, 0.5, 300, 870],
    [900, 890, 0.5, 870, 870],
    [900, 0, 0.5, 720, 870],
    [900, 901, 0.5, 720, 870],
  ] as const)
    it(`${life} s, refresh_in ${hint}, chance ${random}: from ${advisory} s on, waited for from ${mandatory} s on`, () => {
      const times = refreshTimes(now, life, hint, random)
      expect(times).to.deep.equal({
        obtained: now,
        advisory: now + advisory * 1000,
        mandatory: now + mandatory * 1000,
        expiry: now + life * 1000,
      })
    })

  it('of any life: fresh first, then advisory, mandatory, expired, and fresh for most of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.option(fc.double({ noNaN: true }), { nil: undefined }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (life, hint, random) => {
          const { obtained, advisory, mandatory, expiry } = refreshTimes(now, life, hint, random)
          expect(obtained < advisory && advisory <= mandatory && mandatory < expiry).to.equal(true)
          if (hint === undefined) expect(advisory - obtained).to.be.at.least(life * 1000 * 0.77)
        },
      ),
    )
  })

  it('is of no known age before it came', () => {
    const times = refreshTimes(now, 900, undefined, 0)
    expect([isKnownAge(times, now), isKnownAge(times, now - 1)]).to.deep.equal([true, false])
  })
})
