import { expect } from 'chai'
import { createClock } from '../../../src/server/assembly/clock.ts'
import { StorageUnavailable } from '../../../src/server/errors/refusal.ts'

describe('assembly/clock', () => {
  /** The right time, by how much ours is off, and how long an answer takes. */
  let [right, off, slow]: [number, number, number] = [0, 0, 0]
  let away = false
  let said: unknown[] = []
  const own = () => right + off
  const look = async () => {
    const storage = {
      async clock() {
        if (away) throw new StorageUnavailable(new Error('away'))
        right += slow / 2
        const at = right
        right += slow / 2
        return at
      },
    }
    const clock = createClock({ storage, log: { warn: (...what: unknown[]) => void said.push(what[0]) }, own })
    await clock.start()
    return clock
  }
  beforeEach(() => {
    ;[right, off, slow, away, said] = [1_790_000_000_000, 0, 0, false, []]
  })

  for (const [by, slowness, correct] of [
    [0, 0, false],
    [250, 0, false],
    [-250, 0, false],
    [251, 0, true],
    [-251, 0, true],
    // Within what the answer leaves open.
    [300, 200, false],
    [60_000, 200, true],
    [-86_400_000, 4, true],
  ] as const)
    it(`off by ${by} ms, with an answer that takes ${slowness} ms: ${correct ? 'the other counts' : 'left alone'}`, async () => {
      off = by
      slow = slowness
      const clock = await look()
      expect(clock.now()).to.equal(right + (correct ? 0 : by))
      expect(said).to.deep.equal(Math.abs(by) >= 1_000 ? [{ off_ms: by }] : [])
      clock.close()
    })

  it('is this machine’s where no other process is', async () => {
    off = 60_000
    const clock = createClock({ storage: {}, log: { warn: () => expect.fail() }, own })
    await clock.start()
    expect(clock.now()).to.equal(right + off)
    clock.close()
  })

  it('goes on from what it knows while the database is away, and says once that it changed', async () => {
    let asked = nextTime()
    const storage = {
      async clock() {
        const before = asked
        asked = nextTime()
        before.resolve()
        if (away) throw new StorageUnavailable(new Error('away'))
        return right
      },
    }
    const log = { warn: (...what: unknown[]) => void said.push(typeof what[0] === 'string' ? 'right' : what[0]) }
    const clock = createClock({ storage, log, own, every: 1 })
    off = -5_000
    await clock.start()
    const looks = async () => {
      for (let i = 0; i < 3; i++) await asked.promise
    }
    away = true
    await looks()
    expect(clock.now()).to.equal(right)
    away = false
    await looks()
    expect(said).to.deep.equal([{ off_ms: -5_000 }])
    off = 0
    await looks()
    expect(clock.now()).to.equal(right)
    expect(said).to.deep.equal([{ off_ms: -5_000 }, 'right'])
    clock.close()
  })

  it('does not start where the database is away', async () => {
    away = true
    expect(await look().catch((error: unknown) => error)).to.be.instanceOf(StorageUnavailable)
  })
})

const nextTime = () => Promise.withResolvers<void>()
