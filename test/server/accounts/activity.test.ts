import { expect } from 'chai'
import { createActivity } from '../../../src/server/accounts/activity.ts'

const hour = 3_600_000
const noon = 12 * hour

describe('accounts/activity', () => {
  const telling = (fail = (): boolean => false) => {
    const told: { ids: readonly string[]; at: number }[] = []
    const reported: unknown[] = []
    const activity = createActivity({
      async touch(ids, at) {
        if (fail()) throw new Error('away')
        told.push({ ids: [...ids], at })
      },
      report: (error) => void reported.push(error),
      every: 60_000,
    })
    return { activity, told, reported }
  }

  it('tells an account once in an hour of the clock, however often it is used', async () => {
    const { activity, told } = telling()
    for (const at of [noon, noon + 1, noon + hour - 1]) activity.used('sa_a', at)
    await activity.close()
    expect(told).to.deep.equal([{ ids: ['sa_a'], at: noon }])
    activity.used('sa_a', noon + hour - 1)
    await activity.close()
    expect(told).to.have.length(1)
    activity.used('sa_a', noon + hour)
    await activity.close()
    expect(told.at(-1)).to.deep.equal({ ids: ['sa_a'], at: noon + hour })
  })

  it('tells many at once, and none is left when it is closed', async () => {
    const { activity, told } = telling()
    for (let i = 0; i < 1200; i++) activity.used(`sa_${i}`, noon)
    await activity.close()
    expect(told.map(({ ids }) => ids.length)).to.deep.equal([500, 500, 200])
    expect(new Set(told.flatMap(({ ids }) => ids)).size).to.equal(1200)
  })

  it('tells by itself, soon', async () => {
    const { promise, resolve } = Promise.withResolvers<readonly string[]>()
    const activity = createActivity({ touch: async (ids) => resolve(ids), report: () => {}, every: 1 })
    activity.used('sa_a', noon)
    // The timer alone keeps no process.
    const alive = setInterval(() => {}, 1_000)
    expect(await promise).to.deep.equal(['sa_a'])
    clearInterval(alive)
  })

  it('what could not be told is told at the next use', async () => {
    let away = true
    const { activity, told, reported } = telling(() => away)
    activity.used('sa_a', noon)
    await activity.close()
    expect([told.length, reported.length]).to.deep.equal([0, 1])
    away = false
    activity.used('sa_a', noon + 1)
    await activity.close()
    expect(told).to.have.length(1)
  })
})
