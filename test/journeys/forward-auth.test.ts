/** Forward auth behind a real nginx, with the configuration that docs/how-to/protect-an-api.md shows. */
import { expect } from 'chai'
import { documented, replaced } from '../support/documented.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Nginx, startNginx } from '../support/nginx.ts'
import { type Api, ask, type Said, startApi } from '../support/plain-http.ts'
import { installing } from '../support/program.ts'
import { resourceServer } from '../support/resource-server.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

const given = ['subject', 'principal', 'organization', 'team', 'scope', 'project'] as const

describe('journey: forward auth behind nginx', () => {
  let provider: Provider
  let service: Service
  let world: World
  let other: World
  let api: Api
  let nginx: Nginx
  let token: string
  let brief: string
  let made = 0

  before(async function () {
    this.timeout(installing)
    provider = await startProvider()
    service = await startService({ env: { TRUST_PROXY: '127.0.0.1' } })
    world = await createWorld(service, provider)
    other = await createWorld(service, provider, { org: 'other' })
    token = await world.granted(world.token())
    brief = await world.granted(world.token(), { requested_token_ttl: '1' })
    api = await startApi()
    const [config] = documented('docs/how-to/protect-an-api.md', 'nginx')
    nginx = await startNginx((address) =>
      replaced(config as string, {
        'listen 80;': `listen ${address};`,
        'countersign.internal:8080': new URL(service.url).host,
        'api.internal:3000': new URL(api.url).host,
      }),
    )
    await world.make('/teams', { name: 'ops' })
    for (const visibility of ['team', 'restricted', 'open', 'public'])
      for (const team of ['ml', 'ops'])
        await world.make(`/teams/${team}/projects`, { name: `a-${visibility}`, visibility })
  })
  after(async () => {
    await nginx?.close()
    await api?.close()
    await service?.close()
    await provider?.close()
  })

  const bearer = (secret: string) => ['Authorization', `Bearer ${secret}`] as const
  const basic = (pair: string) => ['Authorization', `Basic ${Buffer.from(pair).toString('base64')}`] as const
  type Ask = NonNullable<Parameters<typeof ask>[2]>
  /** Through nginx, with this credential and whatever else. */
  const through = (path: string, secret?: string, { headers = [], ...more }: Ask = {}) =>
    ask(nginx.url, path, { ...more, headers: [...(secret === undefined ? [] : [bearer(secret)]), ...headers] })
  /** The API's answer, and what it saw; it must have been reached exactly once. */
  async function passes(path: string, secret?: string, more: Ask = {}) {
    const before = api.seen.length
    const said = await through(path, secret, more)
    expect({ status: said.status, text: said.text, reached: api.seen.length - before }).to.deep.equal({
      status: 200,
      text: more.method === 'HEAD' ? '' : 'served',
      reached: 1,
    })
    const [seen] = api.seen.slice(-1)
    if (!seen) throw new Error('the API saw nothing')
    return seen
  }
  /** The answer; the API must not have been reached. */
  async function stopped(path: string, secret?: string, more: Ask = {}): Promise<Said> {
    const before = api.seen.length
    const said = await through(path, secret, more)
    expect(api.seen.length, `${said.status}: the API was reached`).to.equal(before)
    return said
  }
  const statusOf = async (path: string, secret?: string, more: Ask = {}) => (await through(path, secret, more)).status
  const told = (seen: { headers: Record<string, unknown> }) =>
    Object.fromEntries(given.map((name) => [name, seen.headers[`x-countersign-${name}`]]))
  async function user(more: Record<string, unknown> = {}) {
    const username = `user-${++made}`
    const { id } = await world.make('/users', { username, email: `${username}@acme.example`, ...more })
    const { secret } = await world.make(`/users/${username}/keys`, {})
    return { id, username, key: String(secret) }
  }
  async function builtIn(more: Record<string, unknown> = {}) {
    const { id, name, api_key } = await world.make(world.accounts, {
      name: `robot-${++made}`,
      method: 'api_key',
      ...more,
    })
    return { id, at: `${world.accounts}/${name}`, key: String(api_key) }
  }
  const tokenOf = async (key: string) => String((await must(world.withKey(key))).access_token)

  describe('who passes', () => {
    it('an access token; the API is told who it is, and not shown the credential', async () => {
      const seen = await passes('/models?page=2', token)
      expect(told(seen)).to.deep.equal({
        subject: world.account.id,
        principal: 'service_account',
        organization: 'acme',
        team: 'ml',
        scope: 'projects:read projects:write',
        project: undefined,
      })
      expect(seen).to.include({ method: 'GET', path: '/models?page=2' })
      expect(seen.headers).to.not.have.property('authorization')
    })

    it('an API key, as bearer or as password of Basic, percent-encoded or not', async () => {
      for (const header of [
        bearer(world.apiKey),
        ['authorization', `bearer  ${world.apiKey}`] as const,
        basic(`api:${world.apiKey}`),
        basic(`:${world.apiKey}`),
        basic(`api:${world.apiKey.replace('_', '%5F')}`),
        basic(`api:${token}`),
      ])
        expect((await passes('/', undefined, { headers: [header] })).headers['x-countersign-team']).to.equal('ml')
    })

    it('a user, by key and by token', async () => {
      const ann = await user()
      for (const credential of [ann.key, await tokenOf(ann.key)])
        expect(told(await passes('/', credential))).to.deep.equal({
          subject: ann.id,
          principal: 'user',
          organization: 'acme',
          team: undefined,
          scope: 'projects:read projects:write',
          project: undefined,
        })
    })

    it('an account of the organization, of its default team', async () => {
      const { api_key } = await world.make('/service-accounts', { name: 'wide', default_team: 'ops' })
      expect((await passes('/', String(api_key))).headers['x-countersign-team']).to.equal('ops')
    })

    it('nobody at all, where the location says so', async () => {
      expect(told(await passes('/healthz'))).to.deep.equal(told({ headers: {} }))
    })
  })

  describe('what a client says for itself', () => {
    const forged = given.map((name) => [`X-Countersign-${name}`, 'forged'] as const)

    it('is overruled, also where there is nothing to say', async () => {
      const ann = await user()
      for (const headers of [
        forged,
        [...forged, ...forged],
        forged.map(([name]) => [name.toLowerCase(), 'x'] as const),
      ])
        expect(told(await passes('/', ann.key, { headers }))).to.deep.equal({
          subject: ann.id,
          principal: 'user',
          organization: 'acme',
          team: undefined,
          scope: 'projects:read projects:write',
          project: undefined,
        })
      expect(told(await passes('/healthz', undefined, { headers: forged }))).to.deep.equal(told({ headers: {} }))
    })

    it('in another spelling does not arrive', async () => {
      const headers = ['X_Countersign_Team', 'X.Countersign.Team', 'X-Countersign_Team'].map(
        (name) => [name, 'ops'] as const,
      )
      const { names } = await passes('/', (await user()).key, { headers })
      expect(names.filter((name) => /team/i.test(name))).to.deep.equal([])
    })

    it('cannot be taken away by naming it hop-by-hop', async () => {
      const headers = [['Connection', 'close, X-Countersign-Subject, X-Countersign-Team']] as const
      expect(told(await passes('/', token, { headers }))).to.include({ subject: world.account.id, team: 'ml' })
    })

    it('demands nothing: neither its query nor its headers reach what is asked', async () => {
      const reader = await world.granted(world.token(), { scope: 'projects:read' })
      const wider = 'organization=other&action=read&project=ops/a-open'
      for (const path of [`/?${wider}`, `/x?x&${wider}`, `/%3f${wider}`, `/x%26${wider}`])
        expect(told(await passes(path, token))).to.include({ organization: 'acme', project: undefined })
      // Of such headers there is no need here; who sends one gets nowhere.
      for (const [name, value] of [
        ['Organization', 'acme'],
        ['Action', 'read'],
        ['Nothing', ''],
      ] as const)
        expect((await stopped('/', token, { headers: [[`X-Countersign-Demand-${name}`, value]] })).status).to.equal(403)
      const headers = [
        ['X-Original-URI', '/'],
        ['X-Original-Method', 'GET'],
        ['X-Forwarded-Method', 'GET'],
        ['X-HTTP-Method-Override', 'GET'],
      ] as const
      await passes('/', token, { headers })
      expect((await stopped('/', other.apiKey, { headers })).status).to.equal(403)
      expect((await stopped(`/?${wider}`, reader, { method: 'POST', headers })).status).to.equal(403)
    })

    it('opens no door of nginx’s own', async () => {
      for (const path of [
        '/countersign/verify',
        '/countersign/',
        '/countersign/verify-project',
        '/countersign%2fverify',
      ])
        expect((await stopped(path, token)).status, path).to.equal(404)
    })
  })

  describe('who does not', () => {
    const stays = async (credential: string) => {
      const { status, headers } = await stopped('/', credential)
      expect(status).to.equal(401)
      expect(headers['www-authenticate']).to.equal('Bearer realm="countersign", error="invalid_token"')
    }

    it('who shows nothing: 401, and how to do better', async () => {
      for (const headers of [
        [],
        [['Authorization', '']],
        [['Authorization', 'Bearer']],
        [['Authorization', 'Bearer  ']],
        [['Authorization', `Bearer ${token} ${token}`]],
        [['Authorization', `Token ${token}`]],
        [['Authorization', token]],
        [basic('api')],
        [basic('api:')],
        [['Cookie', `Authorization=Bearer ${token}`]],
        [['X-Authorization', `Bearer ${token}`]],
      ] as Ask['headers'][]) {
        const { status, headers: answered } = await stopped('/', undefined, { headers: headers ?? [] })
        expect(status, JSON.stringify(headers)).to.equal(401)
        expect(answered['www-authenticate']).to.equal('Bearer realm="countersign"')
      }
      expect((await stopped(`/?access_token=${token}`)).status).to.equal(401)
    })

    it('whose credential is nobody’s', async () => {
      const { secret } = await resourceServer(world, 'tracker')
      for (const credential of [
        'nothing',
        `csk_${'a'.repeat(49)}`,
        `${token.slice(0, -4)}AAAA`,
        token.slice(0, -1),
        world.token(),
        secret,
        service.operatorKey,
        'a.b.c',
        'x'.repeat(7_000),
      ])
        await stays(credential)
    })

    it('a token that has expired', async () => {
      // It has a second from its beginning; by now that is over, or nearly.
      let status = 200
      while (status === 200) status = await statusOf('/', brief)
      await stays(brief)
    })

    it('whose token was revoked, or account disabled, or key rotated away: from the next request on', async () => {
      const revoked = await world.granted(world.token())
      await passes('/', revoked)
      await call(service, 'POST', '/oauth/revoke', { form: { token: revoked } })
      await stays(revoked)

      const robot = await builtIn()
      const ofRobot = await tokenOf(robot.key)
      for (const credential of [robot.key, ofRobot]) await passes('/', credential)
      await must(world.api('PATCH', robot.at, { enabled: false }))
      for (const credential of [robot.key, ofRobot]) await stays(credential)
      await must(world.api('PATCH', robot.at, { enabled: true }))
      await passes('/', robot.key)
      await stays(ofRobot)

      const rotated = await must(world.api('POST', `${robot.at}/keys/first/rotate`))
      await stays(robot.key)
      await passes('/', String(rotated.secret))
      await must(world.api('DELETE', robot.at))
      await stays(String(rotated.secret))

      const ann = await user()
      const ofAnn = await tokenOf(ann.key)
      await passes('/', ofAnn)
      await must(world.api('DELETE', `/users/${ann.username}`))
      for (const credential of [ann.key, ofAnn]) await stays(credential)
    })

    it('of another organization: 403', async () => {
      for (const credential of [other.apiKey, other.adminKey, await other.granted(other.token())])
        expect((await stopped('/', credential)).status).to.equal(403)
    })

    it('a token that is meant for another API', async () => {
      const another = await resourceServer(world, 'another')
      await stays(await world.granted(world.token(), { resource: another.audience }))
    })

    it('who may only read, and wants to write', async () => {
      const reader = await builtIn({ access: 'read' })
      const viewer = await user({ role: 'viewer' })
      const was = await builtIn()
      const widest = await tokenOf(was.key)
      await passes('/', widest, { method: 'POST' })
      await must(world.api('PATCH', was.at, { access: 'read' }))
      for (const credential of [
        await world.granted(world.token(), { scope: 'projects:read' }),
        reader.key,
        await tokenOf(reader.key),
        viewer.key,
        widest,
      ]) {
        for (const method of ['GET', 'HEAD']) await passes('/', credential, { method })
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])
          expect((await stopped('/', credential, { method })).status, method).to.equal(403)
      }
    })
  })

  describe('a project in the path', () => {
    const cell = async (path: string, credential: string) => [
      await statusOf(path, credential),
      await statusOf(path, credential, { method: 'PUT' }),
    ]

    it('is demanded: own team, other team, by visibility', async () => {
      const reach = {
        'ml/a-team': [200, 200],
        'ml/a-open': [200, 200],
        'ml/a-public': [200, 200],
        'ml/a-restricted': [403, 403],
        'ml/not-yet': [200, 200],
        'ops/a-team': [403, 403],
        'ops/a-open': [200, 200],
        'ops/a-public': [200, 403],
        'ops/a-restricted': [403, 403],
        'ops/not-yet': [403, 403],
        'nowhere/x': [403, 403],
      }
      for (const [project, expected] of Object.entries(reach))
        for (const credential of [token, world.apiKey])
          expect(await cell(`/projects/${project}/runs`, credential), project).to.deep.equal(expected)
      expect((await passes('/projects/ops/a-open/runs?x=1', token)).headers['x-countersign-project']).to.equal(
        'ops/a-open',
      )
    })

    it('a user reaches what their teams give', async () => {
      const ann = await user()
      expect(await cell('/projects/ml/a-team', ann.key)).to.deep.equal([403, 403])
      await must(world.api('PUT', `/teams/ml/members/${ann.username}`, { role: 'viewer' }))
      expect(await cell('/projects/ml/a-team', ann.key)).to.deep.equal([200, 403])
      await must(world.api('PUT', `/teams/ml/members/${ann.username}`, { role: 'member' }))
      expect(await cell('/projects/ml/a-team', ann.key)).to.deep.equal([200, 200])
    })

    it('a restricted one admits who was added, as long as they are', async () => {
      const at = `/teams/ml/projects/a-restricted/members/${world.account.id}`
      const path = '/projects/ml/a-restricted/runs'
      await must(world.api('PUT', at, { role: 'viewer' }))
      expect(await cell(path, token)).to.deep.equal([200, 403])
      await must(world.api('PUT', at, { role: 'editor' }))
      expect(await cell(path, token)).to.deep.equal([200, 200])
      await must(world.api('DELETE', at))
      expect(await cell(path, token)).to.deep.equal([403, 403])
    })

    it('moved from open to restricted, it is shut from the next request on', async () => {
      await world.make('/teams/ops/projects', { name: 'moving', visibility: 'open' })
      expect(await cell('/projects/ops/moving/', token)).to.deep.equal([200, 200])
      await must(world.api('PATCH', '/teams/ops/projects/moving', { visibility: 'restricted' }))
      expect(await cell('/projects/ops/moving/', token)).to.deep.equal([403, 403])
      await must(world.api('DELETE', '/teams/ops/projects/moving'))
      expect(await cell('/projects/ops/moving/', token)).to.deep.equal([403, 403])
    })

    it('is the one that the API is asked for, however the path is written', async () => {
      const asked: [path: string, seen: string, project: string][] = [
        ['/projects/ops/a-team/..%2f..%2fml/a-team/x', '/projects/ml/a-team/x', 'ml/a-team'],
        ['/projects/ops/a-team/../../ml/a-team/x', '/projects/ml/a-team/x', 'ml/a-team'],
        ['//projects///ml/a-team', '/projects/ml/a-team', 'ml/a-team'],
        ['/%70rojects/%6dl/a-team/%3fx', '/projects/ml/a-team/%3Fx', 'ml/a-team'],
        [
          '/projects/ml/a-team/%0d%0aX-Countersign-Team:%20ops',
          '/projects/ml/a-team/%0D%0AX-Countersign-Team:%20ops',
          'ml/a-team',
        ],
        ['/Projects/ml/a-team', '/Projects/ml/a-team', 'ml/a-team'],
        ['/projects/ml/a-team/%23?a=%23&b=%0d%0a', '/projects/ml/a-team/%23?a=%23&b=%0d%0a', 'ml/a-team'],
        ['/projects/ml/a-team?project=ops/a-open', '/projects/ml/a-team?project=ops/a-open', 'ml/a-team'],
      ]
      for (const [path, expected, project] of asked) {
        const seen = await passes(path, token)
        expect(seen.path).to.equal(expected)
        expect(told(seen), path).to.include({ project, team: 'ml' })
      }
    })

    it('that cannot be one is not left to weaker demands', async () => {
      for (const path of [
        '/projects',
        '/projects/',
        '/projects/ml',
        '/projects/ml/',
        '/projects/ml/%0d%0a/x',
        '/projects/ml/a%20team/x',
        '/projects/ml/a-open%26project=ml%2fa-team/x',
        '/projects/ml/a-team%3fx/y',
        '/projects/ml/a-team%23/y',
        '/projects/ml/a-restricted%00/y',
        '/projects/ml/..',
        '/projects;x/ops/a-team',
        '/PROJECTS',
        '/PROJECTS/ops/a-team',
        '/Projects/ML/A-Restricted',
        '/projects/OPS/a-open',
        '/x/../projects/ops/a-team',
        `/projects/ml/${'x'.repeat(65)}`,
      ])
        expect((await stopped(path, token)).status, path).to.be.oneOf([400, 403, 404])
    })
  })

  describe('what passes through', () => {
    it('a big body, of which Countersign sees nothing', async () => {
      const body = Buffer.alloc(900_000, 'x')
      expect(await passes('/upload', token, { method: 'POST', body })).to.include({ method: 'POST', bytes: 900_000 })
      expect((await stopped('/upload', 'nothing', { method: 'POST', body })).status).to.equal(401)
      const chunked = [['Transfer-Encoding', 'chunked']] as const
      expect(await passes('/upload', token, { method: 'PUT', headers: chunked })).to.include({
        method: 'PUT',
        bytes: 0,
      })
    })

    it('headers that would change an answer change none of Countersign’s', async () => {
      for (const header of [
        ['If-None-Match', '*'],
        ['If-Modified-Since', new Date().toUTCString()],
        ['Range', 'bytes=0-0'],
        ['Expect', '100-continue'],
        ['Upgrade', 'websocket'],
        ['Accept', 'text/html'],
        ['X-Request-Id', 'mine'],
        ['TE', 'trailers'],
      ] as const) {
        await passes('/', token, { headers: [header] })
        expect((await stopped('/', 'nothing', { headers: [header] })).status, header[0]).to.equal(401)
      }
    })

    it('the client’s address, into the audit trail', async () => {
      const robot = await builtIn()
      await passes('/', robot.key, { headers: [['X-Forwarded-For', '203.0.113.9']] })
      const { items } = await must(world.api('GET', `/audit-events?type=api_key.use&actor=${robot.id}`))
      expect(items).to.have.nested.property('[0].client.ip', '127.0.0.1')
    })

    it('a key’s use is in the trail, when it was refused too', async () => {
      const robot = await builtIn({ access: 'read' })
      expect((await stopped('/', robot.key, { method: 'POST' })).status).to.equal(403)
      const { items } = await must(world.api('GET', `/audit-events?type=api_key.use&actor=${robot.id}`))
      expect(items).to.have.length(1)
    })
  })

  // The last, since Countersign does not come back.
  describe('with Countersign away', () => {
    it('nobody passes, and who needs nobody does', async () => {
      await service.stop()
      for (const path of ['/', '/projects/ml/a-team/x'])
        for (const credential of [token, world.apiKey, undefined])
          expect((await stopped(path, credential)).status).to.equal(500)
      await passes('/healthz')
    })
  })
})
