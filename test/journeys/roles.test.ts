/** Who may administer what (domain.md's table), asked of every route that is described, as every kind of caller. */
import { expect } from 'chai'
import { call, type Service, startService } from '../support/server.ts'

type Operations = Record<string, Record<string, { description?: string }>>

describe('journey: who may administer what', () => {
  let service: Service
  let operations: [method: string, path: string, right: string][]
  const secrets: Record<string, string> = {}
  const as = (who: string, method: string, path: string, json?: unknown) =>
    call(service, method, `/api/v1${path}`, {
      ...(secrets[who] ? { secret: secrets[who] } : {}),
      ...(json === undefined ? {} : { json }),
    })
  const filled = (path: string) =>
    path
      .replace('/api/v1', '')
      .replace('{org}', 'acme')
      .replace('{team}', 'ml')
      .replace('{user}', 'member')
      .replace('{project}', 'secret')
      .replace('{member}', 'member')
      .replace('{name}', 'kept')
      .replace('{account}', 'bot')
      .replace('{issuer}', 'ci')
      .replace('{server}', 'api')
      .replace(/\{(key|policy)\}/, 'nothing')

  before(async () => {
    service = await startService()
    secrets.operator = service.operatorKey
    for (const org of ['acme', 'other']) {
      const made = await as('operator', 'POST', '/orgs', {
        name: org,
        first_admin: { username: 'boss', email: `boss@${org}.example` },
      })
      secrets[`${org} admin`] = String(made.body.api_key)
    }
    const admin = 'acme admin'
    for (const team of ['ml', 'ops']) await as(admin, 'POST', '/orgs/acme/teams', { name: team })
    for (const user of ['teamadmin', 'member', 'opsadmin', 'projectadmin', 'projectviewer']) {
      await as(admin, 'POST', '/orgs/acme/users', { username: user, email: `${user}@acme.example` })
      const key = await as(admin, 'POST', `/orgs/acme/users/${user}/keys`, {})
      secrets[user] = String(key.body.secret)
    }
    await as(admin, 'PUT', '/orgs/acme/teams/ml/members/teamadmin', { role: 'admin' })
    await as(admin, 'PUT', '/orgs/acme/teams/ml/members/member', { role: 'member' })
    await as(admin, 'PUT', '/orgs/acme/teams/ops/members/opsadmin', { role: 'admin' })
    const account = (name: string, more: object) =>
      as(admin, 'POST', '/orgs/acme/teams/ml/service-accounts', { name, method: 'api_key', ...more })
    secrets['service account'] = String((await account('bot', {})).body.api_key)
    secrets['admin service account'] = String((await account('adminbot', { admin: true })).body.api_key)
    await as(admin, 'POST', '/orgs/acme/teams/ml/projects', { name: 'secret', visibility: 'restricted' })
    await as(admin, 'PUT', '/orgs/acme/teams/ml/projects/secret/members/projectadmin', { role: 'admin' })
    await as(admin, 'PUT', '/orgs/acme/teams/ml/projects/secret/members/projectviewer', { role: 'viewer' })
    await as(admin, 'POST', '/orgs/acme/service-accounts', { name: 'bot', default_team: 'ml' })
    await as(admin, 'POST', '/orgs/acme/issuers', {
      name: 'ci',
      issuer: 'https://ci.example',
      jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] },
    })
    const server = await as(admin, 'POST', '/orgs/acme/resource-servers', {
      name: 'api',
      audience: 'https://api.acme.example',
    })
    secrets['resource server'] = String(server.body.api_key)
    const { body } = await call(service, 'GET', '/api/v1/openapi.json')
    operations = Object.entries(body.paths as Operations)
      .filter(([path]) => path.startsWith('/api/v1'))
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, { description }]): [string, string, string] => [
          method.toUpperCase(),
          path,
          /For: (\w+)/.exec(description ?? '')?.[1] ?? '',
        ]),
      )
  })
  after(() => service?.close())

  it('walks many routes', () => {
    expect(operations.length).to.be.greaterThan(60)
  })

  it('answers 401 to nobody, on every route', async () => {
    for (const [method, path] of operations)
      expect((await as('nobody', method, filled(path))).status, `${method} ${path}`).to.equal(401)
  })

  it('answers 404 to another organization’s admin, on every route of this one', async () => {
    for (const [method, path] of operations.filter(([, path]) => path.includes('{org}')))
      expect(
        (await as('other admin', method, filled(path), method === 'GET' ? undefined : {})).status,
        `${method} ${path}`,
      ).to.equal(404)
  })

  const teamAdmins = [
    'anybody',
    'orgMember',
    'teamMember',
    'teamAdmin',
    'anyTeamAdmin',
    'projectMember',
    'projectAdmin',
  ]
  /** Rights that each kind of caller has in the team ml. Everything else is 403, before the body is looked at. */
  const has: Record<string, readonly string[]> = {
    member: ['anybody', 'orgMember', 'teamMember'],
    'service account': ['anybody', 'orgMember', 'teamMember'],
    teamadmin: [...teamAdmins],
    'admin service account': [...teamAdmins],
    opsadmin: ['anybody', 'orgMember', 'anyTeamAdmin'],
    // Of the restricted project "secret", and in no team.
    projectadmin: ['anybody', 'orgMember', 'projectMember', 'projectAdmin'],
    projectviewer: ['anybody', 'orgMember', 'projectMember'],
    'resource server': ['anybody'],
  }
  for (const [who, rights] of Object.entries(has)) {
    it(`answers 403 to a ${who} wherever the table gives no right`, async () => {
      let walked = 0
      for (const [method, path, right] of operations) {
        // Of an account that is no team's, a team's admin is nobody.
        const teamless = right === 'teamAdmin' && !path.includes('{team}')
        if (rights.includes(right) && !teamless) continue
        const { status } = await as(who, method, filled(path), method === 'GET' ? undefined : {})
        if (status === 404 && /nothing$|nothing\//.test(filled(path))) continue
        expect(status, `${method} ${path}`).to.equal(403)
        walked++
      }
      expect(walked).to.be.greaterThan(15)
    })
  }

  it('lets a team’s admin do what is theirs', async () => {
    const made = await as('teamadmin', 'POST', '/orgs/acme/teams/ml/service-accounts', {
      name: 'trainer',
      method: 'federated',
      trust: { issuer: 'ci', subject: 'job' },
    })
    expect(made.status).to.equal(201)
    expect((await as('teamadmin', 'PUT', '/orgs/acme/teams/ml/members/opsadmin', { role: 'viewer' })).status).to.equal(
      200,
    )
    expect((await as('teamadmin', 'GET', '/orgs/acme/issuers')).status).to.equal(200)
    expect(
      (await as('teamadmin', 'POST', '/orgs/acme/issuers', { name: 'x', issuer: 'https://x.example' })).status,
    ).to.equal(403)
  })

  it('lets only an admin of the organization make an account that administers', async () => {
    const body = { name: 'root', method: 'api_key', admin: true }
    for (const who of ['teamadmin', 'admin service account'])
      expect((await as(who, 'POST', '/orgs/acme/teams/ml/service-accounts', body)).status, who).to.equal(403)
    expect((await as('acme admin', 'POST', '/orgs/acme/teams/ml/service-accounts', body)).status).to.equal(201)
  })

  it('shows a team’s admin the events of their team alone', async () => {
    const events = async (who: string) =>
      ((await as(who, 'GET', '/orgs/acme/audit-events?limit=200')).body.items ?? []) as { team?: string }[]
    const seen = await events('teamadmin')
    expect(seen.length).to.be.greaterThan(0)
    expect(new Set(seen.map(({ team }) => team))).to.deep.equal(new Set(['ml']))
    expect((await events('acme admin')).some(({ team }) => team === undefined)).to.equal(true)
    expect((await as('member', 'GET', '/orgs/acme/audit-events')).status).to.equal(403)
  })

  it('lets whoever only reads look, and change nothing: by role, by access, by scope', async () => {
    const admin = 'acme admin'
    // A viewer of the organization, though an admin of the team; a read-only account, though it administers.
    await as(admin, 'POST', '/orgs/acme/users', { username: 'viewer', email: 'viewer@acme.example', role: 'viewer' })
    await as(admin, 'PUT', '/orgs/acme/teams/ml/members/viewer', { role: 'admin' })
    secrets.viewer = String((await as(admin, 'POST', '/orgs/acme/users/viewer/keys', {})).body.secret)
    const reader = { name: 'reader', method: 'api_key', admin: true, access: 'read' }
    const made = await as(admin, 'POST', '/orgs/acme/teams/ml/service-accounts', reader)
    secrets.reader = String(made.body.api_key)
    const form = { grant_type: 'client_credentials', client_secret: secrets[admin] as string, scope: 'projects:read' }
    secrets['narrow token'] = String((await call(service, 'POST', '/oauth/token', { form })).body.access_token)
    const wide = { ...form, scope: 'projects:read projects:write' }
    secrets['wide token'] = String((await call(service, 'POST', '/oauth/token', { form: wide })).body.access_token)

    const accounts = '/orgs/acme/teams/ml/service-accounts'
    expect((await as('narrow token', 'POST', '/orgs/acme/issuers/ci/check', {})).status).to.equal(200)
    for (const who of ['viewer', 'reader', 'narrow token', 'wide token']) {
      expect((await as(who, 'GET', accounts)).status, who).to.equal(200)
      const change = await as(who, 'POST', accounts, { name: `by-${who.replace(' ', '-')}`, method: 'api_key' })
      expect(change.status, who).to.equal(who === 'wide token' ? 201 : 403)
      if (who !== 'wide token') expect(change.body.detail).to.contain('for reading alone')
    }
    for (const [method, path, right] of operations) {
      if (method === 'GET' || !['teamAdmin', 'anybody'].includes(right) || !path.includes('{team}')) continue
      if (/\{(key|policy)\}/.test(path)) continue
      expect((await as('viewer', method, filled(path), {})).status, `${method} ${path}`).to.equal(403)
    }
  })

  it('shows a team’s admin what a holder revoked in their team, and nothing of accounts that are the organization’s', async () => {
    const admin = 'acme admin'
    const team = await as(admin, 'POST', '/orgs/acme/teams/ml/service-accounts', {
      name: 'team-bot',
      method: 'api_key',
    })
    const wide = await as(admin, 'POST', '/orgs/acme/service-accounts', { name: 'wide-bot', default_team: 'ml' })
    for (const { body } of [team, wide]) {
      const key = String(body.api_key)
      const form = { grant_type: 'client_credentials', client_secret: key }
      const { access_token } = (await call(service, 'POST', '/oauth/token', { form })).body
      for (const token of [String(access_token), key]) await call(service, 'POST', '/oauth/revoke', { form: { token } })
    }
    const seen = async (actor: string) =>
      ((await as('teamadmin', 'GET', `/orgs/acme/audit-events?actor=${actor}`)).body.items as { type: string }[])
        .map(({ type }) => type)
        .sort()
    expect(await seen('team-bot')).to.deep.equal(['api_key.delete', 'api_key.use', 'token.exchange', 'token.revoke'])
    expect(await seen('wide-bot')).to.deep.equal([])
  })

  it('gives an access token the rights of its account, as they are now', async () => {
    const form = { grant_type: 'client_credentials', client_secret: secrets['admin service account'] as string }
    const { body } = await call(service, 'POST', '/oauth/token', { form })
    const secret = String(body.access_token)
    const accounts = () => call(service, 'GET', '/api/v1/orgs/acme/teams/ml/service-accounts', { secret })
    expect((await accounts()).status).to.equal(200)
    await as('acme admin', 'PATCH', '/orgs/acme/teams/ml/service-accounts/adminbot', { enabled: false })
    expect((await accounts()).status).to.equal(401)
  })
})
