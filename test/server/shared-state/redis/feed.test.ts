import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { createFeed, type Feed, type FeedEntry } from '../../../../src/server/shared-state/redis/feed.ts'
import { createStamp } from '../../../../src/server/shared-state/redis/stamp.ts'
import { redisWorld } from '../../../support/redis-world.ts'
import { timed, until } from '../../../support/stopwatch.ts'

type Replica = Feed & { heard: FeedEntry[]; resyncs: () => number; reported: unknown[] }

describe('shared-state/redis/feed', () => {
  const world = redisWorld()
  const stamp = createStamp(randomBytes(32))
  let replicas: Replica[] = []
  beforeEach(() => {
    replicas = []
  })
  afterEach(() => Promise.all(replicas.map((replica) => replica.close())))

  /** A replica that has begun to listen. */
  async function listening(more: { resync?: () => Promise<void>; hear?: (entry: FeedEntry) => void } = {}) {
    const heard: FeedEntry[] = []
    const reported: unknown[] = []
    let resyncs = 0
    const feed = createFeed({
      connection: await world().open(),
      stamp,
      replicaId: `replica-${replicas.length}`,
      hear: more.hear ?? ((entry) => heard.push(entry)),
      async resync() {
        resyncs++
        await more.resync?.()
      },
      report: (error) => reported.push(error),
    })
    const replica: Replica = { ...feed, heard, resyncs: () => resyncs, reported }
    replicas.push(replica)
    feed.start()
    await until(() => resyncs > 0)
    return replica
  }
  const entry = (n: number): FeedEntry => ({ org: 'org_1', n })
  const numbers = ({ heard }: Replica) => heard.map(({ n }) => n)

  it('is heard by others within milliseconds, in order, as it was said; not by oneself', async () => {
    const [one, two] = [await listening(), await listening()]
    const said: FeedEntry[] = [
      { org: null },
      { org: 'org_1', n: 7 },
      { org: 'org_1', n: 8, revoked: [{ id: 'sa_1', before: 5, expiresAt: 9 }] },
    ]
    const waits: number[] = []
    for (const each of said) {
      const count = two.heard.length
      await sleep(20)
      const began = performance.now()
      await one.publish(each)
      while (two.heard.length === count) await new Promise((resolve) => setImmediate(resolve))
      waits.push(performance.now() - began)
    }
    expect(two.heard).to.deep.equal(said)
    expect(one.heard).to.deep.equal([])
    expect(Math.min(...waits)).to.be.below(50)
    expect([one.resyncs(), two.resyncs(), one.reported, two.reported]).to.deep.equal([1, 1, [], []])
  })

  it('waits in silence on one connection, and hears what comes then at once', async () => {
    const [one, two] = [await listening(), await listening()]
    const connected = async () => /total_connections_received:(\d+)/.exec(await world().admin.info('stats'))?.[1]
    const before = await connected()
    await sleep(1_700)
    await one.publish(entry(1))
    expect(await until(() => two.heard.length === 1)).to.be.below(400)
    expect(await connected()).to.equal(before)
  })

  it('misses nothing that was said while everything is looked at anew', async () => {
    const one = await listening()
    let finish = () => {}
    const looking = new Promise<void>((resolve) => {
      finish = resolve
    })
    const two = await listening({ resync: () => looking })
    await one.publish(entry(1))
    await until(() => two.heard.length === 1)
    finish()
  })

  it('looks at everything again when that failed, and goes on hearing', async () => {
    let fails = true
    const two = await listening({
      async resync() {
        if (fails) throw new Error('the database is away')
      },
    })
    await listening().then((one) => one.publish(entry(1)))
    await until(() => two.heard.length === 1)
    await until(() => two.resyncs() === 2)
    fails = false
    await until(() => two.resyncs() === 3)
    await sleep(1_600)
    expect(two.resyncs()).to.equal(3)
    expect(String(two.reported[0])).to.include('the database is away')
  })

  it('goes on from where it left off after the connection was lost', async () => {
    const [one, two] = [await listening(), await listening()]
    await one.publish(entry(1))
    await until(() => two.heard.length === 1)
    world().proxy.reset()
    await until(() => world().proxy.connections() === 0)
    await sleep(50)
    // By somebody who is still connected.
    const elsewhere = await otherNetwork()
    for (let n = 2; n <= 300; n++) await elsewhere.publish(entry(n))
    world().proxy.pass()
    await until(() => two.heard.at(-1)?.n === 300)
    expect(new Set(numbers(two))).to.deep.equal(new Set(Array.from({ length: 300 }, (_, i) => i + 1)))
    expect(two.resyncs()).to.equal(1)
  })

  it('leaves a black hole within seconds, and goes on from where it left off', async () => {
    const [one, two] = [await listening(), await listening()]
    await one.publish(entry(1))
    await until(() => two.heard.length === 1)
    world().proxy.blackHole()
    const elsewhere = await otherNetwork()
    await elsewhere.publish(entry(2))
    await sleep(2_500)
    expect(numbers(two)).to.deep.equal([1])
    world().proxy.pass()
    expect(await until(() => two.heard.at(-1)?.n === 2)).to.be.below(3_000)
    expect([one.resyncs(), two.resyncs()]).to.deep.equal([1, 1])
  })

  it('looks at everything anew when the stream was emptied, under load too', async () => {
    const [one, two] = [await listening(), await listening()]
    await one.publish(entry(1))
    await until(() => two.heard.length === 1)
    await world().admin.flushall()
    await until(() => two.resyncs() === 2 && one.resyncs() === 2)
    await one.publish(entry(2))
    await until(() => two.heard.at(-1)?.n === 2)
    await Promise.all([world().admin.flushall(), one.publish(entry(3)), one.publish(entry(4))])
    await until(() => two.resyncs() === 3)
  })

  it('looks at everything anew when Redis was started again, empty', async () => {
    const [one, two] = [await listening(), await listening()]
    await one.publish(entry(1))
    await until(() => two.heard.length === 1)
    await world().server.kill()
    const { ms } = await timed(one.publish(entry(2)))
    expect(ms).to.be.below(1_000)
    await world().server.startAgain()
    await until(() => two.resyncs() === 2 && one.resyncs() === 2)
    await until(async () => {
      await one.publish(entry(3))
      return two.heard.at(-1)?.n === 3
    })
    expect([one.reported, two.reported]).to.deep.equal([[], []])
  })

  it('looks at everything anew when more was said while it was away than the stream keeps', async () => {
    const two = await listening()
    world().proxy.reset()
    await until(() => world().proxy.connections() === 0)
    const { admin } = world()
    const batch = admin.pipeline()
    for (let n = 0; n < 11_000; n++) batch.xadd('countersign:changes', 'MAXLEN', '~', 10_000, '*', 'entry', 'x')
    await batch.exec()
    expect(await admin.xlen('countersign:changes')).to.be.below(10_500)
    world().proxy.pass()
    await until(() => two.resyncs() === 2)
    const one = await listening()
    await one.publish(entry(1))
    await until(() => two.heard.length === 1)
    // What lies between was not worth reading.
    expect(two.reported).to.deep.equal([])
  })

  it('skips and reports what is broken, what others wrote, and what its listener chokes on', async () => {
    const two = await listening({
      hear(each) {
        if (each.n === 13) throw new Error('unlucky')
        two.heard.push(each)
      },
    })
    const one = await listening()
    const { admin } = world()
    const revoked = [{ id: 'sa_1', before: 'x', expiresAt: 9 }]
    const broken = [
      ...[
        { from: 'r', org: 5 },
        { from: 'r', org: null, n: 1.5 },
        { from: 'r', org: null, revoked },
        { org: null },
        7,
      ].map((value) => stamp.on(JSON.stringify(value), 'changes')),
      stamp.on('{', 'changes'),
      JSON.stringify({ from: 'r', org: null }),
      createStamp(randomBytes(32)).on(JSON.stringify({ from: 'r', org: null }), 'changes'),
      '',
    ]
    for (const value of broken) await admin.xadd('countersign:changes', '*', 'entry', value)
    await one.publish(entry(13))
    await one.publish(entry(14))
    await until(() => two.heard.length > 0)
    expect(numbers(two)).to.deep.equal([14])
    expect(two.reported).to.have.length(broken.length + 1)
    expect(two.resyncs()).to.equal(1)
  })

  it('begins without Redis, and is there when Redis is', async () => {
    await world().server.kill()
    const heard: FeedEntry[] = []
    let resyncs = 0
    const connection = await world().open()
    const feed = createFeed({
      connection,
      stamp,
      replicaId: 'early',
      hear: (each) => heard.push(each),
      resync: async () => void resyncs++,
      report: (error) => expect.fail(String(error)),
    })
    feed.start()
    expect((await timed(feed.publish(entry(1)))).ms).to.be.below(1_000)
    await world().server.startAgain()
    await until(() => resyncs === 1)
    const one = await listening()
    await one.publish(entry(2))
    await until(() => heard.length === 1)
    await feed.close()
  })

  it('closes at once, whether Redis is there, away or silent, and hears nothing after it', async () => {
    const [one, two, three] = [await listening(), await listening(), await listening()]
    expect((await timed(two.close())).ms).to.be.below(500)
    await one.publish(entry(1))
    await until(() => three.heard.length === 1)
    expect(two.heard).to.deep.equal([])
    world().proxy.blackHole()
    expect((await timed(three.close())).ms).to.be.below(1_000)
    await world().server.kill()
    expect((await timed(one.close())).ms).to.be.below(1_000)
  })

  /** One who is not behind the proxy. */
  async function otherNetwork(): Promise<Pick<Feed, 'publish'>> {
    const { admin } = world()
    return {
      async publish(each) {
        const text = stamp.on(JSON.stringify({ ...each, from: 'elsewhere' }), 'changes')
        await admin.xadd('countersign:changes', '*', 'entry', text)
      },
    }
  }
})
