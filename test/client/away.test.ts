/** When the service is away: what the caller sees of it, which is as little as can be. */
import { expect } from 'chai'
import type { TokenEvents } from '../../src/client/index.ts'
import { type ClientWorld, startClientWorld } from '../support/client-world.ts'
import { freePort } from '../support/free-port.ts'
import { startService } from '../support/server.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

describe('client: a service that is away', () => {
  let job: ClientWorld
  let proxy: TcpProxy
  let url: string
  before(async () => {
    const port = await freePort()
    job = await startClientWorld({ PORT: String(port) })
    proxy = await startTcpProxy(port)
    url = `http://127.0.0.1:${proxy.port}/orgs/acme`
  })
  after(async () => {
    await proxy?.close()
    await job?.close()
  })
  const provider = (more = {}) => job.provider({ url, audience: job.url, ...more })

  for (const [what, away] of [
    ['that refuses connections', () => proxy.reset()],
    ['that is a black hole', () => proxy.blackHole()],
  ] as const)
    it(`in the advisory window nobody notices one ${what}; when it is back there is a new token`, async () => {
      const tokens = provider()
      const old = await tokens.getToken()
      job.pass(760_000)
      away()
      const failed = new Promise<TokenEvents['refreshFailed']>((resolve) => tokens.on('refreshFailed', resolve))
      expect(await tokens.getToken()).to.equal(old)
      expect(await failed).to.include({ isServed: true })
      for (let i = 0; i < 100; i++) expect(await tokens.getToken()).to.equal(old)
      const fresh = new Promise((resolve) => tokens.on('refresh', resolve))
      proxy.pass()
      await fresh
      expect(await tokens.getToken()).to.not.equal(old)
    })

  it('in its last seconds the old one serves after the first attempt that failed', async () => {
    const tokens = provider()
    const old = await tokens.getToken()
    job.pass(880_000)
    proxy.reset()
    const served = await Promise.all([1, 2, 3].map(() => tokens.getToken()))
    expect(new Set(served)).to.deep.equal(new Set([old]))
    job.pass(25_000)
    const waiting = tokens.getToken()
    proxy.pass()
    expect(await waiting).to.not.equal(old)
  })

  it('killed for 30 s while a token has to be replaced: no caller sees an error', async function () {
    this.timeout(120_000)
    const { service } = job
    const tokens = provider({ url: job.url, ttl: 60 })
    const errors: unknown[] = []
    const seen = new Set<unknown>()
    const old = await tokens.getToken()
    // Twelve seconds are left, the last three of them mandatory.
    job.pass(48_000)
    await service.kill()
    const end = Date.now() + 30_000
    let isBack = false
    const callers = Array.from({ length: 20 }, async () => {
      while (!isBack || seen.size < 2) {
        await tokens.getToken().then(
          (token) => seen.add(token),
          (error) => errors.push(error),
        )
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    })
    await new Promise((resolve) => setTimeout(resolve, end - Date.now()))
    const port = new URL(service.url).port
    const again = await startService({ dataDir: service.dataDir, env: { PORT: port, PUBLIC_URL: service.publicUrl } })
    isBack = true
    try {
      await Promise.all(callers)
      expect(errors).to.deep.equal([])
      expect(seen.size, 'the old one, and one new one').to.equal(2)
      expect(seen.has(old)).to.equal(true)
    } finally {
      await again.stop()
    }
  })
})
