/**
 * openid-client, as it comes from npm, and its page. All of it is software that we did not write: the identity provider
 * (oidc-provider), the client, and the verifier of our tokens (jose).
 */
import { expect } from 'chai'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import * as openid from 'openid-client'
import { grantTypes, tokenAlgorithms, tokenTypes } from '../../src/protocol/oauth.ts'
import { type InteropPage, openInteropPage } from '../support/interop-page.ts'
import { clientOf, openIdAlgs, startOpenIdProvider } from '../support/openid-provider.ts'
import { startProtectedApi } from '../support/protected-api.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const subject = 'somebody@idp.example'
const audience = 'https://api.acme.example'
const insecure = { execute: [openid.allowInsecureRequests] }
/** What the libraries want to know of a client that is none. */
const anybody = 'anybody'

for (const alg of tokenAlgorithms) {
  describe(`openid-client, TOKEN_ALG ${alg}`, () => {
    let provider: Awaited<ReturnType<typeof startOpenIdProvider>>
    let service: Service
    let world: World
    let resourceServerKey: string
    let config: openid.Configuration

    before(async () => {
      provider = await startOpenIdProvider({ accountId: subject, audience: 'acme' })
      service = await startService({ env: { TOKEN_ALG: alg } })
      const audiences = [...openIdAlgs.map(clientOf), 'acme']
      const unused = { issuer: provider.issuer, token: () => '' }
      world = await createWorld(service, unused, { subject, issuer: { audiences } })
      const made = await world.make('/resource-servers', { name: 'api', audience })
      resourceServerKey = String(made.api_key)
      config = await openid.discovery(new URL(service.publicUrl), anybody, undefined, openid.None(), {
        ...insecure,
        algorithm: 'oauth2',
      })
    })
    after(async () => {
      await service?.close()
      await provider?.close()
    })

    /** As a resource server would, with nothing but our URL. */
    async function verified(token: string, target = service.publicUrl) {
      const keys = createRemoteJWKSet(new URL(String(config.serverMetadata().jwks_uri)))
      return jwtVerify(token, keys, {
        issuer: service.publicUrl,
        audience: target,
        typ: 'at+jwt',
        algorithms: [alg],
        requiredClaims: ['sub', 'client_id', 'exp', 'iat', 'jti', 'scope'],
      })
    }
    const asResourceServer = () =>
      openid.discovery(new URL(service.publicUrl), 'api', undefined, openid.ClientSecretBasic(resourceServerKey), {
        ...insecure,
        algorithm: 'oauth2',
      })

    for (const idAlg of openIdAlgs) {
      it(`an ID token of oidc-provider in ${idAlg}, exchanged by openid-client, verified by jose`, async () => {
        const idToken = await provider.idToken(idAlg)
        expect(decodeProtectedHeader(idToken).alg).to.equal(idAlg)
        const answers = [
          await openid.genericGrantRequest(config, grantTypes.jwtBearer, { assertion: idToken }),
          await openid.genericGrantRequest(config, grantTypes.tokenExchange, {
            subject_token: idToken,
            subject_token_type: tokenTypes.idToken,
          }),
        ]
        for (const { access_token, token_type, expires_in, scope } of answers) {
          expect({ token_type, expires_in, scope }).to.deep.equal({
            token_type: 'bearer',
            expires_in: 900,
            scope: 'projects:read projects:write',
          })
          const { payload, protectedHeader } = await verified(access_token)
          expect(protectedHeader.typ).to.equal('at+jwt')
          expect(payload).to.deep.include({
            sub: world.account.id,
            client_id: world.account.id,
            idp: { iss: provider.issuer, sub: subject },
          })
        }
      })
    }

    it('an access token of another server is no subject token (typ at+jwt), and the client reads why', async () => {
      const accessToken = await provider.accessToken()
      expect(decodeProtectedHeader(accessToken).typ).to.equal('at+jwt')
      const refused = await openid.genericGrantRequest(config, grantTypes.jwtBearer, { assertion: accessToken }).then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(refused).to.be.instanceOf(openid.ResponseBodyError)
      const { error, status, cause } = refused as openid.ResponseBodyError
      expect({ error, status }).to.deep.equal({ error: 'invalid_grant', status: 400 })
      expect(cause).to.deep.include({ reason: 'token_malformed' })
    })

    it('an API key by client_credentials, with Basic as it is encoded there', async () => {
      const withKey = (authentication: openid.ClientAuth) =>
        openid.discovery(new URL(service.publicUrl), 'api', undefined, authentication, {
          ...insecure,
          algorithm: 'oauth2',
        })
      for (const authentication of [openid.ClientSecretBasic(world.apiKey), openid.ClientSecretPost(world.apiKey)]) {
        const { access_token } = await openid
          .clientCredentialsGrant(await withKey(authentication), {
            scope: 'projects:read',
            resource: audience,
          })
          .catch((error) => {
            throw new Error(JSON.stringify(error.cause ?? String(error)))
          })
        const { payload } = await verified(access_token, audience)
        expect(payload).to.deep.include({ method: 'api_key', scope: 'projects:read' })
      }
    })

    it('a token bound to its key, by both grants, shown to us and to an API with @countersign/verify', async () => {
      const api = await startProtectedApi({ service, audience, key: resourceServerKey })
      try {
        const subjectToken = await provider.idToken('ES256')
        const grants: [string, Record<string, string>][] = [
          [grantTypes.jwtBearer, { assertion: subjectToken }],
          [grantTypes.tokenExchange, { subject_token: subjectToken, subject_token_type: tokenTypes.idToken }],
        ]
        for (const [grant, ask] of grants) {
          const pair = await openid.randomDPoPKeyPair()
          const DPoP = openid.getDPoPHandle(config, pair)
          const ours = await openid.genericGrantRequest(config, grant, ask, { DPoP })
          expect(ours.token_type).to.equal('dpop')
          const me = await openid.fetchUserInfo(config, ours.access_token, world.account.id, { DPoP })
          expect(me).to.include({ sub: world.account.id, name: 'trainer' })

          const theirs = await openid.genericGrantRequest(config, grant, { ...ask, resource: audience }, { DPoP })
          const { payload } = await verified(theirs.access_token, audience)
          expect(payload.cnf).to.deep.equal({ jkt: await DPoP.calculateThumbprint() })
          const url = new URL(`${api.url}/runs`)
          const show = async (how?: openid.DPoPOptions) =>
            openid.fetchProtectedResource(config, theirs.access_token, url, 'GET', null, undefined, how).then(
              async (response) => (await response.json()) as Record<string, unknown>,
              (error: openid.WWWAuthenticateChallengeError) => ({ status: error.status }),
            )
          expect(await show({ DPoP })).to.include({ id: world.account.id })
          const thief = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair())
          expect([await show(), await show({ DPoP: thief })]).to.deep.equal([{ status: 401 }, { status: 401 }])
        }
      } finally {
        await api.close()
      }
    })

    it('introspection and revocation by openid-client', async () => {
      const assertion = await provider.idToken('RS256')
      const { access_token } = await openid.genericGrantRequest(config, grantTypes.jwtBearer, { assertion })
      const server = await asResourceServer()
      const found = await openid.tokenIntrospection(server, access_token)
      expect(found).to.deep.include({ active: true, sub: world.account.id, username: 'trainer', org: 'acme' })
      await openid.tokenRevocation(config, access_token)
      expect(await openid.tokenIntrospection(server, access_token)).to.deep.equal({ active: false })
      await openid.tokenRevocation(config, access_token)
    })

    it('metadata as OpenID Connect Discovery reads it', async () => {
      const read = await openid.discovery(new URL(service.publicUrl), anybody, undefined, openid.None(), insecure)
      expect(read.serverMetadata().token_endpoint).to.equal(config.serverMetadata().token_endpoint)
      expect(read.serverMetadata().issuer).to.equal(service.publicUrl)
    })
  })
}

