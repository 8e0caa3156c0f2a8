/** Who may administer what (domain.md's table), asked of every operation that is described, as every kind of caller. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { isAllowed, type Need, operationsOf, type Row, rights, statusOf } from '../support/rights.ts'
import { call, type Service, startService } from '../support/server.ts'
import { type Credential, createTenant, type Form, type Tenant } from '../support/tenant.ts'
import { must } from '../support/world.ts'

describe('journey: who may administer what', function () {
  this.timeout(120_000)
  let provider: Provider
  let service: Service
  let acme: Tenant
  let operations: [method: string, path: string][]

  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    acme = await createTenant(service, provider, 'acme')
    operations = operationsOf((await call(service, 'GET', '/api/v1/openapi.json')).body)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })
  const as = (role: Credential['role'], method: string, below: string, json?: unknown) =>
    acme.at(method, below, acme.secretOf(role), json)

  /** What is needed at a place that a path can lead to; undefined where the path leads to no other than the usual one. */
  const places: [place: string, form: Form, needed: (row: Row, path: string) => Need | undefined][] = [
    ['the usual place', {}, ({ need }) => need],
    ['a project of the team', { project: 'of the team' }, ({ needOnTeamProject }) => needOnTeamProject],
    ['an account of the team', { account: 'of the team' }, ({ needOnTeamAccount }) => needOnTeamAccount],
  ]
  /** What nobody does by accident: whoever may is told that it is wrong, and whoever may not that they may not. */
  const wrong = (method: string): Parameters<typeof call>[3] =>
    method === 'DELETE' ? { headers: { 'if-match': '"of another version"' } } : { json: { nonsense: true } }
  const toldWrong: Record<string, number> = { POST: 422, PATCH: 422, PUT: 422, DELETE: 412 }

  /** All deeds on record: what is refused adds none. */
  const deeds = async () => {
    const headers = { accept: 'application/x-ndjson' }
    const { body } = await call(service, 'GET', `${acme.path}/audit-events`, { secret: acme.adminKey, headers })
    return String(body.text)
      .split('\n')
      .filter((line) => !line.includes('"type":"api_key.use"'))
  }

  it('asks every operation as every kind of caller: they do what the table says, and nothing else', async () => {
    const operator: Credential = { role: 'operator', by: 'key', secret: service.operatorKey }
    const held = [operator, ...acme.credentials]
    for (const { secret } of held) await call(service, 'GET', '/api/v1/me', { secret })
    const before = await deeds()
    let walked = 0
    for (const { role, by, secret } of held)
      for (const [place, form, needed] of places)
        await Promise.all(
          operations.map(async ([method, path]) => {
            const row = rights[`${method} ${path}`]
            if (!row) throw new Error(`${method} ${path} has no row in the table of rights: who may ask it?`)
            const need = needed(row, path)
            if (need === undefined) return
            const what = `${method} ${path}, ${place}, as ${role} by ${by}`
            const may = isAllowed(role, method, row, need)
            const { query = '', ...asked } = row.asked(acme)
            // With what would be done: that it is wrong is not why it is refused.
            const harmless = method === 'GET' || !path.startsWith('/api/v1/') || !may
            const answer = await call(service, method, acme.fill(path, form) + query, {
              secret,
              ...(harmless ? asked : wrong(method)),
            })
            const expected = !may ? row.no : harmless ? statusOf(method, row) : toldWrong[method]
            expect(answer.status, `${what}: ${JSON.stringify(answer.body)}`).to.equal(expected)
            walked++
          }),
        )
    expect(walked).to.be.greaterThan(4000)
    expect(await deeds()).to.deep.equal(before)
  })

  it('finds nothing of another team below one’s own, nor of another account', async () => {
    const own = acme.objects.other
    const ownAccount = 'acme-admin-account-of-another-team'
    const before = await deeds()
    let walked = 0
    for (const [method, path] of operations.filter(([, path]) => path.includes('{team}/'))) {
      const below = path.replace('{team}', own.name)
      const theirs = /\{(account|project|name)\}/.test(below) ? [below] : []
      const ofTheirs = /\{(key|policy)\}/.test(below) ? [below.replace('{account}', ownAccount)] : []
      for (const template of [...theirs, ...ofTheirs]) {
        // As what the path is of: a team’s account, not the organization’s.
        const at = acme.fill(template, { account: 'of the team' })
        const asked = rights[`${method} ${path}`]?.asked(acme) ?? {}
        for (const role of ['admin of another team', 'admin'] as const) {
          const { status } = await call(service, method, at, { secret: acme.secretOf(role), ...asked })
          expect(status, `${method} ${at} as ${role}`).to.equal(404)
          walked++
        }
      }
    }
    expect(walked).to.be.greaterThan(50)
    expect(await deeds()).to.deep.equal(before)
  })

  it('lets a team’s admin do what is theirs', async () => {
    const made = await as('team admin', 'POST', acme.accounts, {
      name: 'theirs',
      method: 'federated',
      trust: { issuer: 'ci', subject: 'job' },
    })
    expect(made.status).to.equal(201)
    const member = '/teams/ml/members/acme-project-viewer'
    expect((await as('team admin', 'PUT', member, { role: 'viewer' })).status).to.equal(200)
    await must(as('admin', 'DELETE', member))
  })

  it('lets only an admin of the organization make an account that administers', async () => {
    const body = { name: 'root', method: 'api_key', admin: true }
    for (const role of ['team admin', 'team admin account'] as const)
      expect((await as(role, 'POST', acme.accounts, body)).status, role).to.equal(403)
    expect((await as('admin account', 'POST', acme.accounts, body)).status).to.equal(201)
  })

  it('shows a team’s admin the events of their team alone', async () => {
    const events = async (role: Credential['role']) =>
      (await must(as(role, 'GET', '/audit-events?limit=200'))).items as { team?: string }[]
    for (const [role, team] of [
      ['team admin', 'ml'],
      ['team admin account', 'ml'],
      ['admin account of another team', 'acme-other'],
    ] as const)
      expect(new Set((await events(role)).map((event) => event.team)), role).to.deep.equal(new Set([team]))
    expect((await events('admin')).some(({ team }) => team === undefined)).to.equal(true)
  })

  it('tells whoever only reads, by role, by access or by scope, that this is why they change nothing', async () => {
    const wide = {
      grant_type: 'client_credentials',
      client_secret: acme.adminKey,
      scope: 'projects:read projects:write',
    }
    const change = (secret: string, name: string) => acme.at('POST', acme.accounts, secret, { name, method: 'api_key' })
    for (const role of ['team admin who is a viewer', 'read-only admin account', 'admin, for reading alone'] as const) {
      const by = role === 'admin, for reading alone' ? 'token' : 'key'
      const { status, body } = await change(acme.secretOf(role, by), 'by-a-reader')
      expect(status, role).to.equal(403)
      expect(body.detail).to.contain('for reading alone')
    }
    const token = String((await must(acme.post(wide))).access_token)
    expect((await change(token, 'by-a-writer')).status).to.equal(201)
  })

  it('shows a team’s admin what a holder revoked in their team, and nothing of accounts that are the organization’s', async () => {
    const team = await acme.make(acme.accounts, { name: 'team-bot', method: 'api_key' })
    const wide = await acme.make('/service-accounts', { name: 'wide-bot', default_team: 'ml' })
    for (const { api_key } of [team, wide]) {
      const key = String(api_key)
      const { access_token } = await must(acme.withKey(key))
      for (const token of [String(access_token), key]) await acme.post({ token }, '/oauth/revoke')
    }
    const seen = async (actor: string) =>
      ((await must(as('team admin', 'GET', `/audit-events?actor=${actor}`))).items as { type: string }[])
        .map(({ type }) => type)
        .sort()
    expect(await seen('team-bot')).to.deep.equal(['api_key.delete', 'api_key.use', 'token.exchange', 'token.revoke'])
    expect(await seen('wide-bot')).to.deep.equal([])
  })

  it('gives an access token the rights of its account, as they are now', async () => {
    const accounts = () => acme.at('GET', acme.accounts, acme.secretOf('team admin account', 'token'))
    expect((await accounts()).status).to.equal(200)
    await must(as('admin', 'PATCH', `${acme.accounts}/acme-team-admin-account`, { enabled: false }))
    expect((await accounts()).status).to.equal(401)
  })
})
