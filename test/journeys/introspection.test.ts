/** Who may ask what stands behind a token (RFC 7662), and what they hear; and who the bearer is. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { claimsIn, createWorld, must, type World } from '../support/world.ts'

const inactive = { active: false }

describe('introspection', () => {
  const audience = 'https://api.acme.example'
  let provider: Provider
  let service: Service
  let world: World
  let foreign: World
  /** API keys of resource servers. */
  let api: string
  let other: string
  let foreignApi: string
  let token: string
  let targeted: string

  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, provider)
    foreign = await createWorld(service, provider, { org: 'globex', subject: 'job-2' })
    const server = async (at: World, name: string, target: string) =>
      String((await at.make('/resource-servers', { name, audience: target })).api_key)
    api = await server(world, 'api', audience)
    other = await server(world, 'other', 'https://other.acme.example')
    foreignApi = await server(foreign, 'api', audience)
    token = await world.granted(world.token())
    targeted = await world.granted(world.token(), { resource: audience })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  const ask = async (value: string, secret: string) => (await world.introspect(value, secret)).body
  const isActive = async (value: string, secret: string) => (await ask(value, secret)).active

  it('says the claims of a token, and username', async () => {
    const { status, headers, body } = await world.introspect(targeted, api)
    expect(status).to.equal(200)
    expect(headers.get('cache-control')).to.equal('no-store')
    expect(body).to.deep.include({ ...claimsIn(targeted), active: true, username: 'trainer' })
  })

  it('a resource server hears of tokens that are meant for it, or for the installation', async () => {
    expect(await isActive(token, api)).to.equal(true)
    expect(await isActive(token, other)).to.equal(true)
    expect(await isActive(targeted, api)).to.equal(true)
    expect(await ask(targeted, other)).to.deep.equal(inactive)
  })

  it('nobody hears of another organization', async () => {
    for (const value of [token, targeted, world.apiKey])
      for (const secret of [foreignApi, foreign.adminKey]) expect(await ask(value, secret)).to.deep.equal(inactive)
    const theirs = await foreign.granted(foreign.token())
    for (const secret of [api, world.adminKey]) expect(await ask(theirs, secret)).to.deep.equal(inactive)
  })

  it('an admin hears of all of their organization, by key or token; an admin account too', async () => {
    const adminToken = String((await must(world.withKey(world.adminKey))).access_token)
    const { api_key } = await world.make('/service-accounts', { name: 'iac', default_team: 'ml', admin: true })
    for (const secret of [world.adminKey, adminToken, String(api_key)])
      for (const value of [token, targeted, world.apiKey]) expect(await isActive(value, secret)).to.equal(true)
  })

  it('an API key of an account: who it is', async () => {
    expect(await ask(world.apiKey, api)).to.deep.include({
      active: true,
      sub: world.builtIn.id,
      org: 'acme',
      team: 'ml',
      principal: 'service_account',
      name: 'robot',
      method: 'api_key',
      scope: 'projects:read projects:write',
      username: 'robot',
    })
  })

  it('an API key of a person; one of a resource server is nobody', async () => {
    expect(await ask(world.adminKey, api)).to.deep.include({ active: true, principal: 'user', username: 'acme-root' })
    expect(await ask(other, api)).to.deep.equal(inactive)
  })

  it('a scope that the account may no longer have is not said to be there', async () => {
    const { id } = await world.external('narrowed', 'narrowed')
    const wide = await world.granted(world.token({ sub: 'narrowed' }))
    const writing = await world.granted(world.token({ sub: 'narrowed' }), { scope: 'projects:write' })
    expect((await ask(writing, api)).scope).to.equal('projects:write')
    await must(world.api('PATCH', `/service-accounts/${id}`, { access: 'read' }))
    for (const value of [wide, writing])
      expect(await ask(value, api)).to.deep.include({ active: true, scope: 'projects:read' })
  })

  it('tells names as they are now: the old ones may be somebody else’s', async () => {
    const { id } = await world.make('/teams', { name: 'before' })
    const at = `/teams/${id}/service-accounts`
    await world.make(at, { name: 'old', method: 'federated', trust: { issuer: 'ci', subject: 'renamed' } })
    const held = await world.granted(world.token({ sub: 'renamed' }))
    await must(world.api('PATCH', `/teams/${id}`, { name: 'after' }))
    await must(world.api('PATCH', `${at}/old`, { name: 'new' }))
    expect(await ask(held, api)).to.deep.include({ active: true, team: 'after', name: 'new', username: 'new' })
  })

  it('a key that a resource server asks about was used there, and is on record; an admin only looks', async () => {
    const made = await world.make(world.accounts, { name: 'asked', method: 'api_key' })
    const used = async () => {
      const events = await must(world.api('GET', '/audit-events?type=api_key.use&actor=asked'))
      const keys = await must(world.api('GET', `${world.accounts}/asked/keys`))
      return { events: events.items as { detail: object }[], key: (keys.items as Record<string, unknown>[])[0] }
    }
    await ask(String(made.api_key), world.adminKey)
    expect(await used()).to.nested.include({ 'events.length': 0, 'key.last_used_at': null })
    for (let i = 0; i < 3; i++) await ask(String(made.api_key), api)
    const { events, key } = await used()
    expect(events.length).to.be.within(1, 2)
    expect(events[0]?.detail).to.deep.equal({ hint: key?.hint, at: 'api' })
    expect(key?.last_used_at).to.be.a('string')
  })

  it('others may not ask', async () => {
    await world.make('/users', { username: 'ann', email: 'ann@acme.example' })
    const { secret } = await must(world.api('POST', '/users/ann/keys', {}))
    for (const caller of [world.apiKey, token, String(secret)]) {
      const { status, body } = await world.introspect(token, caller)
      expect(status).to.equal(403)
      expect(body).to.not.have.property('active')
    }
  })

  it('a caller without, or with a wrong, credential is told so, not that the token is inactive', async () => {
    const without = await call(service, 'POST', '/oauth/introspect', { form: { token } })
    const wrong = await world.introspect(token, 'csk_00000000000000000000000000000000000000000000000000000')
    const meant = await world.introspect(token, targeted)
    for (const { status, headers, body } of [without, wrong, meant]) {
      expect([status, body.error]).to.deep.equal([401, 'invalid_client'])
      expect(headers.has('www-authenticate')).to.equal(true)
      expect(headers.get('cache-control')).to.equal('no-store')
    }
  })

  it('callers authenticate by Bearer, by Basic (percent-encoded or not) and by client_secret', async () => {
    const basic = (password: string) => ({ authorization: `Basic ${btoa(`api:${password}`)}` })
    for (const headers of [basic(api), basic(api.replace('_', '%5F'))]) {
      const { body } = await call(service, 'POST', '/oauth/introspect', { form: { token }, headers })
      expect(body.active).to.equal(true)
    }
    const form = { token, client_id: 'api', client_secret: api, token_type_hint: 'access_token' }
    expect((await call(service, 'POST', '/oauth/introspect', { form })).body.active).to.equal(true)
  })

  it('anything else is {"active":false}, whatever is wrong with it', async () => {
    const [head, claims, signature] = token.split('.') as [string, string, string]
    const forged = Buffer.from(JSON.stringify({ ...claimsIn(token), sub: 'sa_x' })).toString('base64url')
    const wrong = [
      'x',
      'a.b.c',
      world.token(),
      `${head}.${forged}.${signature}`,
      `${head}.${claims}.${signature.slice(0, -4)}AAAA`,
      `${head}.${claims}.`,
      `${token}.x`,
      `${token}=`,
      'csk_00000000000000000000000000000000000000000000000000000',
      `${world.apiKey.slice(0, -1)}!`,
      'x'.repeat(20_000),
      '\0',
    ]
    for (const value of wrong) {
      const { status, body } = await world.introspect(value, api)
      expect([status, body], value.slice(0, 40)).to.deep.equal([200, inactive])
    }
    const { status, body } = await call(service, 'POST', '/oauth/introspect', { form: {}, secret: api })
    expect([status, body.reason]).to.deep.equal([400, 'parameter_missing'])
  })

  it('userinfo says who the bearer is, for a key as for a token', async () => {
    const info = async (secret: string) => must(call(service, 'GET', '/oauth/userinfo', { secret }))
    expect(await info(token)).to.deep.include({ sub: world.account.id, name: 'trainer', org: 'acme', team: 'ml' })
    expect(await info(world.apiKey)).to.deep.include({ sub: world.builtIn.id, principal: 'service_account' })
    expect(await info(world.adminKey)).to.deep.include({ principal: 'user', email: 'root@acme.example' })
    const { status, headers } = await call(service, 'GET', '/oauth/userinfo')
    expect([status, headers.get('www-authenticate')]).to.deep.equal([401, 'Bearer realm="countersign"'])
  })
})