describe('openid-client', () => {
  let page: InteropPage
  before(async () => {
    page = await openInteropPage('openid-client')
  })
  after(() => page?.close())

  it('its page: an exchange, and one of a token that is bound to a key', async () => {
    const program = page.examples('js').join('')
    const said = await page.pasted(program, page.env)
    const shown = said.split(page.world.account.id)
    expect(shown, said).to.have.length(3)
    expect(said).to.match(/^900 /)
    expect(said).to.match(/^dpop /m)
    const refused = (await page.exchanges('job-1')).filter(({ result }) => result === 'refused')
    expect(refused.map(({ reason }) => reason)).to.deep.equal(['dpop_nonce_required'])
  })

  it('its page, on a laptop: http, as it says', async () => {
    const [program = ''] = page.examples('js')
    expect(program).to.include("{ algorithm: 'oauth2' }")
    const allowed = program.replace(
      "{ algorithm: 'oauth2' }",
      "{ algorithm: 'oauth2', execute: [client.allowInsecureRequests] }",
    )
    const laptop = await startService()
    try {
      const world = await createWorld(laptop, page.provider)
      const COUNTERSIGN_IDENTITY_TOKEN_FILE = page.file('on-a-laptop', world.token())
      const env = { ...page.env, COUNTERSIGN_URL: world.audience, COUNTERSIGN_IDENTITY_TOKEN_FILE }
      expect(await page.pasted(allowed, env)).to.include(world.account.id)
      const refused = await page.pasted(program, env).catch((error: Error) => error)
      expect(refused).to.have.property('message').that.includes('only requests to HTTPS are allowed')
    } finally {
      await laptop.close()
    }
  })
})
