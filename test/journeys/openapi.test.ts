/** openapi.json is true: what it describes is there, what is there is described, and every answer looks as it says. */
import { expect } from 'chai'
import { boundRoutes } from '../support/bound.ts'
import { describedBy } from '../support/described.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Partner, startPartner } from '../support/partner.ts'
import { type Answer, call, type Service, startService } from '../support/server.ts'
import { askFor, createWorld, subjectGrants, type World } from '../support/world.ts'

/** For people's eyes, for the console alone, or the description itself. */
const pages = [
  'GET /assets/{name}',
  'GET /docs',
  'GET /docs/start.js',
  'GET /setup/style.css',
  'GET /setup/{secret}',
  'POST /setup/{secret}',
  'GET /login/device',
  'GET /login/style.css',
  'POST /login/approve',
  'GET /session',
  'GET /session/sso',
  'GET /session/sso/callback',
  'POST /session',
  'DELETE /session',
  'PUT /session/organization',
  'GET /sessions',
  'DELETE /sessions',
  'DELETE /sessions/{id}',
  'GET /api/v1/openapi.json',
  'GET /api/v1/schemas/organization.json',
]
const otherTokenPaths = ['/oidc/token', '/v1/token']
const wrongKey = `csk_${'a'.repeat(49)}`
const limit = 30

type Ask = Parameters<typeof call>[3] & { expect?: number }

