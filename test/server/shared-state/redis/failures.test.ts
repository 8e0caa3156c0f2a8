import { expect } from 'chai'
import { createSharedFailures } from '../../../../src/server/shared-state/redis/failures.ts'
import { redisWorld } from '../../../support/redis-world.ts'
import { timed, until } from '../../../support/stopwatch.ts'

describe('shared-state/redis/failures', () => {
  const world = redisWorld()
  const open = async () => createSharedFailures({ connection: await world().open(), name: 'exchange', perMinute: 3 })

  it('begins a new minute when one has passed', async () => {
    const counter = await open()
    for (let i = 0; i < 4; i++) await counter.count('a')
    const [key = ''] = await world().admin.keys('countersign:failures:exchange:*')
    expect(await world().admin.pttl(key)).to.be.within(55_000, 60_000)
    await world().admin.pexpire(key, 1)
    await until(async () => (await world().admin.exists(key)) === 0)
    expect(await counter.count('a')).to.equal(false)
  })

  for (const [fault, befall] of [
    ['killed', async () => world().server.kill()],
    ['a black hole', async () => world().proxy.blackHole()],
    ['slow', async () => world().proxy.slow(600)],
  ] as const)
    it(`counts alone while Redis is ${fault}: nobody is refused for it, each answer in less than a second`, async () => {
      const counter = await open()
      for (let i = 0; i < 3; i++) await counter.count('a')
      await befall()
      const counted: unknown[] = []
      for (let i = 0; i < 5; i++) {
        const { answer, ms } = await timed(counter.count('a'))
        counted.push(answer)
        expect(ms).to.be.below(1_000)
      }
      expect(counted).to.deep.equal([false, false, false, true, true])
    })

  it('lets through what Redis refuses to count', async () => {
    const counter = await open()
    await world().admin.hset('countersign:failures:exchange:a', 'not', 'a number')
    expect(await counter.count('a')).to.equal(false)
  })

  it('has forgotten after Redis was emptied', async () => {
    const counter = await open()
    for (let i = 0; i < 4; i++) await counter.count('a')
    await world().admin.flushall()
    expect(await counter.count('a')).to.equal(false)
  })
})
