import { once } from 'node:events'
import { createServer as createPlain } from 'node:http'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { expect } from 'chai'
import { createOutbound, type Outbound, parseIssuerNetwork, Unreachable } from '../../../src/server/issuers/outbound.ts'
import { type Fault, type Provider, startProvider } from '../../support/identity-provider.ts'
import tls from '../../support/loopback-tls.json' with { type: 'json' }

async function failureOf(work: Promise<unknown>): Promise<Unreachable> {
  try {
    await work
  } catch (error) {
    if (error instanceof Unreachable) return error
    throw error
  }
  throw new Error('it did not fail')
}
const causeOf = ({ cause }: Unreachable) => (cause instanceof Error ? cause.message : '')

describe('issuers/outbound', () => {
  const open: Outbound[] = []
  const outboundOf = (needs: Parameters<typeof createOutbound>[0]) => {
    const outbound = createOutbound(needs)
    open.push(outbound)
    return outbound
  }
  afterEach(async () => {
    for (const outbound of open.splice(0)) await outbound.close()
  })

  describe('over TLS', () => {
    let server: Server
    let port: number
    const asked: { host?: string | undefined; headers: Record<string, unknown> }[] = []
    before(async () => {
      server = createServer(tls, (req, res) => {
        asked.push({ host: req.headers.host, headers: req.headers })
        res.writeHead(200, { 'content-type': 'application/jwk-set+json; charset=utf-8' }).end('{"keys":[]}')
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      port = (server.address() as AddressInfo).port
    })
    after(() => void server.close())
    beforeEach(() => void asked.splice(0))
    const get = (addresses: string[], { ca = tls.cert, host = 'idp.test' } = {}) => {
      const network = parseIssuerNetwork(`${host}:${port}`)
      return outboundOf({ network, ca, resolve: async () => addresses }).get(`https://${host}:${port}/jwks`)
    }

    it('fetches, bearing no cookie, no authorization and no wish for compression', async () => {
      const { json } = await get(['127.0.0.1'])
      expect(json).to.deep.equal({ keys: [] })
      expect(asked[0]?.headers).to.include({ host: `idp.test:${port}`, 'accept-encoding': 'identity' })
      expect(asked[0]?.headers).to.not.have.any.keys('cookie', 'authorization')
    })

    it('ends with its deadline, in resolving and in connecting, however many addresses keep silent', async () => {
      const silent = createTcp(() => {}).listen(0, '0.0.0.0')
      await once(silent, 'listening')
      const { port: at } = silent.address() as AddressInfo
      const network = parseIssuerNetwork(`idp.test:${at}`)
      const stuck = {
        resolving: () => new Promise<string[]>(() => {}),
        connecting: async () => ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'],
      }
      for (const [what, resolve] of Object.entries(stuck)) {
        const outbound = outboundOf({ network, ca: tls.cert, resolve })
        const failing = failureOf(outbound.get(`https://idp.test:${at}/jwks`, { deadline: 200 }))
        // Four addresses would need four times the connector's own time, and a resolver that never answers for ever.
        const late = new Promise((resolve) => setTimeout(() => resolve('late'), 3_000).unref())
        expect(await Promise.race([failing, late]), what).to.be.instanceOf(Unreachable)
      }
      silent.close()
    })

    it('tries the next address when one does not answer', async () => {
      expect((await get(['127.0.0.9', '127.0.0.1'])).status).to.equal(200)
    })

    it('does not believe another certificate, nor another name', async () => {
      const untrusted = createOutbound({
        network: parseIssuerNetwork(`idp.test:${port}`),
        resolve: async () => ['127.0.0.1'],
      })
      open.push(untrusted)
      await failureOf(untrusted.get(`https://idp.test:${port}/jwks`))
      await failureOf(get(['127.0.0.1'], { host: 'other.test' }))
      expect(asked).to.deep.equal([])
    })

    it('leaves a socket that is connected elsewhere than to the checked address', async () => {
      // Connecting to 0.0.0.0 arrives at 127.0.0.1.
      expect(causeOf(await failureOf(get(['0.0.0.0'])))).to.equal('connected elsewhere')
      expect(asked).to.deep.equal([])
    })
  })

  describe('to addresses that are not allowed', () => {
    const leadsTo = (...addresses: string[]) =>
      failureOf(
        outboundOf({ network: parseIssuerNetwork('public'), resolve: async () => addresses }).get(
          'https://idp.example/jwks',
        ),
      )

    it('does not connect, not even when another address is allowed', async () => {
      for (const addresses of [
        ['127.0.0.1'],
        ['::1'],
        ['8.8.8.8', '10.0.0.1'],
        ['169.254.169.254'],
        ['168.63.129.16'],
      ]) {
        expect(causeOf(await leadsTo(...addresses)), addresses.join()).to.equal('address not allowed')
      }
      expect(causeOf(await leadsTo())).to.equal('no address')
    })

    it('says the same of a forbidden address, a closed port and an unknown name', async () => {
      const network = parseIssuerNetwork('idp.test:1')
      const closed = outboundOf({ network, resolve: async () => ['127.0.0.1'] })
      const unknown = outboundOf({ network, resolve: () => Promise.reject(new Error('ENOTFOUND')) })
      const says = new Set([
        (await leadsTo('127.0.0.1')).says,
        (await failureOf(closed.get('https://idp.test:1/'))).says,
        (await failureOf(unknown.get('https://idp.test:1/'))).says,
      ])
      expect([...says]).to.have.length(1)
    })

    it('refuses a URL that is not allowed before anything is resolved', async () => {
      const resolve = () => expect.fail('resolved')
      const { says } = await failureOf(
        outboundOf({ network: parseIssuerNetwork('public'), resolve }).get('http://idp.example/'),
      )
      expect(says).to.equal('the URL must be an https URL')
    })
  })

  describe('from a provider at fault', () => {
    let provider: Provider
    before(async () => {
      provider = await startProvider()
    })
    after(() => provider.close())
    const get = (deadline = 5_000) =>
      outboundOf({ network: parseIssuerNetwork('any') }).get(provider.jwksUri, { step: 'keys', deadline })

    const faults: [fault: Fault, says: RegExp][] = [
      ['error', /status 500/],
      ['redirect', /status 302; redirects are not followed/],
      ['gzip', /compressed/],
      ['huge', /262,144 bytes/],
      ['html', /JSON content type/],
      ['garbage', /well-formed JSON/],
      ['hang', /could not be reached/],
      ['drip', /could not be reached/],
    ]
    for (const [fault, says] of faults) {
      it(`gives up on ${fault}`, async () => {
        provider.fail(fault)
        const begun = Date.now()
        const failure = await failureOf(get(fault === 'hang' || fault === 'drip' ? 200 : 5_000))
        expect(failure.says).to.match(says)
        expect(failure.step).to.equal('keys')
        expect(Date.now() - begun).to.be.below(2_000)
      })
    }

    it('asks once and follows nothing', async () => {
      provider.fail('redirect')
      provider.requests.jwks = 0
      await failureOf(get())
      expect(provider.requests).to.deep.equal({ discovery: 0, jwks: 1 })
    })

    it('takes no proxy from the environment', async () => {
      provider.fail(null)
      let proxied = 0
      const proxy = createPlain((_, res) => void res.end(String(proxied++)))
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
      const { HTTP_PROXY } = process.env
      process.env.HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
      try {
        expect((await get()).json).to.have.property('keys')
      } finally {
        if (HTTP_PROXY === undefined) delete process.env.HTTP_PROXY
        else process.env.HTTP_PROXY = HTTP_PROXY
        proxy.close()
      }
      expect(proxied).to.equal(0)
    })
  })
})
