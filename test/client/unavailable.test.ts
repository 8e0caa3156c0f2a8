/** When the service is away, slow, or is not ours: what the caller sees of it, which is as little as can be. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect } from 'chai'
import {
  ConfigError,
  createTokenProvider,
  ExchangeDeniedError,
  FederationError,
  ownSurroundings,
  RateLimitedError,
  ServerUnavailableError,
  type TokenEvents,
} from '../../src/client/index.ts'
import { type ClientWorld, failureOf, startClientWorld } from '../support/client-world.ts'
import { freePort } from '../support/free-port.ts'
import { startService } from '../support/server.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

describe('client: a service that answers as none should', () => {
  const secret = 'subject-token-nobody-may-see'
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const subject = `${part({ alg: 'RS256' })}.${part({ sub: 'job', exp: 9_999_999_999 })}.${part({ secret })}`
  let server: Server
  let answer: RequestListener
  let seen = 0
  let url: string
  before(async () => {
    server = createServer((req, res) => {
      seen++
      req.resume().on('end', () => answer(req, res))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orgs/acme`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  beforeEach(() => {
    seen = 0
  })
  const provider = (timeout = 60_000) =>
    createTokenProvider({
      url,
      timeout,
      source: { name: 'test', getSubjectToken: async () => ({ token: subject }) },
      surroundings: { ...ownSurroundings(), env: {} },
    })
  const json =
    (status: number, body: unknown, headers = {}): RequestListener =>
    (_req, res) =>
      res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  const text =
    (status: number, body: string, headers = {}): RequestListener =>
    (_req, res) =>
      res.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body)
  const good = { access_token: 'a.b.c', token_type: 'Bearer', expires_in: 900, scope: 'projects:read' }

  for (const [what, listener, kind, code] of [
    ['a redirect', text(307, '', { location: 'http://127.0.0.1:1/' }), ConfigError, 'redirected'],
    ['a page', text(200, '<html>sign in</html>'), ConfigError, 'not_countersign'],
    ['a list', json(200, [good]), ConfigError, 'not_countersign'],
    ['no token', json(200, { ...good, access_token: undefined }), ConfigError, 'not_countersign'],
    ['a token that breaks a header', json(200, { ...good, access_token: 'a\r\nx: y' }), ConfigError, 'not_countersign'],
    ['another type of token', json(200, { ...good, token_type: 'DPoP' }), ConfigError, 'not_countersign'],
    ['no life', json(200, { ...good, expires_in: undefined }), ConfigError, 'not_countersign'],
    ['a life of words', json(200, { ...good, expires_in: '900' }), ConfigError, 'not_countersign'],
    ['a life that is over', json(200, { ...good, expires_in: 0 }), ConfigError, 'not_countersign'],
    ['201', json(201, good), ExchangeDeniedError, 'not_countersign'],
    ['404 of somebody else', text(404, 'nginx'), ExchangeDeniedError, 'not_countersign'],
    ['403 of somebody else', json(403, { message: secret }), ExchangeDeniedError, 'not_countersign'],
    [
      'a refusal',
      json(400, { error: 'invalid_request', error_description: 'no', reason: 'token_replayed' }),
      ExchangeDeniedError,
      'token_replayed',
    ],
    [
      'a refusal of OAuth alone',
      json(400, { error: 'invalid_grant', error_description: 'no' }),
      ExchangeDeniedError,
      'exchange_denied',
    ],
  ] as const)
    it(`${what}: ${code}, for good, and asked once`, async () => {
      answer = listener
      const error = await failureOf(provider().getToken())
      expect(error).to.be.instanceOf(kind)
      expect(error).to.include({ code, retryable: false })
      expect(seen).to.equal(1)
      expect(inspect(error, { depth: 9, showHidden: true }))
        .to.not.contain(secret)
        .and.to.not.contain(part({ secret }))
    })

  it('repeats of an answer what it knows, without what a terminal would obey', async () => {
    const error_description = `\u001b[2J${'x'.repeat(5000)}`
    answer = json(400, {
      error: 'invalid_request',
      error_description,
      reason: '../x',
      request_id: 'req_1',
      assertion: secret,
    })
    const error = await failureOf(provider().getToken())
    expect(error.message).to.match(/^invalid_request: {2}\[2Jx{990,}$/)
    expect(error.message).to.have.length.below(1100)
    expect(error).to.include({ code: 'exchange_denied', requestId: 'req_1' })
    expect(inspect(error)).to.not.contain(secret).and.to.not.contain(part({ secret }))
  })

  for (const [what, listener, kind] of [
    ['500', text(500, 'oops'), ServerUnavailableError],
    ['502', text(502, 'bad gateway'), ServerUnavailableError],
    ['503', json(503, { error: 'temporarily_unavailable', reason: 'storage_unavailable' }), ServerUnavailableError],
    ['429', json(429, { error: 'slow_down', reason: 'rate_limited' }), RateLimitedError],
    ['408', text(408, ''), ServerUnavailableError],
    ['2 MiB', text(200, 'x'.repeat(2_097_152)), ServerUnavailableError],
    ['a reset', (req) => req.socket.destroy(), ServerUnavailableError],
    ['silence', () => {}, FederationError],
  ] as const satisfies readonly (readonly [string, RequestListener, unknown])[])
    it(`${what}: tried again until the time is up, then said`, async () => {
      answer = listener
      const error = await failureOf(provider(what === 'silence' ? 300 : 1_500).getToken())
      expect(error).to.be.instanceOf(kind)
      expect(error).to.include({ category: 'unavailable', retryable: true })
      if (what !== 'silence') expect(seen).to.be.within(3, 40)
      expect(inspect(error, { depth: 9, showHidden: true }))
        .to.not.contain(secret)
        .and.to.not.contain(part({ secret }))
    })

  it('tries again, and has the token', async () => {
    answer = (req, res) => (seen < 4 ? text(503, '') : json(200, good))(req, res)
    expect((await provider().getToken()).token).to.equal('a.b.c')
    expect(seen).to.equal(4)
  })

  it('comes back when it was told to, and not before', async () => {
    const at: number[] = []
    answer = (req, res) => {
      at.push(performance.now())
      return (at.length === 1 ? json(429, {}, { 'retry-after': '1' }) : json(200, good))(req, res)
    }
    await provider().getToken()
    expect((at[1] ?? 0) - (at[0] ?? 0)).to.be.at.least(1_000)
  })

  it('does not wait for a time that is beyond its own', async () => {
    answer = json(503, { error: 'temporarily_unavailable' }, { 'retry-after': '3600' })
    const error = await failureOf(provider().getToken())
    expect(error).to.include({ retryAfter: 3600, retryable: true })
    expect(seen).to.equal(1)
  })

  it('takes the service’s word for when to refresh', async () => {
    answer = json(200, { ...good, refresh_in: 100 })
    const token = await provider().getToken()
    expect(token.expiresAt.getTime() - token.refreshAt.getTime()).to.equal(800_000)
  })
})

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
