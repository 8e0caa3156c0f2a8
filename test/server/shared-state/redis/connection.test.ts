import { inspect } from 'node:util'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { type Connection, openRedis, RedisAway } from '../../../../src/server/shared-state/redis/connection.ts'
import { installing } from '../../../support/program.ts'
import { type RedisServer, startRedis } from '../../../support/redis.ts'
import { timed, until } from '../../../support/stopwatch.ts'
import { startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.ts'

const single = (url: string) => ({ urls: [url], mode: 'single' as const, sentinelName: '' })

describe('shared-state/redis/connection', function () {
  this.timeout(installing)
  let server: RedisServer
  let proxy: TcpProxy
  let redis: Connection
  let reported: RedisAway[] = []

  beforeEach(async () => {
    server = await startRedis()
    proxy = await startTcpProxy(server.port)
    reported = []
    redis = await openRedis(single(`redis://127.0.0.1:${proxy.port}`), { report: (error) => reported.push(error) })
  })
  afterEach(async () => {
    redis.close()
    await proxy.close()
    await server.stop()
  })

  const ping = () => redis.ask((commands) => commands.ping())
  /** ms until Redis answers again. */
  const untilWell = () => until(async () => (await redis.state()) === 'ok')

  it('asks', async () => {
    expect(await ping()).to.equal('PONG')
    expect(await redis.state()).to.equal('ok')
    expect(reported).to.deep.equal([])
  })

  it('answers at once when Redis was killed, and is back with it', async () => {
    await server.kill()
    for (let asked = 0; asked < 20; asked++) {
      const { answer, ms } = await timed(ping())
      expect(answer).to.be.instanceOf(RedisAway)
      expect(ms).to.be.below(200)
    }
    expect(await redis.state()).to.equal('unavailable')
    await server.startAgain()
    expect(await untilWell()).to.be.below(2_500)
    expect(reported).to.have.length(1)
  })

  it('says once that it is away, however long it is', async () => {
    await server.kill()
    const began = performance.now()
    while (performance.now() - began < 2_500) {
      await timed(ping())
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await server.startAgain()
    await untilWell()
    expect(reported).to.have.length(1)
    await server.kill()
    await timed(ping())
    expect(reported).to.have.length(2)
  })

  it('waits for a black hole once, for 250 ms; others meanwhile no longer, others after it not at all', async () => {
    await ping()
    proxy.blackHole()
    const first = await Promise.all(Array.from({ length: 50 }, () => timed(ping())))
    for (const { answer, ms } of first) {
      expect(answer).to.be.instanceOf(RedisAway)
      expect(ms).to.be.below(600)
    }
    for (let asked = 0; asked < 50; asked++) expect((await timed(ping())).ms).to.be.below(200)
    expect(reported).to.have.length(1)
    expect(String(reported[0]?.cause)).to.include('no answer within 250 ms')
  })

  it('opens a connection anew after a black hole, for as long as it lasts, and one only', async () => {
    const idOf = () => redis.ask((commands) => commands.client('ID'))
    const id = await idOf()
    proxy.blackHole()
    await Promise.all(Array.from({ length: 50 }, () => timed(ping())))
    const began = performance.now()
    let slowest = 0
    while (performance.now() - began < 2_500) {
      slowest = Math.max(slowest, (await timed(ping())).ms)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(slowest).to.be.below(600)
    proxy.pass()
    expect(await untilWell()).to.be.below(3_000)
    // Those that were dropped are closed on our side.
    await until(() => proxy.connections() === 1)
    expect(await idOf()).to.not.equal(id)
  })

  it('tries one ask a second while Redis is slow, and no more wait', async () => {
    await ping()
    proxy.slow(300)
    await timed(ping())
    const began = performance.now()
    let waited = 0
    while (performance.now() - began < 3_300) {
      const asks = await Promise.all(Array.from({ length: 10 }, () => timed(ping())))
      waited += asks.filter(({ ms }) => ms > 200).length
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(waited).to.be.within(1, 3)
    proxy.pass()
    await untilWell()
  })

  it('takes an answer that came while this process was held up', async () => {
    // Not through the proxy, which this process would hold up too.
    const direct = await openRedis(single(server.url))
    const asked = direct.ask((commands) => commands.ping())
    await new Promise((resolve) => setImmediate(resolve))
    const until = performance.now() + 400
    while (performance.now() < until);
    expect(await asked).to.equal('PONG')
    direct.close()
  })

  it('is back at once after a reset', async () => {
    await ping()
    proxy.reset()
    expect((await timed(ping())).answer).to.be.instanceOf(RedisAway)
    proxy.pass()
    expect(await untilWell()).to.be.below(850)
  })

  it('begins without Redis, within a second or so, and says why it is away', async () => {
    await server.kill()
    const { answer, ms } = await timed(openRedis(single(server.url), { report: (error) => reported.push(error) }))
    const alone = answer as Connection
    expect(ms).to.be.below(1_300)
    expect(await alone.state()).to.equal('unavailable')
    expect(String(reported.at(-1)?.cause)).to.include('ECONNREFUSED')
    await server.startAgain()
    await until(async () => (await alone.state()) === 'ok')
    alone.close()
  })

  it('goes on when Redis refuses, and says what it said', async () => {
    const { answer } = await timed(redis.ask((commands) => commands.call('NOSUCH', 'a word of ours')))
    expect(answer).to.be.instanceOf(RedisAway)
    expect(String((answer as Error).cause)).to.include('unknown command')
    expect(inspect(answer, { depth: 9, showHidden: true })).to.not.include('a word of ours')
    expect(await ping()).to.equal('PONG')
    await timed(redis.ask((commands) => commands.call('NOSUCH')))
    expect(reported).to.deep.equal([answer])
  })

  it('leaves a server that has become a replica', async () => {
    const idOf = () => redis.ask((commands) => commands.client('ID'))
    const id = await idOf()
    await redis.ask((commands) => commands.replicaof('127.0.0.1', 1))
    const { answer } = await timed(redis.ask((commands) => commands.set('countersign:x', 'y')))
    expect(String((answer as Error).cause)).to.include('READONLY')
    await untilWell()
    expect(await idOf()).to.not.equal(id)
  })

  it('knows user and password, and says when they are wrong', async () => {
    const admin = new Redis(server.url)
    await admin.acl('SETUSER', 'ours', 'on', '>p:ss', '~countersign:*', '+@all')
    await admin.acl('SETUSER', 'default', 'off')
    admin.disconnect()
    const ours = await openRedis(single(`redis://ours:p%3Ass@127.0.0.1:${server.port}`))
    expect(await ours.state()).to.equal('ok')
    ours.close()
    const wrong = await openRedis(single(`redis://ours:another@127.0.0.1:${server.port}`), {
      report: (error) => reported.push(error),
    })
    expect(await wrong.state()).to.equal('unavailable')
    expect(String(reported[0]?.cause)).to.include('WRONGPASS')
    expect(inspect(reported, { depth: 9, showHidden: true })).to.not.include('another')
    wrong.close()
  })

  it('answers nobody after it was closed', async () => {
    redis.close()
    expect((await timed(ping())).answer).to.be.instanceOf(RedisAway)
    expect(await redis.state()).to.equal('unavailable')
  })
})
