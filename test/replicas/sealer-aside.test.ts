/** The thread that links what waits, on a real PostgreSQL, through a network of the test's own. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { sealAside } from '../../src/server/assembly/sealer-aside.ts'
import type { Sealer } from '../../src/server/audit/sealer.ts'
import { StorageUnavailable } from '../../src/server/errors/refusal.ts'
import { openStorage } from '../../src/server/storage/open.ts'
import type { Storage } from '../../src/server/storage/storage.ts'
import { deedOf } from '../support/nouns.ts'
import { sharedPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { tempDir } from '../support/temp-dir.ts'
import { trailOf } from '../support/trails.ts'

describe('linking, aside', () => {
  const dir = tempDir()
  let storage: Storage
  let proxy: TcpProxy
  let url: string
  let sealer: Sealer | undefined
  let reports: unknown[]
  const report = (error: unknown) => void reports.push(error)
  const rejected = (promise: Promise<void>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    )
  const linked = () => storage.reading.trail.list({ orgId: 'org_acme', order: 'oldest', limit: 1_000 })

  before(async function () {
    this.timeout(installing)
    const postgres = await sharedPostgres()
    const direct = await postgres.create()
    storage = await openStorage({ url: direct, dataDir: '' })
    proxy = await startTcpProxy(postgres.port)
    url = Object.assign(new URL(direct), { port: String(proxy.port) }).href
  })
  beforeEach(() => {
    reports = []
  })
  afterEach(() => sealer?.close())
  after(async () => {
    await proxy?.close()
    await storage?.close()
  })

  it('has linked what was durable before it was asked, for everybody who asks', async () => {
    sealer = sealAside({ url, report })
    const trail = trailOf(storage)
    for (let i = 1; i <= 5; i++) {
      await Promise.all(Array.from({ length: 20 }, () => trail.append(deedOf())))
      await Promise.all(Array.from({ length: 10 }, () => sealer?.now()))
      expect(await linked()).to.have.length(20 * i)
    }
    expect(reports).to.deep.equal([])
  })

  it('links without being asked', async () => {
    const before = (await linked()).length
    sealer = sealAside({ url, report })
    sealer.start()
    await trailOf(storage).append(deedOf())
    while ((await linked()).length === before) await new Promise(setImmediate)
  })

  it('says so when the database is away, and goes on when it is back', async () => {
    sealer = sealAside({ url, report })
    await sealer.now()
    proxy.reset()
    try {
      expect(await rejected(sealer.now())).to.be.instanceOf(StorageUnavailable)
    } finally {
      proxy.pass()
    }
    await trailOf(storage).append(deedOf())
    const before = (await linked()).length
    await sealer.now()
    expect(await linked()).to.have.length(before + 1)
  })

  it('replaces a thread that has died, and keeps nobody waiting for it', async () => {
    const program = join(dir(), 'dies.mjs')
    writeFileSync(
      program,
      `import { parentPort } from 'node:worker_threads'
       parentPort.postMessage({ report: 'begun' })
       parentPort.on('message', () => { throw new Error('on purpose') })`,
    )
    sealer = sealAside({ url, report, program, rest: 1 })
    for (let i = 0; i < 3; i++) expect(await rejected(sealer.now())).to.be.instanceOf(StorageUnavailable)
    while (reports.filter((said) => said === 'begun').length < 4) await new Promise(setImmediate)
    expect(reports.filter((said) => said instanceof Error && said.message === 'on purpose')).to.have.length(3)
  })

  it('has ended when it is closed, and says so to who asks after that', async () => {
    sealer = sealAside({ url, report })
    await sealer.now()
    expect(proxy.connections()).to.equal(1)
    await sealer.close()
    while (proxy.connections() > 0) await new Promise(setImmediate)
    expect(await rejected(sealer.now())).to.be.instanceOf(StorageUnavailable)
  })
})
