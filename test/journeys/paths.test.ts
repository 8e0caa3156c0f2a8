/** Where the token endpoint is found, by every client that looks for it in its own way. */
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { grantTypes, tokenTypes } from '../../src/protocol/oauth.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { askFor, claimsIn, createWorld, must, subjectGrants, type World } from '../support/world.ts'

const tokenPaths = ['/oauth/token', '/oidc/token', '/v1/token']
const basic = (user: string, password: string) => ({ authorization: `Basic ${btoa(`${user}:${password}`)}` })

for (const prefix of ['', '/base/path']) {
  describe(`PUBLIC_URL ${prefix === '' ? 'without a path' : `with the path ${prefix}`}`, () => {
    const publicUrl = `https://id.example${prefix}`
    /** A proxy may strip the path or not. */
    const bases = [...new Set(['', prefix])]
    let provider: Provider
    let service: Service
    let world: World

    before(async () => {
      await ensureConsole()
      provider = await startProvider()
      service = await startService({ env: { PUBLIC_URL: publicUrl } })
      world = await createWorld(service, provider)
    })
    after(async () => {
      await service?.close()
      await provider?.close()
    })
    const post = (
      path: string,
      ask: { form?: Record<string, string>; json?: unknown; headers?: Record<string, string> },
    ) => call(service, 'POST', path, ask)
    const get = (path: string) => call(service, 'GET', path)

    it('is what the service says of itself', () => {
      expect(service.publicUrl).to.equal(publicUrl)
      expect(world.audience).to.equal(`${publicUrl}/orgs/acme`)
    })

    it('says which methods there are to whoever uses another', async () => {
      for (const base of bases)
        for (const [method, path, allow] of [
          ['GET', '/oauth/introspect', 'POST'],
          ['PUT', '/oauth/revoke', 'POST'],
          ['POST', '/oauth/jwks', 'GET, HEAD'],
          ['DELETE', '/oauth/userinfo', 'GET, HEAD, POST'],
          ['POST', '/.well-known/openid-configuration', 'GET, HEAD'],
          ['POST', '/readyz', 'GET, HEAD'],
        ] as const) {
          const { status, headers, body } = await call(service, method, base + path)
          expect([status, headers.get('allow'), body.reason], path).to.deep.equal([405, allow, 'method_not_allowed'])
        }
    })

    it('says a URL that is one as the audience of an organization, whatever the name', async () => {
      const { body } = await get('/orgs/a%20b/.well-known/countersign')
      expect(body).to.include({ organization: 'a b', audience: `${publicUrl}/orgs/a%20b` })
    })

    it('shows what is here to whoever opens the address', async () => {
      for (const base of bases) {
        const { status, body } = await get(base === '' ? '/' : base)
        expect(status, base).to.equal(200)
        expect(body.text, base).to.contain(`name="countersign-url" content="${publicUrl}"`)
      }
    })

    for (const path of tokenPaths) {
      it(`${path}: both grants, form and JSON`, async () => {
        for (const base of bases)
          for (const grant of subjectGrants)
            for (const how of ['form', 'json'] as const) {
              const { status, headers, body } = await post(base + path, { [how]: askFor(grant, world.token()) })
              expect(status, `${base} ${grant} ${how}`).to.equal(200)
              expect(headers.get('cache-control')).to.equal('no-store')
              expect(claimsIn(body.access_token)).to.deep.include({ iss: publicUrl, aud: publicUrl })
            }
      })

      it(`${path}: a refusal is OAuth's`, async () => {
        for (const base of bases) {
          const { status, headers, body } = await post(base + path, { form: { grant_type: 'password' } })
          expect([status, body.error, body.reason]).to.deep.equal([
            400,
            'unsupported_grant_type',
            'unsupported_grant_type',
          ])
          expect(headers.get('cache-control')).to.equal('no-store')
          const large = await post(base + path, { form: { a: 'x'.repeat(70_000) } })
          expect([large.status, large.body.error, large.headers.get('cache-control')]).to.deep.equal([
            413,
            'invalid_request',
            'no-store',
          ])
        }
      })
    }

    it('metadata is at every place where RFC 8414 and OpenID Connect Discovery look', async () => {
      const places = bases.flatMap((base) => [
        `${base}/.well-known/oauth-authorization-server`,
        `${base}/.well-known/openid-configuration`,
      ])
      for (const place of [...places, `/.well-known/oauth-authorization-server${prefix}`]) {
        const { status, body } = await get(place)
        expect(status, place).to.equal(200)
        expect(body).to.deep.include({
          issuer: publicUrl,
          token_endpoint: `${publicUrl}/oauth/token`,
          jwks_uri: `${publicUrl}/oauth/jwks`,
          introspection_endpoint: `${publicUrl}/oauth/introspect`,
          revocation_endpoint: `${publicUrl}/oauth/revoke`,
          grant_types_supported: Object.values(grantTypes),
        })
      }
      expect((await get('/.well-known/oauth-authorization-server/another/path')).status).to.equal(404)
    })

    it('everything that metadata names is served, below the path and at the root', async () => {
      const { body } = await get(`${prefix}/.well-known/oauth-authorization-server`)
      const named = Object.entries(body).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name))
      expect(named.length).to.be.at.least(4)
      for (const [name, url] of named) {
        const { pathname } = new URL(String(url))
        for (const path of [pathname, pathname.slice(prefix.length)]) {
          const { status } = await call(service, name === 'jwks_uri' ? 'GET' : 'POST', path)
          expect(status, `${name} at ${path}`).to.be.oneOf([200, 400, 401])
        }
      }
      for (const base of bases) {
        const { headers, body: set } = await get(`${base}/oauth/jwks`)
        expect(headers.get('cache-control')).to.equal('public, max-age=300')
        expect(set.keys).to.have.length.at.least(2)
        expect(JSON.stringify(set)).to.not.match(/"d":/)
        expect((await get(`${base}/readyz`)).status).to.equal(200)
        expect((await must(call(service, 'GET', `${base}/api/v1/me`, { secret: world.adminKey }))).org).to.equal('acme')
      }
    })

    it('clients made for Entra find the metadata below every organization, and an authorization endpoint that takes nothing', async () => {
      const { body: metadata } = await get('/.well-known/openid-configuration')
      expect(metadata).to.not.have.property('authorization_endpoint')
      for (const base of bases)
        for (const org of ['acme', 'nobody', 'a%20b']) {
          const { status, body } = await get(`${base}/orgs/${org}/v2.0/.well-known/openid-configuration`)
          expect(status).to.equal(200)
          expect(body).to.deep.equal({ ...metadata, authorization_endpoint: `${publicUrl}/oauth/authorize` })
        }
      const query = 'response_type=code&client_id=ml%2Ftrainer&redirect_uri=https%3A%2F%2Fevil.example%2F&state=s'
      for (const base of bases)
        for (const method of ['GET', 'POST']) {
          const { status, headers, body } = await call(service, method, `${base}/oauth/authorize?${query}`)
          expect([status, body.error, body.reason]).to.deep.equal([
            400,
            'unsupported_response_type',
            'unsupported_response_type',
          ])
          expect(headers.get('location')).to.equal(null)
          expect(JSON.stringify(body)).to.not.include('evil.example')
        }
    })

    it("the organization's own document has one shape, for names that nobody has too", async () => {
      for (const base of bases)
        for (const org of ['acme', 'nobody']) {
          const { status, body } = await get(`${base}/orgs/${org}/.well-known/countersign`)
          expect(status).to.equal(200)
          expect(body).to.deep.equal({
            organization: org,
            audience: `${publicUrl}/orgs/${org}`,
            token_endpoint: `${publicUrl}/oauth/token`,
            issuer: publicUrl,
          })
        }
    })

    it('an API key: by Basic, as client_secret, as a subject token', async () => {
      const { apiKey } = world
      const grant = { grant_type: grantTypes.clientCredentials }
      const encoded = apiKey.replace('_', '%5F')
      const asked: Record<string, Parameters<typeof post>[1]> = {
        'Basic, user api': { form: grant, headers: basic('api', apiKey) },
        'Basic, any user': { form: grant, headers: basic('what ever:'.replace(':', ''), apiKey) },
        'Basic, no user': { form: grant, headers: basic('', apiKey) },
        'Basic, percent-encoded': { form: grant, headers: basic('a%20b', encoded) },
        'Basic, JSON': { json: grant, headers: basic('api', apiKey) },
        client_secret: { form: { ...grant, client_id: 'x', client_secret: apiKey } },
        'client_secret in JSON': { json: { ...grant, client_secret: apiKey } },
        'both, the same': { form: { ...grant, client_secret: apiKey }, headers: basic('api', apiKey) },
        'subject token': { form: askFor('tokenExchange', apiKey, { subject_token_type: tokenTypes.apiKey }) },
      }
      for (const [how, ask] of Object.entries(asked))
        for (const path of tokenPaths) {
          const { status, body } = await post(path, ask)
          expect(status, how).to.equal(200)
          const claims = claimsIn(body.access_token)
          expect(claims).to.deep.include({ sub: world.builtIn.id, method: 'api_key', principal: 'service_account' })
          expect(claims).to.not.have.property('idp')
        }
    })

    it("a person's key obtains a token of that person", async () => {
      const { body } = await world.withKey(world.adminKey)
      const claims = claimsIn(body.access_token)
      expect(claims).to.deep.include({ principal: 'user', name: 'acme-root', method: 'api_key' })
      expect(claims).to.not.have.property('team')
      expect(claims.sub).to.match(/^user_/)
    })

    it('the other token types of RFC 8693', async () => {
      for (const type of [tokenTypes.jwt, tokenTypes.idToken])
        for (const wanted of [tokenTypes.accessToken, tokenTypes.jwt]) {
          const extra = { subject_token_type: type, requested_token_type: wanted, options: '{"a":1}' }
          const { status } = await post('/oauth/token', { form: askFor('tokenExchange', world.token(), extra) })
          expect(status).to.equal(200)
        }
    })

    it('never a redirect, and no token by GET', async () => {
      for (const path of [...tokenPaths, ...tokenPaths.map((one) => `${one}/`)]) {
        const { status, headers } = await get(path)
        expect([status, headers.get('allow'), headers.get('cache-control')]).to.deep.equal([405, 'POST', 'no-store'])
        const posted = await post(path, { form: askFor('jwtBearer', world.token()) })
        expect(posted.status).to.equal(200)
      }
    })
  })
}
