/** Redis goes away under load, one way or another: nobody who asks notices, and nothing that is over begins again. */
import { expect } from 'chai'
import { generateKey } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import type { RedisServer } from '../support/redis.ts'
import { call, type Service } from '../support/server.ts'
import { timed } from '../support/stopwatch.ts'
import type { TcpProxy } from '../support/tcp-proxy.ts'
import { must } from '../support/world.ts'
import { flushAll } from './flush-all.ts'
import { singleUse } from './single-use.ts'
import { activeAt, ask, eventually, type Fleet, freshToken, reconcile, startFleet, underLoad } from './support.ts'

/** ms. The longest that anybody waits for an answer. */
const mostWaited = 1_000
/** ms. Until a revocation counts on all replicas. */
const [withRedis, withoutRedis] = [1_000, 5_000]
/** Exchanges that have to be granted while a fault lasts. */
const lasting = 500

type World = { redis: RedisServer; toRedis: TcpProxy }
type Fault = { name: string; begin(world: World): Promise<void> | void; end(world: World): Promise<void> | void }

const pass = ({ toRedis }: World) => toRedis.pass()
const faults: Fault[] = [
  { name: 'is killed', begin: ({ redis }) => redis.kill(), end: ({ redis }) => redis.startAgain() },
  { name: 'answers nobody', begin: ({ toRedis }) => toRedis.blackHole(), end: pass },
  { name: 'is slow by 300 ms', begin: ({ toRedis }) => toRedis.slow(300), end: pass },
  { name: 'resets connections', begin: ({ toRedis }) => toRedis.reset(), end: pass },
]

