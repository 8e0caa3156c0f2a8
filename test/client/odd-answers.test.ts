/** A service that is slow, busy, or not ours: nothing of it is believed, and what may pass is tried again. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect, promisify } from 'node:util'
import { expect } from 'chai'
import {
  ConfigError,
  createTokenProvider,
  ExchangeDeniedError,
  FederationError,
  ownSurroundings,
  RateLimitedError,
  ServerUnavailableError,
} from '../../src/client/index.ts'
import { failureOf } from '../support/client-world.ts'

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

  it('repeats nothing of what it was shown, should a gateway say what it did not like', async () => {
    const key = `csk_${'k'.repeat(43)}`
    const surroundings = { ...ownSurroundings(), env: {} }
    for (const [token, type] of [
      [subject, 'jwt'],
      [key, 'api_key'],
    ] as const) {
      const form = new URLSearchParams({ a: token, b: token.slice(0, 60) })
      const said = `bad request: ${form} ${encodeURIComponent(encodeURIComponent(token))} ${token}`
      answer = json(400, { error: 'invalid_request', error_description: said })
      const source = { name: 'test', getSubjectToken: async () => ({ token, type }) }
      const error = await failureOf(createTokenProvider({ url, source, surroundings }).getToken())
      expect(error.message).to.contain('bad request').and.not.contain(token.slice(0, 40))
      expect(inspect(error, { depth: 9, showHidden: true })).to.not.contain(token.slice(12, 40))
    }
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

  it('takes a date for one of the service’s clock', async () => {
    const theirs = Date.now() - 7_200_000
    const date = (ms: number) => new Date(ms).toUTCString()
    answer = json(503, {}, { date: date(theirs), 'retry-after': date(theirs + 600_000) })
    const error = await failureOf(provider().getToken())
    expect(error.retryAfter).to.be.within(597, 603)
  })

  it('does not wait for a time that is beyond its own', async () => {
    answer = json(503, { error: 'temporarily_unavailable' }, { 'retry-after': '3600' })
    const error = await failureOf(provider().getToken())
    expect(error).to.include({ retryAfter: 3600, retryable: true })
    expect(seen).to.equal(1)
  })

  it('nor does it ask before that time, however often it is asked', async () => {
    answer = json(429, { error: 'slow_down', reason: 'rate_limited' }, { 'retry-after': '300' })
    let ahead = 0
    const source = { name: 'test', getSubjectToken: async () => ({ token: subject }) }
    const surroundings = { ...ownSurroundings(), env: {}, now: () => Date.now() + ahead }
    const tokens = createTokenProvider({ url, source, surroundings })
    for (let i = 0; i < 5; i++)
      expect(await failureOf(tokens.getToken())).to.include({ code: 'rate_limited', retryAfter: 300 })
    expect(seen).to.equal(1)
    answer = json(200, good)
    ahead = 301_000
    expect((await tokens.getToken()).token).to.equal('a.b.c')
  })

  it('sends away nobody for whom there is a token, whatever time it was told', async () => {
    answer = json(200, good)
    let ahead = 0
    const source = { name: 'test', getSubjectToken: async () => ({ token: subject }) }
    const surroundings = { ...ownSurroundings(), env: {}, now: () => Date.now() + ahead }
    const tokens = createTokenProvider({ url, source, surroundings })
    const old = await tokens.getToken()
    answer = json(503, { error: 'temporarily_unavailable' }, { 'retry-after': '300' })
    ahead = 880_000
    for (let i = 0; i < 3; i++) expect(await tokens.getToken()).to.equal(old)
    expect(seen).to.equal(2)
  })

  it('ends when its time is up, though the clock is set back meanwhile', async () => {
    answer = text(503, '')
    let ahead = 0
    const source = { name: 'test', getSubjectToken: async () => ({ token: subject }) }
    const surroundings = { ...ownSurroundings(), env: {}, now: () => Date.now() + ahead }
    const tokens = createTokenProvider({ url, source, surroundings, timeout: 1_000 })
    tokens.on('refreshFailed', () => {
      ahead = -3_600_000
    })
    const patience = AbortSignal.timeout(5_000)
    expect(await failureOf(tokens.getToken({ signal: patience }))).to.be.instanceOf(ServerUnavailableError)
    await tokens[Symbol.asyncDispose]()
  })

  it('keeps no process alive for a caller who has given up', async () => {
    answer = text(503, '', { connection: 'close', 'retry-after': '20' })
    const client = new URL('../../src/client/index.ts', import.meta.url).href
    const script = `
      const { createTokenProvider } = await import(${JSON.stringify(client)})
      const source = { name: 'test', getSubjectToken: async () => ({ token: ${JSON.stringify(subject)} }) }
      const tokens = createTokenProvider({ url: ${JSON.stringify(url)}, source })
      const enough = new AbortController()
      tokens.on('refreshFailed', () => enough.abort(new Error('enough')))
      await tokens.getToken({ signal: enough.signal }).catch((error) => console.log(error.message))`
    const began = performance.now()
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
    expect(stdout).to.equal('enough\n')
    expect(performance.now() - began).to.be.below(15_000)
  })

  it('takes the service’s word for when to refresh', async () => {
    answer = json(200, { ...good, refresh_in: 100 })
    const token = await provider().getToken()
    expect(token.expiresAt.getTime() - token.refreshAt.getTime()).to.equal(800_000)
  })
})
