/** What every answer says to a browser, whatever the route, the method and the outcome; and that no cookie is known but that of a session. */
import { expect } from 'chai'
import { catalogue, type Reason } from '../../src/server/errors/catalogue.ts'
import { Refusal } from '../../src/server/errors/refusal.ts'
import { boundRoutes } from '../support/bound.ts'
import { type Doors, openDoors } from '../support/doors.ts'
import { freePort } from '../support/free-port.ts'
import { ask, type Said } from '../support/plain-http.ts'
import { portOf, speak } from '../support/raw-http.ts'
import { type Service, startService } from '../support/server.ts'

/** What others than the caller may keep, and for how long: nothing in it is anybody's. */
const kept: readonly [path: RegExp, control: string][] = [
  [/^\/oauth\/jwks$/, 'public, max-age=300'],
  [/^\/\.well-known\//, 'public, max-age=300'],
  [/^\/orgs\/x\/\.well-known\/countersign$/, 'public, max-age=300'],
  [/^\/orgs\/x\/v2\.0\/\.well-known\/openid-configuration$/, 'public, max-age=300'],
  [/^\/api\/v1\/(?:openapi|schemas\/organization)\.json$/, 'public, max-age=60'],
  [/^\/docs\/(swagger-ui|favicon)/, 'public, max-age=3600'],
]
const page =
  "default-src 'self';img-src 'self' data:;object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'none'"
const closed = "default-src 'none'; frame-ancestors 'none'"

/** Posted to by programs, many times a second: they are spared what only a browser heeds that shows a page. */
const programs = /^\/(oauth\/token|oidc\/token|v1\/token|oauth\/introspect|access\/v1\/evaluations?)$/
const forPrograms = ['x-content-type-options', 'content-security-policy', 'cache-control', 'strict-transport-security']

/** All that is wrong with the head of an answer. */
function objections(
  path: string,
  { status, headers }: Pick<Said, 'status' | 'headers'>,
  { isHttps = false, method = 'GET' } = {},
): string[] {
  const isPage = /^\/(docs|setup|login)\b/.test(path) && !/json/.test(headers['content-type'] ?? '')
  const isHtml = /html/.test(headers['content-type'] ?? '')
  const caching = status < 300 && /^(GET|HEAD)$/.test(method) ? kept.find(([one]) => one.test(path))?.[1] : undefined
  const wanted: Record<string, string | undefined> = {
    'x-content-type-options': 'nosniff',
    'content-security-policy': isPage ? page : closed,
    'x-frame-options': 'DENY',
    // What a browser says of a form of ours has to tell it from a form of another site.
    'referrer-policy': /^\/login\/(device|approve)$/.test(path) && isHtml ? 'same-origin' : 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': caching ?? 'no-store',
    'strict-transport-security': isHttps ? 'max-age=31536000' : undefined,
  }
  const needed = method === 'POST' && programs.test(path) ? forPrograms : Object.keys(wanted)
  const wrong = Object.entries(wanted).filter(([name, value]) => needed.includes(name) && headers[name] !== value)
  const told = Object.keys(headers).filter((name) =>
    /^(access-control-.*|set-cookie|server|x-powered-by|via)$/.test(name),
  )
  return [...wrong.map(([name]) => `${name}: ${headers[name]}`), ...told]
}

const routes = boundRoutes(['/api/v1']).map((route) => route.split(' ') as [method: string, path: string])
const pathOf = (path: string) => path.replace(/\{\w+\}/g, 'x')
const paths = [...new Set(routes.map(([, path]) => pathOf(path)))]

describe('headers of every answer', () => {
  for (const publicUrl of ['', 'https://id.example/base'])
    describe(publicUrl === '' ? 'over http' : `at ${publicUrl}`, () => {
      const isHttps = publicUrl !== ''
      let service: Service
      let metrics: string
      before(async () => {
        const port = await freePort()
        metrics = `http://127.0.0.1:${port}`
        const env = { METRICS_PORT: String(port), LIMIT_FAILED_PER_MINUTE: '0', PUBLIC_URL: publicUrl }
        service = await startService({ env })
      })
      after(() => service?.close())

      async function wellSaid(path: string, how: Parameters<typeof ask>[2] = {}, base = ''): Promise<Said> {
        const said = await ask(service.url, base + path, how)
        const pathname = path.split('?')[0] as string
        expect(
          objections(pathname, said, { isHttps, method: how.method ?? 'GET' }),
          `${how.method ?? 'GET'} ${base}${path} ${said.status}`,
        ).to.deep.equal([])
        expect(said.headers['x-request-id'], path).to.be.a('string')
        return said
      }
      const json = ['Content-Type', 'application/json'] as const
      const operator = () => ['Authorization', `Bearer ${service.operatorKey}`] as const

      it('of every route, for the operator and for nobody', async () => {
        const statuses = new Set<number>()
        for (const base of isHttps ? ['', '/base'] : [''])
          for (const [method, path] of routes)
            for (const headers of [[json], [json, operator()]]) {
              const body = method === 'GET' ? {} : { body: '{}' }
              statuses.add((await wellSaid(pathOf(path), { method, headers, ...body }, base)).status)
            }
        expect([...statuses].sort()).to.include.members([200, 400, 401, 403, 404, 422])
      })

      it('of every path, with a method that it has not, and with HEAD', async () => {
        for (const path of paths) {
          for (const method of ['HEAD', 'OPTIONS', 'TRACE', 'PROPFIND']) await wellSaid(path, { method })
          const origin = ['Origin', 'https://evil.example'] as const
          const preflight = ['Access-Control-Request-Method', 'POST'] as const
          await wellSaid(path, { method: 'OPTIONS', headers: [origin, preflight] })
        }
      })

      it('of what is nowhere, and of what cannot be read', async () => {
        for (const path of [
          '/x',
          '/oauth/x',
          '/api/v1/x',
          '/api/v2',
          '/docs/x',
          '/setup',
          '/.well-known/x',
          '/%ff',
          '/docs/%2e%2e/x',
        ])
          await wellSaid(path)
        await wellSaid('/docs/swagger-ui-bundle.js')
        await wellSaid('/docs/swagger-ui.css')
        await wellSaid('/docs/swagger-ui.css', { headers: [['Range', 'bytes=0-9']] }).then(({ status }) =>
          expect(status).to.equal(206),
        )
        await wellSaid('/api/v1/orgs', { method: 'POST', headers: [json, operator()], body: '{' })
        await wellSaid('/api/v1/orgs', { method: 'POST', headers: [operator()], body: 'x' })
        await wellSaid('/livez', {
          headers: [
            ['Authorization', 'a'],
            ['Authorization', 'b'],
          ],
        })
      })

      it('of the metrics', async () => {
        for (const [path, method] of [
          ['/metrics', 'GET'],
          ['/metrics', 'POST'],
          ['/x', 'GET'],
        ] as const) {
          const said = await ask(metrics, path, { method })
          expect(objections(path, said), path).to.deep.equal([])
        }
      })

      it('of what Node cannot read', async () => {
        for (const port of [portOf(service.url), portOf(metrics)])
          for (const bytes of [
            'x\r\n\r\n',
            `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
            'GET / HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n',
            'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
            'GET / HTTP/1.1\r\n\r\n',
          ]) {
            const [answer] = (await speak(port, bytes)).answers
            // Nothing is known there of PUBLIC_URL.
            const { 'strict-transport-security': _, ...headers } = answer?.headers ?? {}
            expect(objections('/', { status: answer?.status ?? 0, headers }), bytes.slice(0, 50)).to.deep.equal([])
          }
      })
    })

  describe('by reason', () => {
    let doors: Doors
    let reason: Reason
    before(async () => {
      const fail = async () => {
        throw new Refusal(reason)
      }
      doors = await openDoors({}, 'http://id.example', { exchange: fail, identify: fail })
    })
    after(() => doors?.close())

    it('of every refusal that there is, 400 to 503', async () => {
      const statuses = new Set<number>()
      for (reason of Object.keys(catalogue) as Reason[])
        for (const path of [
          '/oauth/token',
          '/oauth/introspect',
          '/oauth/userinfo',
          '/access/v1/evaluation',
          '/api/v1/me',
        ]) {
          const isGet = path === '/api/v1/me'
          const headers = [
            ['Content-Type', path.startsWith('/oauth') ? 'application/x-www-form-urlencoded' : 'application/json'],
          ] as const
          const said = await ask(
            `http://127.0.0.1:${doors.port}`,
            path,
            isGet ? {} : { method: 'POST', headers, body: '' },
          )
          statuses.add(said.status)
          expect(objections(path, said, { method: isGet ? 'GET' : 'POST' }), `${path} ${reason}`).to.deep.equal([])
        }
      for (const status of [400, 401, 403, 404, 405, 408, 409, 412, 413, 414, 415, 417, 422, 429, 431, 500, 503])
        expect([...statuses]).to.include(status)
    })

    it('of a bug of ours', async () => {
      reason = undefined as never
      const said = await ask(`http://127.0.0.1:${doors.port}`, '/api/v1/me')
      expect(said.status).to.equal(500)
      expect(objections('/api/v1/me', said)).to.deep.equal([])
    })
  })
})

describe('credentials', () => {
  let service: Service
  before(async () => {
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
  })
  after(() => service?.close())
  const json = ['Content-Type', 'application/json'] as const
  const unique = (text: string) => text.replaceAll(/req_\w+/g, '')

  it('in a cookie, the query, the body or another header are none, on every route', async () => {
    const key = service.operatorKey
    const query = new URLSearchParams({
      access_token: key,
      api_key: key,
      key,
      token: key,
      authorization: `Bearer ${key}`,
    })
    const names = ['Cookie', 'X-Api-Key', 'X-Authorization', 'Proxy-Authorization', 'X-Forwarded-Authorization']
    const given = names.map(
      (name) =>
        [
          name,
          name === 'Cookie' ? `session=${key}; __Host-session=${key}; Authorization=Bearer ${key}` : `Bearer ${key}`,
        ] as const,
    )
    for (const [method, path] of routes.filter(([, path]) => path.startsWith('/api/v1/') && !path.endsWith('.json'))) {
      const body = method === 'GET' ? {} : { body: JSON.stringify({ client_secret: key, access_token: key }) }
      const said = await ask(service.url, `${pathOf(path)}?${query}`, { method, headers: [json, ...given], ...body })
      // Proven by its signature, whoever sends it.
      const reason = path.endsWith('/secret-scanning') ? 'report_unproven' : 'unauthenticated'
      expect([said.status, JSON.parse(said.text).reason], `${method} ${path}`).to.deep.equal([401, reason])
    }
  })

  it('a cookie changes no answer, on no route', async () => {
    for (const [method, path] of routes.filter(([method]) => method === 'GET')) {
      const answers = []
      for (const headers of [[], [['Cookie', `session=${service.operatorKey}; a=b`] as const]]) {
        const { status, text } = await ask(service.url, pathOf(path), { method, headers })
        answers.push([status, unique(text)])
      }
      expect(answers[0], path).to.deep.equal(answers[1])
    }
  })

  it('what a proxy would say of a client is believed of nobody: not its address, scheme, host or path', async () => {
    const lies = [
      ['X-Forwarded-For', '203.0.113.7'],
      ['X-Real-IP', '203.0.113.7'],
      ['Forwarded', 'for=203.0.113.7;proto=https;host=evil.example'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'evil.example'],
      ['X-Forwarded-Prefix', '/evil'],
      ['X-Original-URL', '/api/v1/me'],
      ['X-Rewrite-URL', '/api/v1/me'],
      ['X-HTTP-Method-Override', 'DELETE'],
    ] as const
    const operator = ['Authorization', `Bearer ${service.operatorKey}`] as const
    const body = JSON.stringify({ name: 'lies' })
    const made = await ask(service.url, '/api/v1/orgs', { method: 'POST', headers: [json, operator, ...lies], body })
    expect([made.status, made.headers.location]).to.deep.equal([201, `${service.url}/api/v1/orgs/lies`])
    const trail = await ask(service.url, '/api/v1/orgs/lies/audit-events', { headers: [operator] })
    const clients = JSON.parse(trail.text).items.map(({ client }: { client: { ip: string } }) => client.ip)
    expect([...new Set(clients)]).to.deep.equal(['127.0.0.1'])
    const metadata = await ask(service.url, '/.well-known/oauth-authorization-server', { headers: lies })
    expect(metadata.text).to.not.contain('evil')
  })
})