describe('faults/redis', () => {
  let fleet: Fleet
  let world: World
  let onceToken: () => string
  before(async function () {
    this.timeout(installing)
    fleet = await startFleet()
    world = { redis: fleet.redis as RedisServer, toRedis: fleet.toRedis as TcpProxy }
    onceToken = await singleUse(fleet)
  })
  // What one of them leaves behind when it fails is not the next one's.
  afterEach(async () => {
    world.toRedis.pass()
    const { exitCode, signalCode } = world.redis.process
    if (exitCode !== null || signalCode !== null) await world.redis.startAgain()
  })
  after(() => fleet?.close())

  const replica = (i: number) => fleet.replicas[i] as Service
  const tokenAt = async (at: Service): Promise<string> =>
    String((await ask(fleet, at, freshToken(fleet)))?.body.access_token)
  const everywhere = async (holds: (at: Service) => Promise<boolean>) =>
    (await Promise.all(fleet.replicas.map(holds))).every(Boolean)
  const deadEverywhere = (token: string) => everywhere(async (at) => !(await activeAt(fleet, at, token)))
  const reasonsFor = (assertion: string) =>
    Promise.all(fleet.replicas.map(async (at) => (await ask(fleet, at, assertion))?.body.reason))
  const readiness = () => Promise.all(fleet.replicas.map(async (at) => (await call(at, 'GET', '/readyz')).body))
  const readyWith = (redis: 'ok' | 'unavailable') => ({
    status: redis === 'ok' ? 'ok' : 'degraded',
    dependencies: { database: { state: 'ok' }, redis: { state: redis } },
  })
  const isReadyWith = (redis: 'ok' | 'unavailable') => async () =>
    (await readiness()).every((found) => JSON.stringify(found) === JSON.stringify(readyWith(redis)))

  /** Revoked at one replica: ms from its answer until all honour it. */
  async function revokedEverywhere(token: string, at: Service, ms: number): Promise<number> {
    const { answer, ms: took } = await timed(must(call(at, 'POST', '/oauth/revoke', { form: { token } })))
    expect(answer).to.not.be.instanceOf(Error)
    expect(took, 'ms until a revocation is answered').to.be.below(mostWaited)
    return eventually(ms, () => deadEverywhere(token), 'a revocation was not honoured by all')
  }

  /** What was over before, and must be over still. */
  async function past() {
    const [used, dead] = [onceToken(), await tokenAt(replica(0))]
    expect((await ask(fleet, replica(0), used))?.status).to.equal(200)
    await revokedEverywhere(dead, replica(0), withRedis)
    return { used, dead, forged: freshTokenOfAnother() }
  }
  const freshTokenOfAnother = () => fleet.world.token({ jti: 'forged' }, { key: generateKey('ES256').privateKey })

  async function isStillPast({ used, dead, forged }: Awaited<ReturnType<typeof past>>): Promise<void> {
    expect(await reasonsFor(used), 'a token that was used').to.deep.equal(Array(3).fill('token_replayed'))
    expect(await deadEverywhere(dead), 'a token that was revoked').to.equal(true)
    // What cannot be counted is refused for what it is, and keeps nobody else out.
    expect(await reasonsFor(forged)).to.deep.equal(Array(3).fill('signature_invalid'))
  }

  /** Until the load has met enough of what is now. */
  async function last(): Promise<void> {
    const enough = fleet.counts.granted.length + lasting
    await eventually(30_000, async () => fleet.counts.granted.length >= enough, 'exchanges came to a halt')
  }

  /** Half of them for a claim, which Redis is asked about. */
  let turn = 0
  const token = () => (turn++ % 2 === 0 ? freshToken(fleet) : onceToken())

  /** Nobody who asked for anything good had to wait, or was sent away. */
  function expectUnnoticed({ asked, granted, refused, failed, slowest, control }: Fleet['counts']): void {
    expect({ refused, failed }).to.deep.equal({ refused: [], failed: [] })
    expect(granted).to.have.length(asked)
    expect(asked).to.be.above(lasting)
    expect(Math.max(slowest, fleet.counts.slowest), 'ms of the slowest answer').to.be.below(mostWaited + control)
  }

  for (const { name, begin, end } of faults)
    it(`goes on as if nothing were when Redis ${name}`, async function () {
      this.timeout(180_000)
      const { counts } = await underLoad(
        fleet,
        async () => {
          const before = await past()
          const doomed = await tokenAt(replica(1))
          await begin(world)
          await isStillPast(before)
          await eventually(withoutRedis, isReadyWith('unavailable'), 'nobody noticed that Redis is away')
          await revokedEverywhere(doomed, replica(1), withoutRedis)
          const [young, usedNow] = [await tokenAt(replica(2)), onceToken()]
          expect(await everywhere((at) => activeAt(fleet, at, young))).to.equal(true)
          expect((await ask(fleet, replica(2), usedNow))?.status).to.equal(200)
          await isStillPast({ ...before, used: usedNow, dead: doomed })

          await last()
          await end(world)
          await eventually(withoutRedis, isReadyWith('ok'), 'nobody noticed that Redis is back')
          for (const over of [before, { ...before, used: usedNow, dead: doomed }]) await isStillPast(over)
          expect(await everywhere((at) => activeAt(fleet, at, young))).to.equal(true)
          await revokedEverywhere(young, replica(2), withRedis)
        },
        { token },
      )
      expectUnnoticed(counts)
      await reconcile(fleet)
    })

  it('forgets nothing when Redis is emptied, again and again', async function () {
    this.timeout(180_000)
    const { counts } = await underLoad(
      fleet,
      async () => {
        const before = await past()
        for (let round = 0; round < 10; round++) {
          const doomed = await tokenAt(replica(round % 3))
          await flushAll(world.redis.port)
          await isStillPast(before)
          await revokedEverywhere(doomed, replica((round + 1) % 3), withRedis)
          await flushAll(world.redis.port)
          await isStillPast({ ...before, dead: doomed })
          expect(await readiness()).to.deep.equal(Array(3).fill(readyWith('ok')))
        }
        await last()
      },
      { token },
    )
    expectUnnoticed(counts)
    await reconcile(fleet)
  })
})