describe('journey: openapi.json', () => {
  let provider: Provider
  let partner: Partner
  let service: Service
  let world: World
  let document: Answer['body']
  let description: ReturnType<typeof describedBy>
  /** Operations that have succeeded, and statuses that were refused with, by operation. */
  const succeeded = new Set<string>()
  const refused = new Set<string>()

  before(async () => {
    provider = await startProvider()
    partner = await startPartner()
    const env = { LIMIT_FAILED_PER_MINUTE: String(limit), SECRET_SCANNING_KEYS_URL: partner.url }
    service = await startService({ env })
    world = await createWorld(service, provider)
    document = (await call(service, 'GET', '/api/v1/openapi.json')).body
    description = describedBy(document)
  })
  after(async () => {
    await service?.close()
    await partner?.close()
    await provider?.close()
  })

  /** A call whose answer must be one that is described. */
  async function ask(method: string, path: string, { expect: status, ...how }: Ask = {}): Promise<Answer['body']> {
    const answer = await call(service, method, path, how)
    const body = how.form ?? how.json
    const given = how.form ? 'application/x-www-form-urlencoded' : 'application/json'
    const type = how.headers?.['content-type'] ?? given
    const what = `${method} ${path} ${answer.status}`
    const asked = { method, path, answer, ...(body === undefined ? {} : { body, type }) }
    expect(description.surprises(asked), what).to.deep.equal([])
    if (status !== undefined) expect(answer.status, what).to.equal(status)
    else expect(answer.status, `${what} ${JSON.stringify(answer.body)}`).to.be.lessThan(300)
    const id = description.operationOf(method, path)?.at as string
    if (answer.status < 300) succeeded.add(id)
    else refused.add(`${id} ${answer.status}`)
    return answer.body
  }
  const admin = (method: string, below: string, json?: unknown, how: Ask = {}) =>
    ask(method, world.path + below, { secret: world.adminKey, ...(json === undefined ? {} : { json }), ...how })
  const operator = (method: string, below: string, json?: unknown) =>
    ask(method, `/api/v1${below}`, { secret: service.operatorKey, ...(json === undefined ? {} : { json }) })

  it('describes every route that is bound', () => {
    const described = description.operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    const others = otherTokenPaths.map((path) => `POST ${path}`)
    const bound = boundRoutes(['/api/v1'])
    expect(bound).to.include.members([...pages, ...others])
    expect(described.sort()).to.deep.equal(bound.filter((route) => ![...pages, ...others].includes(route)).sort())
    const about = description.textAt('#/paths/~1oauth~1token/post/description')
    for (const path of otherTokenPaths) expect(about).to.contain(path)
  })

  it('describes nothing that is not there', async () => {
    for (const { method, path } of description.operations) {
      const { status } = await call(service, method.toUpperCase(), path.replace(/\{\w+\}/g, 'x'))
      expect(status, `${method} ${path}`).to.be.oneOf([200, 400, 401])
    }
  })

  it('the token endpoint', async () => {
    for (const grant of subjectGrants) await ask('POST', '/oauth/token', { form: askFor(grant, world.token()) })
    await ask('POST', '/oauth/token', { json: { grant_type: 'client_credentials', client_secret: world.apiKey } })
    for (const grant of subjectGrants)
      await ask('POST', '/oauth/token', { form: askFor(grant, world.token({ exp: 1 })), expect: 400 })
    await ask('POST', '/oauth/token', {
      form: askFor('jwtBearer', world.token(), { scope: 'projects:write', resource: 'x' }),
      expect: 400,
    })
    await ask('POST', '/oauth/token', {
      form: { grant_type: 'client_credentials', client_secret: wrongKey },
      expect: 401,
    })
    await ask('POST', '/oauth/token', { form: { a: 'x'.repeat(70_000) }, expect: 413 })
    await ask('POST', '/oauth/token', { json: {}, headers: { 'content-type': 'text/plain' }, expect: 415 })
  })

  it('a token whose issuer cannot be reached: 503', async () => {
    const nobody = { name: 'down', issuer: 'https://down.example', jwks_uri: 'http://127.0.0.1:9/jwks' }
    await admin('POST', '/issuers', nobody)
    const token = world.token({ iss: nobody.issuer })
    await ask('POST', '/oauth/token', { form: askFor('jwtBearer', token), expect: 503 })
    await admin(
      'POST',
      '/issuers?verify=require',
      { ...nobody, name: 'down-2', issuer: 'https://down2.example' },
      { expect: 422 },
    )
  })

  it('introspection, revocation, and who the bearer is', async () => {
    const federated = await world.granted(world.token())
    const robot = String((await world.withKey(world.apiKey)).body.access_token)
    const person = String((await world.withKey(world.adminKey)).body.access_token)
    const secret = world.adminKey
    const tokens = [federated, robot, person, world.apiKey, world.adminKey, 'nothing']
    for (const token of tokens) await ask('POST', '/oauth/introspect', { form: { token }, secret })
    await ask('POST', '/oauth/introspect', { json: { token: robot, client_secret: secret, token_type_hint: 'x' } })
    await ask('POST', '/oauth/introspect', { form: {}, secret, expect: 400 })
    await ask('POST', '/oauth/introspect', { form: { token: robot }, expect: 401 })
    await ask('POST', '/oauth/introspect', { form: { token: robot }, secret: robot, expect: 403 })
    for (const bearer of [federated, person]) await ask('GET', '/oauth/userinfo', { secret: bearer })
    await ask('POST', '/oauth/userinfo', { secret: robot })
    await ask('GET', '/oauth/userinfo', { expect: 401 })
    await ask('GET', '/oauth/userinfo', { secret: service.operatorKey, expect: 403 })
    for (const token of [robot, 'nothing']) await ask('POST', '/oauth/revoke', { form: { token } })
    await ask('POST', '/oauth/revoke', { json: {}, expect: 400 })
    await ask('POST', '/oauth/revoke', { json: {}, headers: { 'content-type': 'text/plain' }, expect: 415 })
  })

  it('what the service says of itself', async () => {
    for (const path of ['/oauth/jwks', '/livez', '/readyz']) await ask('GET', path)
    for (const name of ['oauth-authorization-server', 'openid-configuration']) await ask('GET', `/.well-known/${name}`)
    for (const org of ['acme', 'nobody']) await ask('GET', `/orgs/${org}/.well-known/countersign`)
    for (const org of ['acme', 'nobody']) await ask('GET', `/orgs/${org}/v2.0/.well-known/openid-configuration`)
    for (const path of ['.well-known/countersign', 'v2.0/.well-known/openid-configuration'])
      await ask('GET', `/orgs/%FF/${path}`, { expect: 400 })
  })

  it('a report of leaked secrets', async () => {
    const json = [{ token: 'ghp_1', type: 'countersign_api_key', url: 'https://github.com/a/b', source: 'content' }]
    const path = '/api/v1/secret-scanning'
    const headers = {
      'github-public-key-identifier': 'current',
      'github-public-key-signature': partner.sign(JSON.stringify(json)),
    }
    await ask('POST', path, { json, headers })
    await ask('POST', path, { json, expect: 401 })
  })

  it('the installation, and organizations', async () => {
    const org = await operator('POST', '/orgs', { name: 'other' })
    await operator('GET', '/orgs')
    await operator('GET', `/orgs/${org.id}`)
    await operator('PATCH', '/orgs/other', { display_name: 'Another' })
    await operator('DELETE', '/orgs/other')
    await operator('GET', '/me')
    await operator('GET', '/signing-keys')
    await operator('POST', '/signing-keys/rotate', {})
    await operator('GET', '/audit-events')
    await operator('GET', '/installation')
    await operator('PATCH', '/installation', { restored: null })
    await operator('POST', '/installation/revoke', { before: '2026-01-01T00:00:00Z' })
    const never = { secret: service.operatorKey, json: { before: '9999-01-01T00:00:00Z' }, expect: 422 }
    await ask('POST', '/api/v1/installation/revoke', never)
    for (const secret of [world.adminKey, world.apiKey]) await ask('GET', '/api/v1/me', { secret })
  })

  it('users, teams and their members', async () => {
    const json = { username: 'bob', email: 'bob@acme.example' }
    await objects('/users', json, { role: 'viewer' })
    await admin('POST', '/users', json)
    await admin('POST', '/users/bob/revoke', {})
    await keysOf('/users/bob')
    await objects('/teams', { name: 'core' }, { display_name: 'Core' })
    await admin('PUT', '/teams/ml/members/bob', { role: 'member' })
    for (const below of ['', '/bob']) await admin('GET', `/teams/ml/members${below}`)
    await admin('DELETE', '/teams/ml/members/bob')
  })

  it('projects and their members', async () => {
    const projects = '/teams/ml/projects'
    await objects(projects, { name: 'vision', visibility: 'team' }, { visibility: 'open' })
    await admin('POST', projects, { name: 'secret', visibility: 'restricted' })
    for (const who of [world.builtIn.id, 'acme-root']) {
      await admin('PUT', `${projects}/secret/members/${who}`, { role: 'editor' })
      for (const below of ['', `/${who}`]) await admin('GET', `${projects}/secret/members${below}`)
      await admin('DELETE', `${projects}/secret/members/${who}`)
    }
    await admin('POST', '/teams', { name: 'ops' })
    await admin('POST', '/teams/ops/projects', { name: 'vault', visibility: 'restricted' })
    const foreign = `/teams/ops/projects/vault/members/${world.builtIn.id}`
    await admin('PUT', foreign, { role: 'viewer' }, { expect: 422 })
    await admin('DELETE', `${projects}/secret`)
    await admin('GET', `${projects}?deleted=true`)
    await admin('POST', projects, { name: 'secret', visibility: 'team' }, { expect: 409 })
    await admin('POST', `${projects}/secret/free`)
  })

  it('access evaluation, and forward auth', async () => {
    const { api_key } = await admin('POST', '/resource-servers', { name: 'pep', audience: 'https://pep.example' })
    const secret = String(api_key)
    const question = (id: string, resource = 'ml/vision') => ({
      subject: { type: 'token', id },
      action: { name: 'read' },
      resource: { type: 'project', id: resource },
    })
    const attribution = { username: 'acme-root', email: 'nobody@acme.example' }
    const one = '/access/v1/evaluation'
    await ask('POST', one, { secret, json: question(world.apiKey) })
    await ask('POST', one, { secret, json: { ...question(world.apiKey), context: { attribution } } })
    await ask('POST', one, { secret, json: question('nothing') })
    await ask('POST', one, { secret, json: {}, expect: 400 })
    await ask('POST', one, { json: question('nothing'), expect: 401 })
    await ask('POST', one, { secret: world.adminKey, json: question('nothing'), expect: 403 })
    await ask('POST', one, { secret, json: {}, headers: { 'content-type': 'text/plain' }, expect: 415 })
    const many = '/access/v1/evaluations'
    const evaluations = [{ resource: { type: 'project', id: 'x' } }, { resource: { type: 'project', id: '/' } }, {}]
    await ask('POST', many, { secret, json: { ...question(world.apiKey), evaluations } })
    await ask('POST', many, { secret, json: { evaluations } })
    await ask('POST', many, { secret, json: question(world.apiKey) })
    await ask('POST', many, { secret, json: { evaluations: 'x' }, expect: 400 })
    await ask('GET', '/.well-known/authzen-configuration')
    const demands = '/access/v1/verify?organization=acme'
    for (const bearer of [world.apiKey, world.adminKey]) await ask('GET', demands, { secret: bearer })
    await ask('GET', `${demands}&action=write&project=ml/vision`, { secret: world.apiKey })
    await ask('GET', '/access/v1/verify', { expect: 401 })
    await ask('GET', '/access/v1/verify?organization=other', { secret: world.apiKey, expect: 403 })
  })

  it('lint', async () => {
    await admin('POST', '/lint', { issuer: 'ci', subject: 'job:*', match: 'glob' })
    await admin('POST', '/lint', { issuer: 'https://gitlab.com', subject: '*', match: 'glob' })
    await admin('POST', '/lint', { issuer: 'nobody', subject: '*' }, { expect: 422 })
    const wide = { issuer: 'ci', subject: '*', match: 'glob' }
    await admin('POST', `${world.accounts}/trainer/trust-policies`, wide, { expect: 422 })
  })

  it('presets', async () => {
    const { items } = (await admin('GET', '/presets?service_account=ml/trainer')) as { items: { name: string }[] }
    for (const { name } of items) await admin('GET', `/presets/${name}`)
    await admin('GET', '/presets/nothing', undefined, { expect: 404 })
    await admin('GET', '/presets?service_account=$(id)', undefined, { expect: 400 })
  })

  it('an organization as a file', async () => {
    const { organization, ...exported } = await admin('GET', '/export')
    const document = { organization, ...exported }
    await admin('POST', '/plan', { document, prune: true })
    await admin('POST', '/plan', { document: { organization: 'globex' } })
    await admin('POST', '/apply', { document: { organization } })
    await admin('POST', '/apply', { document: { organization: 'globex' } }, { expect: 422 })
    await admin('POST', '/apply', { document }, { headers: { 'if-match': '"stale"' }, expect: 412 })
    const resource_servers = { filed: { audience: 'https://filed.example' } }
    await admin('POST', '/apply', { document: { organization, resource_servers } })
    await admin('DELETE', '/resource-servers/filed', undefined, { expect: 409 })
    await admin('DELETE', '/resource-servers/filed?force=true')
  })

  it('issuers and resource servers', async () => {
    const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] }
    await objects('/issuers', { name: 'uploaded', issuer: 'https://up.example', jwks }, { enabled: false })
    for (const deed of ['check', 'refresh', 'revoke']) await admin('POST', `/issuers/ci/${deed}`)
    for (const look of ['health', 'dependants']) await admin('GET', `/issuers/ci/${look}`)
    for (const source of [{ issuer: provider.issuer }, { issuer: 'https://up.example', jwks }])
      await admin('POST', '/discover', source)
    await admin('POST', '/discover', { issuer: 'up.example' }, { expect: 422 })
    await objects('/resource-servers', { name: 'api', audience: 'https://api.example' }, { name: 'api-2' })
    await admin('POST', '/resource-servers', { name: 'api', audience: 'https://api.example' })
    await keysOf('/resource-servers/api')
  })

  for (const [scope, accounts, more] of [
    ['a team', '/teams/ml/service-accounts', { method: 'api_key' }],
    ['the organization', '/service-accounts', { default_team: 'ml' }],
  ] as const)
    it(`service accounts of ${scope}`, async () => {
      await objects(accounts, { name: 'bot', ...more }, { description: 'A bot' })
      await admin('POST', accounts, { name: 'bot', ...more })
      await admin('POST', `${accounts}/bot/revoke`)
      await keysOf(`${accounts}/bot`)
      const policies = `${accounts}/${world.account.id}/trust-policies`
      const refused = await world.exchange(world.token({ sub: `nobody-${more.default_team ?? 'team'}` }))
      await admin('POST', `${policies}/suggest`, { request_id: refused.body.request_id, days: 1 })
      await admin('POST', `${policies}/replay`, { issuer: 'ci', subject: 'repo:*', match: 'glob' })
      await admin('POST', `${policies}/${(world.account.trust as { id: string }).id}/replay`, { delete: true })
      await objects(
        policies,
        { name: `of-${more.default_team ?? 'team'}`, issuer: 'ci', subject: 's' },
        { subject: 't' },
      )
    })

  it('a terminal that is let in', async () => {
    await admin('POST', '/users', { username: 'ada', email: 'ada@acme.example' })
    const { secret } = await admin('POST', '/users/ada/keys', {})
    const begun = await ask('POST', '/login/device', { form: { client_name: 'ada@laptop', key_lifetime: '3600' } })
    const collect = (expect?: number) =>
      ask('POST', '/login/device/token', {
        json: { device_code: begun.device_code },
        ...(expect === undefined ? {} : { expect }),
      })
    await collect(400)
    const form = { user_code: String(begun.user_code), decision: 'approve', api_key: String(secret) }
    expect((await call(service, 'POST', '/login/approve', { form })).status).to.equal(200)
    await collect()
    await ask('POST', '/login/device', { json: { key_lifetime: 1 }, expect: 400 })
    await ask('POST', '/login/device', { form: { client_name: 'x'.repeat(70_000) }, expect: 413 })
    await ask('POST', '/login/device/token', { json: {}, headers: { 'content-type': 'text/plain' }, expect: 415 })
  })

  it('the trail, page by page and line by line', async () => {
    await admin('GET', '/audit-events?limit=200')
    await admin('GET', '/audit-events', undefined, { headers: { accept: 'application/x-ndjson' } })
    await admin('GET', '/exchange-stats')
    await admin('GET', '/hygiene')
  })

  it('why a token is refused', async () => {
    const policy = {
      issuer: 'ci',
      service_account: 'ml/trainer',
      subject: 'job:*',
      match: 'glob',
      cel: "claims.a == 'b'",
    }
    await admin('POST', '/explain', { assertion: world.token({ sub: 'nobody' }), policy })
    await admin('POST', '/explain', { assertion: world.token(), scope: 'projects:read' })
    await admin('POST', '/explain', {}, { expect: 422 })
    const fault = { ...policy, cel: 'claims.(' }
    await admin('POST', '/explain', { assertion: world.token(), policy: fault }, { expect: 422 })
    await admin('POST', '/explain', { request_id: 'req_1' }, { expect: 404 })
  })

  /** Everything that can be done to an object: made, listed, read, read again, changed, removed. */
  async function objects(path: string, json: Record<string, unknown>, changes: Record<string, unknown>) {
    const made = await admin('POST', path, json, {
      headers: { 'idempotency-key': `make ${path}`.replaceAll(' ', '-') },
    })
    const one = `${path}/${made.id}`
    await admin('GET', path)
    await admin('GET', one)
    const type = { 'content-type': 'application/merge-patch+json' }
    const first = `"${made.id}.1"`
    await admin('PATCH', one, changes, { headers: { ...type, 'if-match': first } })
    await admin('PATCH', one, changes, { headers: { 'if-match': first }, expect: 412 })
    await admin('DELETE', one, undefined, { headers: { 'if-match': first }, expect: 412 })
    await admin('DELETE', one)
  }
  async function keysOf(owner: string) {
    await objects(`${owner}/keys`, { name: 'spare', expires_at: '2030-01-01T00:00:00Z' }, { name: 'spare-2' })
    const { id } = await admin('POST', `${owner}/keys`, {})
    await admin('POST', `${owner}/keys/${id}/rotate`, { overlap_seconds: 60 })
  }

  it('refusals of the admin API', async () => {
    await admin('GET', '/teams?limit=0', undefined, { expect: 400 })
    await admin('POST', '/teams', [], { expect: 422 })
    await ask('GET', world.path, { expect: 401 })
    await ask('GET', world.path, { secret: wrongKey, expect: 401 })
    await ask('POST', `${world.path}/teams`, { secret: world.apiKey, json: {}, expect: 403 })
    await admin('GET', '/teams/nobody', undefined, { expect: 404 })
    await admin('POST', '/teams', { name: 'ml' }, { expect: 409 })
    await admin('DELETE', '/teams/ml', undefined, { expect: 409 })
    await admin('POST', '/teams', { name: 'x'.repeat(1_100_000) }, { expect: 413 })
    await admin('POST', '/teams', {}, { headers: { 'content-type': 'text/plain' }, expect: 415 })
    await admin('POST', '/teams', { colour: 'red' }, { expect: 422 })
  })

  it('and too many of them: 429', async () => {
    for (let i = 0; i < limit; i++) await call(service, 'GET', '/api/v1/me', { secret: wrongKey })
    await ask('GET', '/api/v1/me', { secret: wrongKey, expect: 429 })
    await ask('POST', '/oauth/introspect', { form: { token: 'x' }, secret: wrongKey, expect: 429 })
    const form = { grant_type: 'client_credentials', client_secret: wrongKey }
    for (let i = 0; i < limit; i++) await call(service, 'POST', '/oauth/token', { form })
    await ask('POST', '/oauth/token', { form, expect: 429 })
  })

  it('has been asked for all that it describes', () => {
    expect(description.operations.map(({ at }) => at).filter((at) => !succeeded.has(at))).to.deep.equal([])
    expect(refused.size).to.be.greaterThan(30)
  })
})
