/** `fetch` with the token, against an API that verifies it by the published keys and asks whether it was revoked. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { ConfigError } from '../../src/client/index.ts'
import { createVerifier, credentialIn, type VerifyError } from '../../src/verify/index.ts'
import { type ClientWorld, failureOf, startClientWorld } from '../support/client-world.ts'
import { resourceServer } from '../support/resource-server.ts'

describe('client: fetch', () => {
  let job: ClientWorld
  let api: Server
  let url: string
  const seen: { method: string | undefined; body: string; status: number }[] = []
  let refuseAll = false
  before(async () => {
    job = await startClientWorld()
    const { audience, secret } = await resourceServer(job.world, 'tracker')
    const { verify } = createVerifier({
      url: job.service.publicUrl,
      organization: 'acme',
      audience,
      key: secret,
      cacheSeconds: 0,
    })
    const judge = async (req: IncomingMessage) => {
      if (refuseAll) return 401
      try {
        await verify(credentialIn(req.headers.authorization ?? null))
        return 200
      } catch (error) {
        return (error as VerifyError).status
      }
    }
    api = createServer(async (req, res) => {
      const body = await text(req)
      const status = await judge(req)
      seen.push({ method: req.method, body, status })
      res.writeHead(status).end(`${status}: ${body}`)
    }).listen(0, '127.0.0.1')
    await once(api, 'listening')
    url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/runs`
    target = audience
  })
  let target: string
  after(async () => {
    api?.closeAllConnections()
    api?.close()
    await job?.close()
  })
  beforeEach(() => {
    seen.length = 0
    refuseAll = false
  })
  const provider = () => job.provider({ target })
  /** A provider whose token was revoked behind its back. */
  async function revoked() {
    const tokens = provider()
    const { token } = await tokens.getToken()
    await job.world.post({ token }, '/oauth/revoke')
    return tokens
  }

  it('bears the token, and leaves everything else as it is', async () => {
    const answer = await provider().fetch(url, { method: 'PUT', body: 'a run', headers: { 'x-a': 'b' } })
    expect([answer.status, await answer.text()]).to.deep.equal([200, '200: a run'])
    const request = new Request(url, { method: 'POST', body: 'of a request' })
    expect(await (await provider().fetch(request)).text()).to.equal('200: of a request')
    expect(seen.map(({ method }) => method)).to.deep.equal(['PUT', 'POST'])
  })

  it('upon 401 once more with a new token, and the caller sees one answer', async () => {
    const tokens = await revoked()
    const asked = job.asked()
    const answers = await Promise.all([1, 2, 3, 4].map((n) => tokens.fetch(url, { method: 'POST', body: `run ${n}` })))
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200])
    expect(await answers[2]?.text()).to.equal('200: run 3')
    expect(job.asked(), 'one new token for all').to.equal(asked + 1)
    expect(seen.filter(({ status }) => status === 401)).to.have.length.above(0)
  })

  for (const [what, body] of [
    ['a stream', () => new Blob(['once']).stream()],
    [
      'what comes bit by bit',
      () =>
        (async function* () {
          yield new TextEncoder().encode('once')
        })() as unknown as ReadableStream,
    ],
  ] as const)
    it(`does not send ${what} twice: the 401 is the caller’s`, async () => {
      const tokens = await revoked()
      const init = { method: 'POST', body: body(), duplex: 'half' } as RequestInit
      expect((await tokens.fetch(url, init)).status).to.equal(401)
      expect(seen).to.have.length(1)
    })

  it('nor a request that has a body of its own', async () => {
    const tokens = await revoked()
    expect((await tokens.fetch(new Request(url, { method: 'POST', body: 'x' }))).status).to.equal(401)
    expect((await (await revoked()).fetch(new Request(url))).status).to.equal(200)
  })

  it('an API that refuses every token is not why the service is asked at each call', async () => {
    refuseAll = true
    const tokens = provider()
    const asked = job.asked()
    for (let i = 0; i < 5; i++) expect((await tokens.fetch(url)).status).to.equal(401)
    expect(job.asked()).to.equal(asked + 2)
    expect(seen).to.have.length(6)
  })

  it('an API that refuses every token takes the second try from no other', async () => {
    const stranger = createServer((_req, res) => res.writeHead(401).end()).listen(0, '127.0.0.1')
    try {
      await once(stranger, 'listening')
      const tokens = provider()
      const at = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`
      expect((await tokens.fetch(at)).status).to.equal(401)
      const { token } = await tokens.getToken()
      await fetch(`${job.service.url}/oauth/revoke`, { method: 'POST', body: new URLSearchParams({ token }) })
      expect((await tokens.fetch(url)).status).to.equal(200)
    } finally {
      stranger.closeAllConnections()
      stranger.close()
    }
  })

  it('sends the token to nobody over http, but on this machine', async () => {
    for (const to of ['http://tracker.example/', 'http://localhost.evil.example/', 'ftp://127.0.0.1/'])
      expect(await failureOf(provider().fetch(to))).to.be.instanceOf(ConfigError)
  })

  it('ends with the caller’s signal', async () => {
    const reason = new Error('enough')
    expect(await failureOf(provider().fetch(url, { signal: AbortSignal.abort(reason) }))).to.equal(reason)
  })
})
