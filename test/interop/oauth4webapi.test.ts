/** oauth4webapi, as it comes from npm, and its page: as the client, and as the verifier of our tokens. */
import { expect } from 'chai'
import * as oauth from 'oauth4webapi'
import { grantTypes, tokenAlgorithms, tokenTypes } from '../../src/protocol/oauth.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type InteropPage, openInteropPage } from '../support/interop-page.ts'
import { startProtectedApi } from '../support/protected-api.ts'
import { resourceServer } from '../support/resource-server.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const insecure = { [oauth.allowInsecureRequests]: true }
/** What the library wants to know of a client that is none. */
const client: oauth.Client = { client_id: 'anybody' }

for (const alg of tokenAlgorithms)
  describe(`oauth4webapi, TOKEN_ALG ${alg}`, () => {
    let provider: Provider
    let service: Service
    let world: World
    let as: oauth.AuthorizationServer
    let tracker: Awaited<ReturnType<typeof resourceServer>>

    before(async () => {
      provider = await startProvider()
      service = await startService({ env: { TOKEN_ALG: alg } })
      world = await createWorld(service, provider)
      tracker = await resourceServer(world, 'tracker')
      const issuer = new URL(service.publicUrl)
      const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
      as = await oauth.processDiscoveryResponse(issuer, found)
    })
    after(async () => {
      await service?.close()
      await provider?.close()
    })

    async function exchange(grant: string, ask: Record<string, string>, how: oauth.DPoPRequestOptions = {}) {
      const options = { ...how, ...insecure }
      const request = () =>
        oauth.genericTokenEndpointRequest(as, client, oauth.None(), grant, new URLSearchParams(ask), options)
      const process = async () => oauth.processGenericTokenEndpointResponse(as, client, await request())
      return process().catch((error: unknown) => {
        if (!oauth.isDPoPNonceError(error)) throw error
        return process()
      })
    }
    const asks = (): [string, Record<string, string>][] => [
      [grantTypes.jwtBearer, { assertion: world.token() }],
      [grantTypes.tokenExchange, { subject_token: world.token(), subject_token_type: tokenTypes.jwt }],
    ]

    it('both grants, and the rules of RFC 9068 for a resource server', async () => {
      for (const [grant, ask] of asks()) {
        const { access_token, token_type } = await exchange(grant, { ...ask, resource: tracker.audience })
        expect(token_type).to.equal('bearer')
        const request = new Request(tracker.audience, { headers: { authorization: `Bearer ${access_token}` } })
        const claims = await oauth.validateJwtAccessToken(as, request, tracker.audience, insecure)
        expect(claims).to.deep.include({ sub: world.account.id, scope: 'projects:read projects:write' })
      }
    })

    it('a refusal, with its reason', async () => {
      const [[grant, ask] = ['', {}]] = asks()
      const refused = await exchange(grant, { ...ask, scope: 'colour' }).catch((error: unknown) => error)
      expect(refused).to.be.instanceOf(oauth.ResponseBodyError)
      const { error, status, cause } = refused as oauth.ResponseBodyError
      expect({ error, status }).to.deep.equal({ error: 'invalid_scope', status: 400 })
      expect(cause).to.deep.include({ reason: 'scope_not_allowed' })
    })

    it('asks for a bound token by both grants, and shows it to us and to an API with @countersign/verify', async () => {
      const api = await startProtectedApi({ service, audience: tracker.audience, key: tracker.secret })
      try {
        for (const [grant, ask] of asks()) {
          const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
          const show = async (token: string, url: string, how: oauth.DPoPRequestOptions) => {
            const ask = () =>
              oauth.protectedResourceRequest(token, 'GET', new URL(url), undefined, null, { ...how, ...insecure })
            const answer = await ask().catch((error: unknown) => {
              if (!oauth.isDPoPNonceError(error)) throw error
              return ask()
            })
            return (await answer.json()) as Record<string, unknown>
          }
          const ours = await exchange(grant, ask, { DPoP })
          expect(ours.token_type).to.equal('dpop')
          for (const path of ['/api/v1/me', '/oauth/userinfo'])
            expect(JSON.stringify(await show(ours.access_token, service.publicUrl + path, { DPoP }))).to.include(
              world.account.id,
            )
          const theirs = await exchange(grant, { ...ask, resource: tracker.audience }, { DPoP })
          const runs = `${api.url}/runs`
          expect(await show(theirs.access_token, runs, { DPoP })).to.include({ id: world.account.id })
          const thief = { DPoP: oauth.DPoP(client, await oauth.generateKeyPair('ES256')) }
          for (const how of [{}, thief]) {
            const refused = await show(theirs.access_token, runs, how).catch((error: unknown) => error)
            expect(refused).to.be.instanceOf(oauth.WWWAuthenticateChallengeError).with.property('status', 401)
          }
        }
      } finally {
        await api.close()
      }
    })
  })

describe('oauth4webapi', () => {
  let page: InteropPage
  before(async () => {
    page = await openInteropPage('oauth4webapi')
  })
  after(() => page?.close())

  it('its page: an exchange, and one of a token that is bound to a key', async () => {
    const said = await page.pasted(page.examples('js').join(''), page.env)
    expect(said.split(page.world.account.id), said).to.have.length(3)
    expect(said).to.match(/^900 /)
    expect(said).to.match(/^dpop /m)
    const reasons = (await page.exchanges('job-1')).map(({ reason }) => reason)
    expect(reasons).to.deep.equal([undefined, 'dpop_nonce_required', undefined])
  })
})
