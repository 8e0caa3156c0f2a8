/** Software that we did not write: as the identity provider, as the client, and as the verifier of our tokens. */
import { expect } from 'chai'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { grantTypes, tokenAlgorithms, tokenTypes } from '../../src/protocol/oauth.ts'
import { clientOf, openIdAlgs, startOpenIdProvider } from '../support/openid-provider.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const subject = 'somebody@idp.example'
const audience = 'https://api.acme.example'
const insecure = { execute: [openid.allowInsecureRequests] }
/** What the libraries want to know of a client that is none. */
const anybody = 'anybody'

for (const alg of tokenAlgorithms) {
  describe(`with software that we did not write, TOKEN_ALG ${alg}`, () => {
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

    it('an API key by client_credentials, with Basic as openid-client and oauth4webapi encode it', async () => {
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

    it('oauth4webapi: discovery, and the rules of RFC 9068 for a resource server', async () => {
      const http = { [oauth.allowInsecureRequests]: true }
      const issuer = new URL(service.publicUrl)
      const as = await oauth
        .discoveryRequest(issuer, { algorithm: 'oauth2', ...http })
        .then((response) => oauth.processDiscoveryResponse(issuer, response))
      const assertion = await provider.idToken('ES256')
      const parameters = new URLSearchParams({ assertion, resource: audience })
      const client = { client_id: anybody }
      const response = await oauth.genericTokenEndpointRequest(
        as,
        client,
        oauth.None(),
        grantTypes.jwtBearer,
        parameters,
        http,
      )
      const { access_token } = await oauth.processGenericTokenEndpointResponse(as, client, response)
      const request = new Request(audience, { headers: { authorization: `Bearer ${access_token}` } })
      const claims = await oauth.validateJwtAccessToken(as, request, audience, http)
      expect(claims).to.deep.include({ sub: world.account.id, scope: 'projects:read projects:write' })
    })
  })
}
