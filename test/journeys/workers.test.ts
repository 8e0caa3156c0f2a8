/** WORKERS=2 on PostgreSQL and Redis: one service to whoever looks from outside, also while a part of it dies or it ends. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setImmediate as soon } from 'node:timers/promises'
import { expect } from 'chai'
import { countersign } from '../support/command.ts'
import { freePort } from '../support/free-port.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Postgres, sharedPostgres } from '../support/postgres.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { call, markedMasterKey, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

describe('journey: workers', () => {
  let postgres: Postgres
  let redis: RedisServer
  let database: string
  let provider: Provider
  let service: Service | undefined
  let env: Record<string, string>

  before(async function () {
    this.timeout(180_000)
    postgres = await sharedPostgres()
    redis = await startRedis()
    provider = await startProvider()
  })
  beforeEach(async () => {
    database = await postgres.create()
    env = {
      DATABASE_URL: database,
      REDIS_URL: redis.url,
      MASTER_KEY: markedMasterKey,
      WORKERS: '2',
    }
  })
  afterEach(async () => {
    await service?.close()
    service = undefined
    await postgres.drop(database)
  })
  after(async () => {
    await provider?.close()
    await redis?.stop()
  })

  const said = (msg: string) => (service as Service).lines.filter((line) => line.msg === msg)

  /** Workloads that exchange one token after the other, until they are told to end. */
  function load({ exchange, token }: World, clients = 4) {
    const statuses: number[] = []
    const errors: unknown[] = []
    const warm = Promise.withResolvers<void>()
    let isOver = false
    const client = async () => {
      while (!isOver) {
        try {
          statuses.push((await exchange(token())).status)
          if (statuses.length >= 20) warm.resolve()
        } catch (error) {
          errors.push((error as Error).cause)
        }
      }
    }
    const done = Promise.all(Array.from({ length: clients }, client))
    const end = () => {
      isOver = true
      return done
    }
    return { statuses, errors, warm: warm.promise, end }
  }

  it('says once that it is ready, makes one set-up link, and shows the metrics of all', async () => {
    const port = await freePort()
    service = await startService({ env: { ...env, OPERATOR_KEY: '', METRICS_PORT: String(port) } })
    expect(said('ready')).to.have.lengthOf(1)
    expect(service.lines.filter(({ setup_url }) => setup_url)).to.have.lengthOf(1)
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    const ready = [...metrics.matchAll(/^countersign_ready\{worker="(\d+)"\} (\d)$/gm)].map(([, , value]) => value)
    expect(ready).to.deep.equal(['1', '1'])
    expect(await service.stop()).to.equal(0)
    expect(said('closed')).to.have.lengthOf(2)
  })

  it('SIGTERM under load: not one request fails of those who stop when readiness says so', async () => {
    service = await startService({ env: { ...env, DRAIN_SECONDS: '1' } })
    const { statuses, errors, warm, end } = load(await createWorld(service, provider))
    await warm
    const exited = once(service.process, 'exit')
    service.process.kill('SIGTERM')
    const before = statuses.length
    while ((await call(service, 'GET', '/readyz')).status === 200);
    await end()
    expect(await exited).to.deep.equal([0, null])
    expect(errors).to.deep.equal([])
    expect(statuses.filter((status) => status !== 200)).to.deep.equal([])
    expect(statuses.length).to.be.greaterThan(before)
    expect(await countersign(['audit', 'verify'], env)).to.deep.include({ code: 0 })
  })

  it('a worker that is killed is replaced, while the other one serves on', async () => {
    service = await startService({ env })
    const { statuses, errors, warm, end } = load(await createWorld(service, provider))
    await warm
    const { pid } = service.process
    const [victim] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    process.kill(Number(victim), 'SIGKILL')
    const before = statuses.length
    const ended = 'a worker ended; another one takes its place'
    while (said(ended).length === 0 || statuses.length < before + 40) await soon()
    await end()
    // What it was answering, and what was sent on a connection to it before its end was heard of; no more than that.
    expect(errors.length).to.be.at.most(8)
    expect(statuses.filter((status) => status !== 200)).to.deep.equal([])
    expect(said(ended)).to.have.lengthOf(1)
    expect(said('ready')).to.have.lengthOf(1)
    expect(await service.stop()).to.equal(0)
    expect(await countersign(['audit', 'verify'], env)).to.deep.include({ code: 0 })
  })

  it('says why it cannot start, once, with the code of the command', async () => {
    service = await startService({ env })
    const { port } = new URL(service.url)
    const { code, stderr } = await countersign(['serve'], { ...env, PORT: port, METRICS_PORT: '0' })
    expect(code).to.equal(1)
    expect(stderr).to.match(/^countersign: PORT: something else listens there already \(.*\)\n$/)
    expect((await call(service, 'GET', '/readyz')).status).to.equal(200)
  })
})
