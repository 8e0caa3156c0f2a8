import { expect } from 'chai'
import { createFetchKeys, freshFor, metadataUrl, type StepReport } from '../../../src/server/issuers/discovery.ts'
import { createOutbound, type Outbound, parseIssuerNetwork, Unreachable } from '../../../src/server/issuers/outbound.ts'
import { type Fault, type Provider, startProvider } from '../../support/identity-provider.ts'

describe('issuers/discovery', () => {
  let provider: Provider
  const outbound = createOutbound({ network: parseIssuerNetwork('any') })
  before(async () => {
    provider = await startProvider({ path: '/realms/acme' })
  })
  afterEach(() => provider.fail(null))
  after(async () => {
    await provider.close()
    await outbound.close()
  })

  async function tried(source: { issuer: string; jwksUri: string | null }, through: Outbound = outbound) {
    const steps: StepReport[] = []
    const fetched = await createFetchKeys({ outbound: through })(source, (step) => steps.push(step)).catch(
      (error) => error,
    )
    return { fetched, steps: steps.map(({ step, ok }) => `${step} ${ok ? 'ok' : 'failed'}`), last: steps.at(-1) }
  }

  it('finds the keys from the issuer alone', async () => {
    const { fetched, steps } = await tried({ issuer: provider.issuer, jwksUri: null })
    expect(steps).to.deep.equal(['discovery ok', 'issuer ok', 'jwks ok', 'keys ok'])
    expect(fetched.set.keys).to.have.length(1)
    expect(fetched.jwks).to.deep.equal(provider.publicJwks())
  })

  it('needs no discovery when the admin gave the jwks_uri', async () => {
    const before = provider.requests.discovery
    const { steps } = await tried({ issuer: 'https://idp.example', jwksUri: provider.jwksUri })
    expect(steps).to.deep.equal(['jwks ok', 'keys ok'])
    expect(provider.requests.discovery).to.equal(before)
  })

  const faults: [fault: Fault, step: string, says: RegExp][] = [
    ['error', 'discovery failed', /status 500/],
    ['garbage', 'discovery failed', /well-formed JSON/],
    ['redirect', 'discovery failed', /redirects/],
    ['other_issuer', 'issuer failed', /another issuer/],
    ['empty_keys', 'keys failed', /holds no key/],
    ['too_many_keys', 'keys failed', /more than 100 keys/],
  ]
  for (const [fault, step, says] of faults) {
    it(`says at which step it failed: ${fault}`, async () => {
      provider.fail(fault)
      const { fetched, steps, last } = await tried({ issuer: provider.issuer, jwksUri: null })
      expect(fetched).to.be.instanceOf(Unreachable)
      expect(steps.at(-1)).to.equal(step)
      expect(last?.message).to.match(says)
      expect(last?.milliseconds).to.be.a('number')
    })
  }

  /** A provider whose documents say anything. */
  const answering = (network: string, documents: Record<string, unknown>): Outbound & { asked: string[] } => {
    const asked: string[] = []
    return {
      asked,
      network: parseIssuerNetwork(network),
      async get(url) {
        asked.push(url)
        return { status: 200, headers: {}, json: documents[url] as never }
      },
      close: async () => {},
    }
  }
  const issuer = 'https://idp.example'
  const where = metadataUrl(issuer)

  const documents: [what: string, document: unknown, says: RegExp][] = [
    ['an issuer with a slash more', { issuer: `${issuer}/`, jwks_uri: `${issuer}/jwks` }, /another issuer/],
    ['an issuer in other letters', { issuer: 'https://IDP.example', jwks_uri: `${issuer}/jwks` }, /another issuer/],
    ['no issuer', { jwks_uri: `${issuer}/jwks` }, /not answer with an OpenID/],
    ['no jwks_uri', { issuer }, /names no jwks_uri/],
    ['a jwks_uri that is a list', { issuer, jwks_uri: [`${issuer}/jwks`] }, /names no jwks_uri/],
    ['a jwks_uri on loopback', { issuer, jwks_uri: 'https://127.0.0.1/jwks' }, /jwks_uri that must name a host/],
    ['a jwks_uri without TLS', { issuer, jwks_uri: 'http://idp.example/jwks' }, /jwks_uri that must be an https URL/],
  ]
  for (const [what, document, says] of documents) {
    it(`does not follow a document with ${what}`, async () => {
      const through = answering('public', { [where]: document })
      const { fetched } = await tried({ issuer, jwksUri: null }, through)
      expect(fetched.says).to.match(says)
      expect(through.asked).to.deep.equal([where])
    })
  }

  it('makes no exception for anybody, and asks nothing of an issuer that the guard refuses', async () => {
    const entra = 'https://login.microsoftonline.com/organizations/v2.0'
    const templated = 'https://login.microsoftonline.com/{tenantid}/v2.0'
    const through = answering('public', { [metadataUrl(entra)]: { issuer: templated, jwks_uri: `${issuer}/jwks` } })
    expect((await tried({ issuer: entra, jwksUri: null }, through)).fetched.says).to.match(/another issuer/)
    const guarded = answering('public', {})
    expect((await tried({ issuer: 'http://idp.example', jwksUri: null }, guarded)).fetched.says).to.match(/https/)
    expect(guarded.asked).to.deep.equal([])
  })

  it('appends to the path, whatever it is', () => {
    expect(metadataUrl('https://a.example/x/')).to.equal('https://a.example/x/.well-known/openid-configuration')
    expect(metadataUrl('https://a.example/x')).to.equal('https://a.example/x/.well-known/openid-configuration')
  })

  const now = Date.parse('Tue, 24 Nov 2026 00:00:00 GMT')
  const fresh: [headers: Record<string, string>, seconds: number | undefined][] = [
    [{}, undefined],
    [{ 'cache-control': 'public, max-age=600' }, 600],
    [{ 'cache-control': 'max-age="600"', age: '100' }, 500],
    [{ 'cache-control': 'max-age=600', age: '700' }, 0],
    [{ 'cache-control': 's-maxage=600' }, undefined],
    [{ 'cache-control': 'no-store' }, 0],
    [{ 'cache-control': 'max-age=600, no-cache' }, 0],
    [{ expires: 'Tue, 24 Nov 2026 00:10:00 GMT' }, 600],
    [{ expires: 'Tue, 24 Nov 2026 00:10:00 GMT', date: 'Tue, 24 Nov 2026 00:05:00 GMT' }, 300],
    [{ expires: '0' }, 0],
    [{ 'cache-control': 'max-age=60', expires: 'Tue, 24 Nov 2026 00:10:00 GMT' }, 60],
  ]
  for (const [headers, seconds] of fresh) {
    it(`keeps ${JSON.stringify(headers)} for ${seconds} s`, () =>
      expect(freshFor(headers, now)).to.equal(seconds === undefined ? undefined : seconds * 1000))
  }
})
