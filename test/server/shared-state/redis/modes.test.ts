/** The other ways of running Redis: a cluster, sentinels, TLS. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { expect } from 'chai'
import { type Connection, openRedis, type RedisAway } from '../../../../src/server/shared-state/redis/connection.ts'
import { createFeed, type FeedEntry } from '../../../../src/server/shared-state/redis/feed.ts'
import { createStamp } from '../../../../src/server/shared-state/redis/stamp.ts'
import { freePort } from '../../../support/free-port.ts'
import certificate from '../../../support/loopback-address-tls.json' with { type: 'json' }
import { installing } from '../../../support/program.ts'
import { startRedis } from '../../../support/redis.ts'
import { startRedisCluster } from '../../../support/redis-cluster.ts'
import { type RedisSentinel, startRedisSentinel } from '../../../support/redis-sentinel.ts'
import { redisWorld } from '../../../support/redis-world.ts'
import { timed, until } from '../../../support/stopwatch.ts'
import { tempDir } from '../../../support/temp-dir.ts'

const stamp = createStamp(randomBytes(32))

function feedOf(connection: Connection, replicaId: string) {
  const heard: FeedEntry[] = []
  let resyncs = 0
  const feed = createFeed({
    connection,
    stamp,
    replicaId,
    hear: (entry) => heard.push(entry),
    resync: async () => void resyncs++,
    report: (error) => expect.fail(String(error)),
  })
  feed.start()
  return { ...feed, heard, resyncs: () => resyncs }
}
type TestFeed = ReturnType<typeof feedOf>

/** Says it until it is heard: with Redis away, what is said is lost. */
const untilHeard = (one: TestFeed, two: TestFeed, n: number) =>
  until(async () => {
    await one.publish({ org: null, n })
    return two.heard.at(-1)?.n === n
  })

describe('shared-state/redis on a cluster', () => {
  const world = redisWorld(startRedisCluster)
  let redis: Connection
  let feeds: TestFeed[] = []

  beforeEach(async () => {
    // The node says to all that it is to be reached through the proxy.
    await world().admin.config('SET', 'cluster-announce-port', world().proxy.port)
    const open = () =>
      openRedis({ urls: [`redis://127.0.0.1:${world().proxy.port}`], mode: 'cluster', sentinelName: '' })
    redis = await open()
    feeds = [feedOf(redis, 'one'), feedOf(redis, 'two')]
    await until(() => feeds.every((feed) => feed.resyncs() === 1))
  })
  afterEach(async () => {
    await Promise.all(feeds.map((feed) => feed.close()))
    redis.close()
  })

  for (const [fault, befall, mend] of [
    ['killed', async () => world().server.kill(), async () => world().server.startAgain()],
    ['a black hole', async () => world().proxy.blackHole(), async () => world().proxy.pass()],
    ['reset', async () => world().proxy.reset(), async () => world().proxy.pass()],
  ] as const)
    it(`answers at once while it is ${fault}, is back with it, and the feed too`, async () => {
      const [one, two] = feeds as [TestFeed, TestFeed]
      expect(await redis.state()).to.equal('ok')
      await untilHeard(one, two, 1)
      await befall()
      for (let asked = 0; asked < 20; asked++) expect((await timed(redis.state())).ms).to.be.below(600)
      expect(await redis.state()).to.equal('unavailable')
      await mend()
      await until(async () => (await redis.state()) === 'ok')
      await untilHeard(one, two, 2)
    })
})

describe('shared-state/redis with a sentinel', function () {
  this.timeout(installing)
  let sentinel: RedisSentinel
  beforeEach(async () => {
    sentinel = await startRedisSentinel()
  })
  afterEach(() => sentinel.stop())

  it('finds the master, and the new one after a failover; the feed looks at everything anew or has missed nothing', async () => {
    const redis = await openRedis({ urls: [sentinel.url], mode: 'sentinel', sentinelName: sentinel.name })
    const [one, two] = [feedOf(redis, 'one'), feedOf(redis, 'two')]
    await until(() => one.resyncs() + two.resyncs() === 2)
    await untilHeard(one, two, 1)
    const portOf = async () => /tcp_port:(\d+)/.exec(await redis.ask((commands) => commands.info('server')))?.[1]
    expect(await portOf()).to.equal(String(sentinel.master.port))
    await sentinel.master.kill()
    expect((await timed(redis.state())).ms).to.be.below(600)
    await until(async () => (await redis.state()) === 'ok')
    expect(await portOf()).to.equal(String(sentinel.replica.port))
    await untilHeard(one, two, 2)
    await Promise.all([one.close(), two.close()])
    redis.close()
  })
})

describe('shared-state/redis over TLS', function () {
  this.timeout(installing)
  const folder = tempDir()
  const trusted = getCACertificates('default')
  afterEach(() => setDefaultCACertificates(trusted))

  it('speaks to a server whose certificate it trusts, and to no other', async () => {
    const [key, cert] = [join(folder(), 'key.pem'), join(folder(), 'cert.pem')]
    writeFileSync(key, certificate.key)
    writeFileSync(cert, certificate.cert)
    const port = await freePort()
    const tls = { 'tls-port': `${port}`, 'tls-cert-file': cert, 'tls-key-file': key, 'tls-auth-clients': 'no' }
    const server = await startRedis(Object.entries(tls).flatMap(([name, value]) => [`--${name}`, value]))
    const address = { urls: [`rediss://127.0.0.1:${port}`], mode: 'single' as const, sentinelName: '' }
    const reported: RedisAway[] = []
    const wary = await openRedis(address, { report: (error) => reported.push(error) })
    expect(await wary.state()).to.equal('unavailable')
    expect(String(reported[0]?.cause)).to.match(/self-signed certificate/)
    wary.close()
    setDefaultCACertificates([...trusted, certificate.cert])
    const redis = await openRedis(address)
    expect(await redis.state()).to.equal('ok')
    redis.close()
    await server.stop()
  })
})
