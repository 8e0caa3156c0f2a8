/** Many who show one single-use token at once, at three replicas: one of them has it, whatever becomes of Redis meanwhile. */
import { expect } from 'chai'
import { installing } from '../support/program.ts'
import type { RedisServer } from '../support/redis.ts'
import type { Service } from '../support/server.ts'
import { flushAll } from './flush-all.ts'
import { singleUse } from './single-use.ts'
import { ask, type Fleet, noCounts, reconcile, startFleet, tally } from './support.ts'

const rounds = 100
const tries = 200

describe('faults/single-use', () => {
  let fleet: Fleet
  let redis: RedisServer
  let onceToken: () => string
  before(async function () {
    this.timeout(installing)
    // So many refusals are what is wanted.
    fleet = await startFleet({ env: { LIMIT_FAILED_PER_MINUTE: '0', LOG_LEVEL: 'warn' } })
    redis = fleet.redis as RedisServer
    onceToken = await singleUse(fleet)
  })
  after(() => fleet?.close())

  /** What happens to Redis in the midst of a round: it is emptied, or killed and there again in the next, or nothing. */
  const midst = (round: number): (() => Promise<void>) | undefined =>
    [() => flushAll(redis.port), () => redis.kill(), () => redis.startAgain()][round % 10]

  it(`gives one access token for ${tries} tries on three replicas, ${rounds} times`, async function () {
    this.timeout(600_000)
    for (let round = 0; round < rounds; round++) {
      const assertion = onceToken()
      const counts = noCounts()
      const some = (many: number) =>
        Array.from({ length: many }, (_, i) => ask(fleet, fleet.replicas[i % 3] as Service, assertion, counts))
      const happens = midst(round)
      const first = some(happens ? tries / 2 : tries)
      // When one has its answer, others are under way.
      if (happens) await Promise.race(first).then(happens)
      await Promise.all([...first, ...some(tries - first.length)])
      const { granted, refused, failed } = counts
      const outcome = [
        ...granted.map(() => 'granted'),
        ...refused.map(({ reason }) => reason),
        ...failed.map(({ kind }) => kind),
      ]
      expect(tally(outcome), `round ${round}`).to.deep.equal({ granted: 1, token_replayed: tries - 1 })
    }
    const { asked, grantedEvents, refusedEvents, withdrawn } = await reconcile(fleet)
    expect({ asked, grantedEvents, refusedEvents, withdrawn }).to.deep.equal({
      asked: rounds * tries,
      grantedEvents: rounds,
      refusedEvents: rounds * (tries - 1),
      withdrawn: 0,
    })
  })
})
