/** The middleware, in Express 5 and in a bare node:http server, with the real service behind it. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { createVerifier, type Seen, type Verifier, type VerifyError } from '../../src/verify/index.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type ResourceServer, resourceServer } from '../support/resource-server.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

type Answer = { status: number; headers: Headers; body: Record<string, unknown> }

describe('verify/require-access', () => {
  let provider: Provider
  let service: Service
  let world: World
  let other: World
  let server: ResourceServer
  let verifier: Verifier
  let token: string
  const open: Server[] = []
  const reported: VerifyError[] = []

  async function listening(listener: RequestListener): Promise<string> {
    const http = createServer(listener)
    open.push(http)
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  }
  async function ask(url: string, credential?: string, headers: Record<string, string> = {}): Promise<Answer> {
    const authorization = credential === undefined ? {} : { authorization: `Bearer ${credential}` }
    const response = await fetch(url, { headers: { ...authorization, ...headers } })
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] }
  }
  /** An API with a route for each rule. */
  async function api({ requireAccess }: Verifier): Promise<string> {
    const app = express()
    const seen: express.RequestHandler = (req, res) => void res.json({ caller: req.caller, access: req.access })
    app.get('/read', requireAccess({ action: 'read' }), seen)
    app.get('/write', requireAccess({ action: 'write' }), seen)
    app.use((error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
      res.status(500).json({ bug: error.message })
    })
    return listening(app)
  }
  async function projects({ requireAccess }: Verifier): Promise<string> {
    const app = express()
    const seen: express.RequestHandler = (req, res) => void res.json({ caller: req.caller, access: req.access })
    const attribution = ({ headers }: express.Request) => ({ username: String(headers['x-username'] ?? '') })
    const project = (req: express.Request) => req.params.project as string
    const named = ({ query }: express.Request) => query.project as string
    const broken = () => {
      throw new Error('broken')
    }
    app.get('/fixed', requireAccess({ action: 'read', project: 'ml/fixed' }), seen)
    app.get('/of/:project', requireAccess<express.Request>({ action: 'write', project, attribution }), seen)
    app.get('/named', requireAccess<express.Request>({ action: 'read', project: named }), seen)
    app.get('/broken', requireAccess({ action: 'read', project: broken }), seen)
    app.get('/unknown', requireAccess({ action: 'delete' as 'read', project: 'x' }), seen)
    app.use((error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
      res.status(500).json({ bug: error.message })
    })
    return listening(app)
  }

  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    other = await createWorld(service, provider, { org: 'other' })
    server = await resourceServer(world, 'tracker')
    // Another organization has a resource server of the same audience.
    await resourceServer(other, 'tracker')
    const { audience, secret: key } = server
    verifier = createVerifier({
      url: service.publicUrl,
      organization: 'acme',
      audience,
      key,
      report: (error) => reported.push(error),
    })
    token = await world.granted(world.token(), { resource: audience })
  })
  after(async () => {
    for (const http of open) http.close().closeAllConnections()
    await service?.close()
    await provider?.close()
  })

  it('lets in whom Countersign lets in, and says who it is', async () => {
    const url = await api(verifier)
    for (const credential of [token, await world.granted(world.token())]) {
      const { status, body } = await ask(`${url}/write`, credential)
      expect(status).to.equal(200)
      expect(body.caller).to.include({
        id: world.account.id,
        name: 'trainer',
        team: 'ml',
        organization: 'acme',
        method: 'federated',
      })
    }
    const key = await ask(`${url}/write`, world.apiKey)
    expect(key.body.caller).to.include({ name: 'robot', method: 'api_key' })
    const basic = `Basic ${Buffer.from(`api:${world.apiKey}`).toString('base64')}`
    expect((await ask(`${url}/write`, undefined, { authorization: basic })).status).to.equal(200)
    const person = await ask(`${url}/read`, world.adminKey)
    expect(person.body.caller).to.include({ type: 'user', name: 'acme-root' })
  })

  it('refuses anybody else, as RFC 6750 and RFC 9457 say', async () => {
    const url = await api(verifier)
    const narrow = await world.granted(world.token(), { scope: 'projects:read' })
    expect((await ask(`${url}/read`, narrow)).status).to.equal(200)
    const cases: [string | undefined, number, string, string | null][] = [
      [undefined, 401, 'credential_missing', `Bearer realm="${server.audience}"`],
      ['noise', 401, 'token_malformed', `Bearer realm="${server.audience}", error="invalid_token"`],
      [world.token(), 401, 'type_wrong', `Bearer realm="${server.audience}", error="invalid_token"`],
      [`csk_${'a'.repeat(49)}`, 401, 'token_malformed', `Bearer realm="${server.audience}", error="invalid_token"`],
      [other.apiKey, 401, 'inactive', `Bearer realm="${server.audience}", error="invalid_token"`],
      [server.secret, 401, 'inactive', `Bearer realm="${server.audience}", error="invalid_token"`],
      [
        await other.granted(other.token()),
        401,
        'organization_wrong',
        `Bearer realm="${server.audience}", error="invalid_token"`,
      ],
      [
        await other.granted(other.token(), { resource: server.audience }),
        401,
        'organization_wrong',
        `Bearer realm="${server.audience}", error="invalid_token"`,
      ],
      [
        narrow,
        403,
        'scope_missing',
        `Bearer realm="${server.audience}", error="insufficient_scope", scope="projects:write"`,
      ],
    ]
    for (const [credential, status, code, challenge] of cases) {
      const answer = await ask(`${url}/write`, credential)
      expect(answer.status, code).to.equal(status)
      expect(answer.body, code).to.include({ reason: code, status })
      expect(answer.headers.get('content-type')).to.equal('application/problem+json')
      expect(answer.headers.get('www-authenticate'), code).to.equal(challenge)
      expect(answer.headers.get('cache-control')).to.equal('no-store')
      if (credential !== undefined) expect(JSON.stringify(answer.body)).to.not.contain(credential.slice(-20))
    }
  })

  it('offline the same, but for keys and revocation', async () => {
    const offline = createVerifier({ url: service.publicUrl, organization: 'acme', audience: server.audience })
    const url = await api(offline)
    const brief = await world.granted(world.token())
    expect((await ask(`${url}/write`, brief)).status).to.equal(200)
    expect((await ask(`${url}/write`, world.apiKey)).body.reason).to.equal('api_key_needs_connection')
    expect(
      (await ask(`${url}/write`, await other.granted(other.token(), { resource: server.audience }))).body.reason,
    ).to.equal('organization_wrong')
    await call(service, 'POST', '/oauth/revoke', { form: { token: brief } })
    expect((await ask(`${url}/write`, brief)).status, 'until it expires').to.equal(200)
    const exact = createVerifier({ url: service.publicUrl, organization: 'acme', key: server.secret, cacheSeconds: 0 })
    expect((await ask(`${await api(exact)}/write`, brief)).body.reason).to.equal('inactive')
  })

  it('asks about the project, and tells what came of it', async () => {
    const url = await projects(verifier)
    const { body } = await ask(`${url}/of/vision`, token, { 'x-username': 'acme-root' })
    expect(body.access).to.deep.equal({
      allowed: true,
      project: 'ml/vision',
      reason: 'team_account',
      attributionIgnored: 'not_a_team_member',
    })
    expect(body.caller).to.include({ name: 'trainer' })
    expect((await ask(`${url}/fixed`, world.apiKey)).body.caller).to.include({ name: 'robot', method: 'api_key' })
    await world.make('/teams/ml/projects', { name: 'closed', visibility: 'restricted' })
    const refused = await ask(`${url}/of/closed`, token)
    expect(refused.status).to.equal(403)
    expect(refused.body).to.include({ reason: 'access_denied', access_reason: 'not_a_project_member' })
    expect(refused.body.detail).to.contain('ml/closed')
    await world.api('PUT', `/teams/ml/projects/closed/members/${world.account.id}`, { role: 'editor' })
    expect((await ask(`${url}/of/closed`, token)).status, 'the next request').to.equal(200)
    const narrow = await world.granted(world.token(), { scope: 'projects:read' })
    const scope = await ask(`${url}/of/vision`, narrow)
    expect(scope.body).to.include({ reason: 'scope_missing', access_reason: 'scope_insufficient' })
    expect(scope.headers.get('www-authenticate')).to.contain('insufficient_scope')
  })

  it('a revoked token, or a disabled account, is out at the next request', async () => {
    const url = await projects(verifier)
    const bot = await world.make(world.accounts, { name: 'brief', method: 'api_key' })
    const ofBot = String((await world.withKey(String(bot.api_key))).body.access_token)
    expect((await ask(`${url}/of/vision`, ofBot)).status).to.equal(200)
    await world.api('PATCH', `${world.accounts}/brief`, { enabled: false })
    const { status, body } = await ask(`${url}/of/vision`, ofBot)
    expect([status, body.reason]).to.deep.equal([401, 'inactive'])
  })

  it('a request that names no project, or a rule that fails, is never a yes', async () => {
    const url = await projects(verifier)
    expect((await ask(`${url}/named?project=ml/x`, token)).status).to.equal(200)
    for (const query of ['', '?project=', '?project=a&project=b', '?project[x]=1']) {
      const { status, body } = await ask(`${url}/named${query}`, token)
      expect([status, body.reason, body.detail], query).to.deep.equal([
        403,
        'access_denied',
        'the request names no project',
      ])
    }
    for (const noise of ['/', 'ml/', '../x', 'a/b/c', 'ML/X', '%00'])
      expect((await ask(`${url}/named?project=${noise}`, token)).status, noise).to.equal(403)
    expect((await ask(`${url}/broken`, token)).body).to.deep.equal({ bug: 'broken' })
    expect((await ask(`${url}/unknown`, token)).body.bug).to.contain('delete')
  })

  it('serves node:http as well', async () => {
    const guard = verifier.requireAccess({ action: 'read', project: 'vision' })
    const url = await listening((req, res) => {
      guard(req, res, () => res.end(JSON.stringify((req as Seen).access)))
    })
    expect((await ask(url, token)).body).to.include({ project: 'ml/vision' })
    expect((await ask(url)).status).to.equal(401)
  })

  it('leaves an answer alone that is under way', async () => {
    const guard = verifier.requireAccess({ action: 'read' })
    const url = await listening((req, res) => {
      res.writeHead(200).write('{"begun":true')
      guard(req, res, (error) => res.end(`,"next":${error !== undefined}}`))
    })
    expect((await ask(url)).body).to.deep.equal({ begun: true, next: true })
  })

  it('does nothing more once somebody else has answered', async () => {
    let went = 0
    for (const credential of [token, 'noise']) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const guard = verifier.requireAccess({ action: 'read', project: 'vision' })
      const url = await listening((req, res) => {
        guard(req, res, () => {
          went++
        }).then(resolve)
        res.writeHead(503).end('{"late":true}')
      })
      expect((await ask(url, credential)).body).to.deep.equal({ late: true })
      await promise
    }
    expect(went).to.equal(0)
  })

  it('always answers, whatever the audience is written in and whatever becomes of the report', async () => {
    const { requireAccess } = createVerifier({
      url: 'http://127.0.0.1:9',
      organization: 'acme',
      audience: 'https://例え.example/"x"',
      key: server.secret,
      report: () => {
        throw new Error('the disk of the log is full')
      },
    })
    const guard = requireAccess({ action: 'read' })
    const url = await listening((req, res) => void guard(req, res, () => res.end('{}')))
    const unknown = await ask(url)
    expect(unknown.status).to.equal(401)
    expect(unknown.headers.get('www-authenticate')).to.equal('Bearer realm="https://.example/x"')
    expect((await ask(url, world.apiKey)).status).to.equal(503)
  })

  it('what cannot be asked is a no to whoever wrote it', async () => {
    const attribution = () => ({ username: '\ud800' })
    const project = () => 'ml/\ud800'
    const named = verifier.requireAccess({ action: 'read', project })
    const credited = verifier.requireAccess({ action: 'read', project: 'vision', attribution })
    for (const [guard, status] of [
      [named, 403],
      [credited, 200],
    ] as const) {
      const url = await listening(
        (req, res) => void guard(req, res, () => res.end(JSON.stringify((req as Seen).access))),
      )
      const answer = await ask(url, token)
      expect(answer.status).to.equal(status)
      if (status === 200) expect(answer.body.attributionIgnored).to.equal('user_unknown')
    }
  })

  it('answers 503 while Countersign cannot be asked, or does not know us, and reports it', async () => {
    const away = createVerifier({
      url: 'http://127.0.0.1:9',
      organization: 'acme',
      key: server.secret,
      report: (error) => reported.push(error),
    })
    const unknown = await resourceServer(world, 'gone')
    await world.api('DELETE', `/resource-servers/${unknown.id}`)
    const forgotten = createVerifier({
      url: service.publicUrl,
      organization: 'acme',
      key: unknown.secret,
      report: (error) => reported.push(error),
    })
    reported.length = 0
    for (const [of, code] of [
      [away, 'unavailable'],
      [forgotten, 'key_refused'],
    ] as const) {
      const { status, headers, body } = await ask(`${await api(of)}/read`, world.apiKey)
      expect([status, body.reason]).to.deep.equal([503, code])
      expect(headers.get('retry-after')).to.equal('5')
      expect(reported.at(-1)?.code).to.equal(code)
      expect(JSON.stringify(body)).to.not.contain('resource server')
    }
    expect(reported).to.have.length(2)
  })
})
