/** Projects, over HTTP: made, seen, shared, moved, deleted; and that deleting never opens. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type ResourceServer, resourceServer } from '../support/resource-server.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const projects = '/teams/ml/projects'

describe('journey: projects', () => {
  let provider: Provider
  let service: Service
  let world: World
  let server: ResourceServer
  let members = 0
  const secrets: Record<string, string> = {}

  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    server = await resourceServer(world, 'tracker')
    await world.make('/teams', { name: 'ops' })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  /** A user with a key, in the team ml with that role. */
  async function person(role?: string, orgRole = 'member'): Promise<{ id: string; name: string; secret: string }> {
    const name = `p${++members}`
    const { id } = await world.make('/users', { username: name, email: `${name}@acme.example`, role: orgRole })
    if (role) await world.api('PUT', `/teams/ml/members/${name}`, { role })
    const secret = String((await world.make(`/users/${name}/keys`, {})).secret)
    secrets[name] = secret
    return { id, name, secret }
  }
  const as = (secret: string, method: string, below: string, json?: unknown) =>
    call(service, method, world.path + below, { secret, ...(json === undefined ? {} : { json }) })
  const project = (name: string, visibility: string, at = projects) => world.make(at, { name, visibility })

  it('are made with one of four visibilities, and bear their team', async () => {
    for (const visibility of ['team', 'restricted', 'open', 'public']) {
      const made = await world.api('POST', projects, { name: `a-${visibility}`, visibility })
      expect(made.status).to.equal(201)
      expect(made.headers.get('location')).to.match(/\/teams\/ml\/projects\/a-\w+$/)
      expect(made.body).to.include({ name: `a-${visibility}`, visibility, team: 'ml' })
      expect(made.body.id).to.match(/^proj_[0-9a-z]{26}$/)
      const read = await world.api('GET', `${projects}/${made.body.id}`)
      expect(read.body).to.deep.equal(made.body)
    }
    const wrong = { name: 'b', visibility: 'secret' }
    expect((await world.api('POST', projects, wrong)).status).to.equal(422)
    expect((await world.api('POST', projects, { name: 'b' })).status).to.equal(422)
    expect((await world.api('POST', projects, { name: 'a-team', visibility: 'open' })).body.reason).to.equal(
      'name_taken',
    )
    expect((await world.api('POST', '/teams/ops/projects', { name: 'a-team', visibility: 'open' })).status).to.equal(
      201,
    )
  })

  it('show a restricted one to its members and to admins alone', async () => {
    await project('hidden', 'restricted')
    const [admin, insider, outsider, stranger] = [
      await person('admin'),
      await person('member'),
      await person('member'),
      await person(),
    ]
    await world.api('PUT', `${projects}/hidden/members/${insider.name}`, { role: 'viewer' })
    await world.api('PUT', `${projects}/hidden/members/${stranger.name}`, { role: 'viewer' })
    const listed = async (secret: string) => {
      const { status, body } = await as(secret, 'GET', `${projects}?limit=200`)
      return status === 200 ? (body.items as { name: string }[]).some(({ name }) => name === 'hidden') : status
    }
    expect(await listed(world.adminKey)).to.equal(true)
    expect(await listed(admin.secret)).to.equal(true)
    expect(await listed(insider.secret)).to.equal(true)
    expect(await listed(outsider.secret)).to.equal(false)
    expect(await listed(stranger.secret), 'who is in no team lists nothing').to.equal(403)
    for (const [who, status] of [
      [admin, 200],
      [insider, 200],
      [stranger, 200],
      [outsider, 403],
    ] as const) {
      expect((await as(who.secret, 'GET', `${projects}/hidden`)).status, who.name).to.equal(status)
      expect((await as(who.secret, 'GET', `${projects}/hidden/members`)).status, who.name).to.equal(status)
    }
  })

  it('have members: users by name or id, service accounts by id', async () => {
    await project('shared', 'restricted')
    const { id, name } = await person()
    const path = `${projects}/shared/members`
    const added = await world.api('PUT', `${path}/${name}`, { role: 'viewer' })
    expect(added.body).to.deep.include({
      principal: { type: 'user', id, name, email: `${name}@acme.example` },
      role: 'viewer',
    })
    expect((await world.api('PUT', `${path}/${id}`, { role: 'editor' })).body.role).to.equal('editor')
    const robot = await world.api('PUT', `${path}/${world.builtIn.id}`, { role: 'editor' })
    expect(robot.body.principal).to.deep.equal({ type: 'service_account', id: world.builtIn.id, name: 'robot' })
    const { body } = await world.api('GET', path)
    expect((body.items as { principal: { id: string } }[]).map(({ principal }) => principal.id)).to.have.members([
      id,
      world.builtIn.id,
    ])
    for (const [role, status] of [
      ['owner', 422],
      [undefined, 422],
    ] as const)
      expect((await world.api('PUT', `${path}/${name}`, { role })).status).to.equal(status)
    for (const nobody of ['nobody', 'robot', `sa_${'0'.repeat(26)}`])
      expect((await world.api('PUT', `${path}/${nobody}`, { role: 'viewer' })).status, nobody).to.equal(404)
    expect((await world.api('DELETE', `${path}/${name}`)).status).to.equal(204)
    expect((await world.api('DELETE', `${path}/${name}`)).status).to.equal(404)
    expect((await world.api('GET', `${path}/${name}`)).status).to.equal(404)
    const { body: events } = await world.api('GET', `/audit-events?target=${id}`)
    expect(
      (events.items as { type: string }[]).map(({ type }) => type).filter((type) => type.startsWith('project')),
    ).to.deep.equal(['project_member.delete', 'project_member.set', 'project_member.set'])
  })

  it('refuse a team-scoped account of another team where they are restricted, and say why', async () => {
    await project('vault', 'restricted', '/teams/ops/projects')
    await project('plaza', 'open', '/teams/ops/projects')
    const refused = await world.api('PUT', `/teams/ops/projects/vault/members/${world.builtIn.id}`, { role: 'viewer' })
    expect(refused.status).to.equal(422)
    expect(refused.body.reason).to.equal('account_of_another_team')
    expect(refused.body.detail).to.contain('team-scoped').and.to.contain('another team')
    // Elsewhere a role adds nothing; and when the project becomes restricted, it still gives nothing.
    const there = await world.api('PUT', `/teams/ops/projects/plaza/members/${world.builtIn.id}`, { role: 'admin' })
    expect(there.status).to.equal(200)
    await world.api('PATCH', '/teams/ops/projects/plaza', { visibility: 'restricted' })
    expect(await server.reason(world.apiKey, 'read', 'ops/plaza')).to.equal('other_team')
    const wide = await world.make('/service-accounts', { name: 'wide', default_team: 'ml' })
    const added = await world.api('PUT', `/teams/ops/projects/vault/members/${wide.id}`, { role: 'viewer' })
    expect(added.status).to.equal(200)
    expect(await server.reason(String(wide.api_key), 'read', 'ops/vault')).to.equal('project_role')
    expect(await server.reason(String(wide.api_key), 'write', 'ops/vault')).to.equal('project_viewer')
  })

  it('count as they are now: from open to restricted and back, from member to none', async () => {
    await project('moving', 'open')
    const ask = () => server.reason(world.apiKey, 'write', 'ml/moving')
    expect(await ask()).to.equal('open_project')
    await world.api('PATCH', `${projects}/moving`, { visibility: 'restricted' })
    expect(await ask()).to.equal('not_a_project_member')
    await world.api('PUT', `${projects}/moving/members/${world.builtIn.id}`, { role: 'editor' })
    expect(await ask()).to.equal('project_role')
    await world.api('PUT', `${projects}/moving/members/${world.builtIn.id}`, { role: 'viewer' })
    expect(await ask()).to.equal('project_viewer')
    await world.api('DELETE', `${projects}/moving/members/${world.builtIn.id}`)
    expect(await ask()).to.equal('not_a_project_member')
    await world.api('PATCH', `${projects}/moving`, { visibility: 'team' })
    expect(await ask()).to.equal('team_account')
  })

  it('let an admin of a restricted one change it and add members, and do nothing else', async () => {
    await project('own', 'restricted')
    const owner = await person()
    const { name } = await person()
    const path = `${projects}/own`
    await world.api('PUT', `${path}/members/${owner.name}`, { role: 'admin' })
    expect((await as(owner.secret, 'PUT', `${path}/members/${name}`, { role: 'editor' })).status).to.equal(200)
    expect((await as(secrets[name] as string, 'PUT', `${path}/members/${name}`, { role: 'admin' })).status).to.equal(
      403,
    )
    expect((await as(owner.secret, 'DELETE', `${path}/members/${name}`)).status).to.equal(204)
    expect((await as(owner.secret, 'DELETE', path)).status).to.equal(403)
    expect((await as(owner.secret, 'POST', projects, { name: 'more', visibility: 'open' })).status).to.equal(403)
    // Names are the team's: another may be kept, or in use by work that nobody made a project for.
    await project('crown', 'restricted')
    await world.api('DELETE', `${projects}/crown`)
    for (const taken of ['crown', 'in-use', 'own-2'])
      expect((await as(owner.secret, 'PATCH', path, { name: taken, visibility: 'restricted' })).status).to.equal(403)
    expect((await as(owner.secret, 'PATCH', path, { name: 'own' })).status, 'its own').to.equal(200)
    expect((await as(owner.secret, 'PATCH', path, { visibility: 'team' })).status).to.equal(200)
    // What is not restricted any more is the team's alone.
    expect((await as(owner.secret, 'PATCH', path, { visibility: 'open' })).status).to.equal(403)
  })

  it('cannot take a kept name with their members, whoever calls them otherwise', async () => {
    await project('kept', 'restricted')
    await world.api('DELETE', `${projects}/kept`)
    await project('moved', 'restricted')
    await world.api('PUT', `${projects}/moved/members/${world.builtIn.id}`, { role: 'editor' })
    expect((await world.api('PATCH', `${projects}/moved`, { name: 'kept' })).body.reason).to.equal('name_taken')
    expect(await server.reason(world.apiKey, 'read', 'ml/kept')).to.equal('project_deleted')
  })

  it('are for accounts of their team, and of the organization, to look at', async () => {
    await world.make('/teams/ops/projects', { name: 'lobby', visibility: 'open' })
    await world.api('PUT', `/teams/ops/projects/lobby/members/${world.builtIn.id}`, { role: 'viewer' })
    await world.api('PATCH', '/teams/ops/projects/lobby', { visibility: 'restricted' })
    for (const below of ['', '/members'])
      expect((await as(world.apiKey, 'GET', `/teams/ops/projects/lobby${below}`)).status).to.equal(403)
  })

  it('have members with a version each, for If-Match', async () => {
    await project('versioned', 'restricted')
    const at = `${projects}/versioned/members/${world.builtIn.id}`
    const put = (role: string, tag?: string | null) =>
      call(service, 'PUT', world.path + at, {
        secret: world.adminKey,
        json: { role },
        headers: tag ? { 'if-match': tag } : {},
      })
    expect((await put('viewer', '*')).status, 'nobody is there yet').to.equal(412)
    const first = (await put('viewer')).headers.get('etag')
    expect((await world.api('GET', at)).headers.get('etag')).to.equal(first)
    expect((await put('editor', '"other"')).status).to.equal(412)
    const second = await put('editor', first)
    expect(second.status).to.equal(200)
    expect(second.body).to.include({ id: world.builtIn.id, name: 'robot', role: 'editor' })
    const remove = (tag: string) =>
      call(service, 'DELETE', world.path + at, { secret: world.adminKey, headers: { 'if-match': tag } })
    expect((await remove('"other"')).status).to.equal(412)
    expect((await remove(second.headers.get('etag') as string)).status).to.equal(204)
  })

  it('are not changed by who was removed while they waited for their turn', async () => {
    for (let round = 0; round < 5; round++) {
      const name = `race-${round}`
      await project(name, 'restricted')
      const owner = await person()
      await world.api('PUT', `${projects}/${name}/members/${owner.name}`, { role: 'admin' })
      const opening = Array.from({ length: 6 }, () =>
        as(owner.secret, 'PATCH', `${projects}/${name}`, { visibility: 'open' }),
      )
      const removal = await world.api('DELETE', `${projects}/${name}/members/${owner.name}`)
      expect(removal.status).to.equal(204)
      const now = (await world.api('GET', `${projects}/${name}`)).body.visibility
      await Promise.all(opening)
      expect(
        (await world.api('GET', `${projects}/${name}`)).body.visibility,
        'as when the removal was answered',
      ).to.equal(now)
    }
  })

  it('keep the name of a restricted one that is deleted, until an admin of the team frees it', async () => {
    const { id } = await project('gone', 'restricted')
    await world.api('PUT', `${projects}/gone/members/${world.builtIn.id}`, { role: 'admin' })
    const ask = () => server.reason(world.apiKey, 'write', 'ml/gone')
    expect(await ask()).to.equal('project_role')
    expect((await world.api('DELETE', `${projects}/gone`)).status).to.equal(204)
    expect(await ask()).to.equal('project_deleted')
    for (const what of ['gone', String(id)])
      expect((await world.api('GET', `${projects}/${what}`)).status, what).to.equal(404)
    expect(
      (await world.api('DELETE', `${projects}/gone`)).status,
      'a DELETE that is tried again frees nothing',
    ).to.equal(404)
    const { body } = await world.api('GET', `${projects}?deleted=true`)
    expect(
      (body.items as { name: string; deleted_at?: string }[]).find(({ name }) => name === 'gone')?.deleted_at,
    ).to.be.a('string')
    for (const visibility of ['team', 'open', 'public']) {
      const again = await world.api('POST', projects, { name: 'gone', visibility })
      expect(again.body.reason, visibility).to.equal('name_taken')
      expect(again.body.detail).to.contain('stays restricted')
    }
    await project('roamer', 'open')
    expect((await world.api('PATCH', `${projects}/roamer`, { name: 'gone' })).body.reason).to.equal('name_taken')
    const member = await person('member')
    expect((await as(member.secret, 'POST', `${projects}/gone/free`, {})).status).to.equal(403)
    expect((await as(member.secret, 'GET', `${projects}?deleted=true`)).status).to.equal(403)
    expect((await world.api('POST', `${projects}/gone/free`)).status).to.equal(204)
    expect(await ask()).to.equal('team_account')
    expect((await world.api('POST', `${projects}/gone/free`)).status).to.equal(404)
  })

  it('may be made anew under a kept name as restricted: that opens nothing', async () => {
    await project('twice', 'restricted')
    await world.api('PUT', `${projects}/twice/members/${world.builtIn.id}`, { role: 'admin' })
    await world.api('DELETE', `${projects}/twice`)
    await project('twice', 'restricted')
    expect(await server.reason(world.apiKey, 'read', 'ml/twice')).to.equal('not_a_project_member')
  })

  it('keep the old name of a restricted one that is called otherwise', async () => {
    await project('before', 'restricted')
    await world.api('PATCH', `${projects}/before`, { name: 'after', visibility: 'open' })
    expect(await server.reason(world.apiKey, 'write', 'ml/before')).to.equal('project_deleted')
    expect(await server.reason(world.apiKey, 'write', 'ml/after')).to.equal('open_project')
    await project('ordinary', 'team')
    await world.api('PATCH', `${projects}/ordinary`, { name: 'ordinary-2' })
    expect(await server.reason(world.apiKey, 'write', 'ml/ordinary')).to.equal('team_account')
  })

  it('hold their team: one with restricted names is neither deleted nor called otherwise', async () => {
    await world.make('/teams', { name: 'brief' })
    await project('x', 'restricted', '/teams/brief/projects')
    expect((await world.api('DELETE', '/teams/brief')).body.reason).to.equal('in_use')
    expect(
      (await world.api('PATCH', '/teams/brief', { name: 'briefer' })).body.reason,
      'nor called otherwise',
    ).to.equal('in_use')
    expect((await world.api('PATCH', '/teams/brief', { name: 'brief', display_name: 'Brief' })).status).to.equal(200)
    await world.api('DELETE', '/teams/brief/projects/x')
    expect((await world.api('DELETE', '/teams/brief')).body.reason).to.equal('in_use')
    await world.api('POST', '/teams/brief/projects/x/free')
    expect((await world.api('DELETE', '/teams/brief')).status).to.equal(204)
  })

  it('go with their team, and a membership with its principal', async () => {
    await project('temp', 'restricted')
    const { name, id } = await person()
    const bot = await world.make(world.accounts, { name: 'short-lived', method: 'api_key' })
    for (const who of [name, bot.id]) await world.api('PUT', `${projects}/temp/members/${who}`, { role: 'viewer' })
    await world.api('DELETE', `/users/${id}`)
    await world.api('DELETE', `${world.accounts}/${bot.id}`)
    expect((await world.api('GET', `${projects}/temp/members`)).body.items).to.deep.equal([])
    await world.make('/teams', { name: 'fleeting' })
    await project('y', 'open', '/teams/fleeting/projects')
    expect((await world.api('DELETE', '/teams/fleeting')).status).to.equal(204)
    expect(await server.reason(world.apiKey, 'read', 'fleeting/y')).to.equal('team_unknown')
  })
})
