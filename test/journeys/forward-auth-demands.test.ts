/** What a proxy may ask of forward auth, and how: directly, as nginx and Traefik do, and below the path, as Envoy does. */
import { expect } from 'chai'
import { parse } from 'yaml'
import { documented } from '../support/documented.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { ask } from '../support/plain-http.ts'
import { resourceServer } from '../support/resource-server.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const path = '/access/v1/verify'
const names = ['subject', 'principal', 'organization', 'team', 'scope', 'project'] as const

describe('journey: demands of forward auth', () => {
  let provider: Provider
  let service: Service
  let world: World
  let other: World
  let token: string
  let reader: string
  let person: string

  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    other = await createWorld(service, provider, { org: 'other' })
    token = await world.granted(world.token())
    reader = await world.granted(world.token(), { scope: 'projects:read' })
    await world.make('/users', { username: 'ann', email: 'ann@acme.example' })
    person = String((await world.make('/users/ann/keys', {})).secret)
    await world.make('/teams', { name: 'ops' })
    await world.make('/teams/ops/projects', { name: 'plaza', visibility: 'public' })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  type Ask = NonNullable<Parameters<typeof ask>[2]>
  const at = (target: string, secret?: string, { headers = [], ...more }: Ask = {}) =>
    ask(service.url, target, {
      ...more,
      headers: [...(secret === undefined ? [] : [['Authorization', `Bearer ${secret}`] as const]), ...headers],
    })
  const told = ({ headers }: { headers: Record<string, unknown> }) =>
    Object.fromEntries(names.map((name) => [name, headers[`x-countersign-${name}`]]))

  describe('by its query', () => {
    const status = async (query: string, secret = token) => (await at(`${path}${query}`, secret)).status

    it('yes is 204 with who it is, without a body, for no cache', async () => {
      for (const method of ['GET', 'HEAD']) {
        const yes = await at(`${path}?organization=acme&action=write&project=vision`, token, { method })
        expect(yes).to.include({ status: 204, text: '' })
        expect(yes.headers).to.include({ 'cache-control': 'no-store' })
        expect(yes.headers).to.not.have.any.keys('content-type', 'content-length', 'transfer-encoding')
        expect(told(yes)).to.deep.equal({
          subject: world.account.id,
          principal: 'service_account',
          organization: 'acme',
          team: 'ml',
          scope: 'projects:read projects:write',
          project: 'ml/vision',
        })
      }
    })

    it('no is a problem for no cache, with nothing of who it is', async () => {
      for (const [expected, query, secret] of [
        [401, '', 'nothing'],
        [401, '', undefined],
        [403, '?organization=other', token],
        [403, '?project=ops/x', token],
      ] as const) {
        const no = await at(path + query, secret)
        expect(no.status).to.equal(expected)
        expect(no.headers).to.include({ 'cache-control': 'no-store' })
        expect(no.headers['content-type']).to.match(/^application\/problem\+json/)
        expect(no.headers).to.have.any.keys(expected === 401 ? 'www-authenticate' : 'x-request-id')
        expect(told(no)).to.deep.equal(told({ headers: {} }))
      }
    })

    it('has no other method', async () => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']) {
        const { status, headers } = await at(`${path}?organization=acme`, token, { method })
        expect(status, method).to.equal(405)
        expect(headers).to.include({ allow: 'GET, HEAD', 'cache-control': 'no-store' })
      }
    })

    it('each demand narrows, and all hold', async () => {
      const asked: [query: string, status: number, secret?: string][] = [
        ['', 204],
        ['?', 204],
        ['?organization=acme', 204],
        ['?organization=other', 403],
        ['', 204, other.apiKey],
        ['?organization=acme', 403, other.apiKey],
        ['?action=read', 204, reader],
        ['?action=write', 403, reader],
        ['?project=vision', 204, reader],
        ['?project=vision&action=write', 403, reader],
        ['?project=ops/plaza', 204],
        ['?project=ops/plaza&action=read', 204],
        ['?project=ops/plaza&action=write', 403],
        ['?project=ops%2Fplaza', 204],
        ['?project=vision', 403, person],
        ['?organization=other&project=vision', 403],
        ['?action=%77rite', 204],
      ]
      for (const [query, expected, secret] of asked) expect(await status(query, secret), query).to.equal(expected)
    })

    it('what cannot be read is no yes, whatever else is demanded', async () => {
      const good = 'organization=acme&action=write&project=ml/vision'
      const bad = [
        'organization=',
        'organization',
        'organization=acme%0d%0a',
        'organization=acme%20',
        'organization=acme+',
        'organization=%20acme',
        'organization=ACME',
        'organization=acme%00',
        'organization=%61cme%zz',
        'organization=*',
        'organization[]=acme',
        'organization[$ne]=x',
        'organization=acme,other',
        'Organization=acme',
        'organisation=acme',
        'org=acme',
        'action=',
        'action=Write',
        'action=delete',
        'action=read,write',
        'action=write%0a',
        'project=',
        'project=/',
        'project=ml/',
        'project=/vision',
        'project=ml/vision/',
        'project=ml/vision%0d%0aX:y',
        'project=ml/%20',
        'project=ml/..',
        'project=ML/vision',
        'project=ml%252Fvision',
        'project=ml/vision#',
        'audience=',
        '__proto__=x',
        'constructor=x',
        'toString=',
        '=acme',
        '=',
        'access_token=x',
        'x=1',
      ]
      for (const pair of bad)
        for (const query of [`?${pair}`, `?${good}&${pair}`, `?${pair}&${good}`])
          expect(await status(query), query).to.equal(403)
      for (const pair of good.split('&')) expect(await status(`?${good}&${pair}`), `${pair} twice`).to.equal(403)
    })

    it('is read to its end: nothing cuts off what stands last', async () => {
      for (const cut of ['#', 'project=ml/vision#', '&'.repeat(1_000), '&'.repeat(9_000), '?', '%00', '%23'])
        expect(await status(`?${cut}&organization=other`), cut.slice(0, 20)).to.equal(403)
    })

    it('demands by headers are not for here: whoever relies on them must not find a door open', async () => {
      for (const [name, value] of [
        ['Organization', 'acme'],
        ['Organization', 'other'],
        ['Nonsense', ''],
      ] as const)
        for (const query of ['', '?organization=acme', '?organization=acme&action=read']) {
          const headers = [[`X-Countersign-Demand-${name}`, value]] as const
          expect((await at(path + query, reader, { headers })).status, query).to.equal(403)
        }
    })

    it('no other way to write the path is this one', async () => {
      for (const target of [`${path}%2f`, `${path};x`, `${path}.json`, `${path}%00`, `${path}x`, '/access/v1/VERIFY'])
        expect((await at(`${target}?organization=acme`, token)).status, target).to.equal(404)
    })

    it('a token for a resource server passes where its audience is demanded, with the organization that it is of', async () => {
      const tracker = await resourceServer(world, 'tracker')
      const stranger = await resourceServer(other, 'tracker')
      expect(stranger.audience).to.equal(tracker.audience)
      const audience = encodeURIComponent(tracker.audience)
      const meant = await world.granted(world.token(), { resource: tracker.audience })
      const foreign = await other.granted(other.token(), { resource: stranger.audience })
      for (const [query, expected, secret] of [
        [`?organization=acme&audience=${audience}`, 204, meant],
        [`?organization=acme&audience=${audience}`, 204, token],
        [`?organization=acme&audience=${audience}`, 204, world.apiKey],
        [`?organization=acme&audience=${audience}`, 403, foreign],
        [`?organization=other&audience=${audience}`, 403, meant],
        [`?organization=other&audience=${audience}`, 204, foreign],
        // Two organizations may have one audience: alone it says nothing.
        [`?audience=${audience}`, 403, meant],
        [`?audience=${audience}`, 403, token],
        ['?organization=acme', 401, meant],
        [`?organization=acme&audience=${audience}%2F`, 401, meant],
        [`?organization=acme&audience=${audience.toUpperCase()}`, 401, meant],
        [`?organization=acme&audience=${encodeURIComponent(service.publicUrl)}`, 401, meant],
      ] as const)
        expect(await status(query, secret), query).to.equal(expected)
      for (const secret of [tracker.secret, service.operatorKey])
        expect(await status(`?organization=acme&audience=${audience}`, secret)).to.equal(401)
    })
  })

  describe('by headers, below its path', () => {
    const demand = (name: string, value: string) => [`X-Countersign-Demand-${name}`, value] as const
    const pin = demand('Organization', 'acme')
    const statusOf = async (headers: Ask['headers'], secret = token, more: Ask = {}, target = `${path}/runs`) =>
      (await at(target, secret, { ...more, headers: headers ?? [] })).status

    it('yes is 200 with every header, empty where there is nothing to say: Envoy leaves what it is not given', async () => {
      const yes = await at(`${path}/runs`, person, { headers: [pin] })
      expect(yes).to.include({ status: 200, text: '' })
      expect(yes.headers).to.include({ 'cache-control': 'no-store', 'content-length': '0' })
      expect(told(yes)).to.include({ principal: 'user', organization: 'acme', team: '', project: '' })
      const judged = await at(`${path}/runs`, token, { headers: [pin, demand('Project', 'vision')] })
      expect(told(judged)).to.include({ team: 'ml', project: 'ml/vision' })
    })

    it('any method and any path is the caller’s, and no query counts', async () => {
      const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']
      for (const method of methods) {
        expect(await statusOf([pin], token, { method }), method).to.equal(200)
        expect(await statusOf([pin], other.apiKey, { method }), method).to.equal(403)
      }
      for (const below of [
        '/',
        '//',
        '/?',
        '/?organization=other',
        '/?organization=acme&action=read',
        '/?x=1&x=2&=',
        '/#',
        '/%zz',
        '/%',
        '/%00',
        '/%2e%2e/',
        '/../../../api/v1/me',
        '/..%2f..%2foauth%2fjwks',
        '/a//b/;c=d/*',
        '/verify',
        '/%c3%a9',
        `/${'x'.repeat(4_000)}`,
      ]) {
        const target = path + below
        expect(await statusOf([pin], token, {}, target), target).to.equal(200)
        expect(await statusOf([pin], other.apiKey, {}, target), target).to.equal(403)
        expect(await statusOf([demand('Action', 'write')], reader, {}, target), target).to.equal(403)
        expect(await statusOf([pin], 'nothing', {}, target), target).to.equal(401)
      }
    })

    it('a body is nobody’s business', async () => {
      const body = Buffer.alloc(100_000, '{')
      expect(await statusOf([pin, ['Content-Type', 'application/json']], token, { method: 'POST', body })).to.equal(200)
    })

    it('each demand narrows, and all hold', async () => {
      const write = demand('Action', 'write')
      // A slash too many in an address leads here, past what its query demands.
      for (const headers of [
        [],
        [write],
        [demand('Project', 'ml/vision')],
        [demand('Audience', 'https://tracker.example')],
      ])
        for (const target of [`${path}/`, `${path}/?organization=acme`, `${path}/x`])
          expect(await statusOf(headers, token, {}, target), target).to.equal(403)
      expect(await statusOf([pin, demand('Action', 'read')], reader)).to.equal(200)
      expect(await statusOf([pin, write], reader)).to.equal(403)
      expect(await statusOf([pin, demand('Project', 'ops/plaza')])).to.equal(200)
      expect(await statusOf([pin, demand('Project', 'ops/plaza'), write])).to.equal(403)
      expect(await statusOf([demand('Audience', 'https://tracker.example')])).to.equal(403)
    })

    it('what cannot be read, is given twice or is misspelt is no yes', async () => {
      for (const headers of [
        [pin, pin],
        [pin, demand('organization', 'acme')],
        [pin, demand('Organization', 'other')],
        [demand('Organization', '')],
        [demand('Organization', 'acme, acme')],
        [demand('Organisation', 'acme')],
        [demand('', 'acme')],
        [pin, demand('Team', 'ml')],
        [pin, demand('Action', '')],
        [pin, demand('Action', 'Write')],
        [pin, demand('Action', 'read'), demand('Action', 'read')],
        [pin, demand('Project', 'ml/vision'), demand('Project', 'ml/vision')],
        [pin, demand('Project', 'ML/vision')],
      ])
        expect(await statusOf(headers), JSON.stringify(headers)).to.equal(403)
    })

    it('who shows nothing is told so', async () => {
      for (const headers of [[], [pin], [demand('Nonsense', '')]]) {
        const { status, headers: answered } = await at(`${path}/runs`, undefined, { method: 'POST', headers })
        expect(status).to.equal(401)
        expect(answered['www-authenticate']).to.equal('Bearer realm="countersign"')
      }
    })

    it('so also below a path of the public URL', async () => {
      const below = await startService({ env: { PUBLIC_URL: 'http://127.0.0.1/sts' } })
      try {
        const mine = await createWorld(below, provider)
        for (const prefix of ['', '/sts'])
          for (const [target, organization, expected] of [
            [`${path}/`, 'acme', 200],
            [`${path}/?organization=acme`, 'other', 403],
            [`${path}?organization=acme`, undefined, 204],
            [`${path}?organization=other`, undefined, 403],
            [`${path}/?organization=acme`, undefined, 403],
          ] as const) {
            const bearer = ['Authorization', `Bearer ${mine.apiKey}`] as const
            const headers = organization === undefined ? [bearer] : [bearer, demand('Organization', organization)]
            expect((await ask(below.url, prefix + target, { headers })).status, prefix + target).to.equal(expected)
          }
      } finally {
        await below.close()
      }
    })
  })

  describe('as docs/how-to/protect-an-api.md shows', () => {
    const [traefik, envoy] = documented('docs/how-to/protect-an-api.md', 'yaml').map((text) =>
      parse(text, { merge: true }),
    )
    const ours = ({ headers }: { headers: object }) =>
      Object.keys(headers).filter((name) => name.startsWith('x-countersign-'))

    it('Traefik demands what can be read, and takes every header from its client', async () => {
      const everything = ours(
        await at(`${path}/`, token, { headers: [['X-Countersign-Demand-Organization', 'acme']] }),
      ).sort()
      const middlewares = Object.entries<{ forwardAuth: { address: string; authResponseHeaders: string[] } }>(
        traefik.http.middlewares,
      )
      expect(middlewares.map(([name]) => name)).to.deep.equal(['countersign-read', 'countersign-write'])
      for (const [name, { forwardAuth }] of middlewares) {
        const target = forwardAuth.address.replace('http://countersign.internal:8080', '')
        expect((await at(target, token)).status, name).to.equal(204)
        expect((await at(target, reader)).status, name).to.equal(name.endsWith('read') ? 204 : 403)
        expect((await at(target, other.apiKey)).status, name).to.equal(403)
        expect(forwardAuth.authResponseHeaders.map((header) => header.toLowerCase()).sort()).to.deep.equal(everything)
      }
    })

    it('Envoy demands what can be read', async () => {
      const { http_service, failure_mode_allow } = envoy.http_filters[1].typed_config
      expect(failure_mode_allow).to.equal(false)
      const headers = (http_service.authorization_request.headers_to_add as { key: string; value: string }[]).map(
        ({ key, value }) => [key, value] as const,
      )
      const target = `${http_service.path_prefix}/?organization=other`
      for (const [secret, expected] of [
        [token, 200],
        [reader, 403],
        [other.apiKey, 403],
      ] as const)
        expect((await at(target, secret, { headers })).status).to.equal(expected)
      const [{ prefix }] = http_service.authorization_response.allowed_upstream_headers.patterns
      expect(ours(await at(target, token, { headers })).filter((name) => !name.startsWith(prefix))).to.deep.equal([])
    })
  })
})
