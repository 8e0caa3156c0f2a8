/** A human behind the machine: who gets the credit, over HTTP; and that it never changes what is allowed. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type ResourceServer, resourceServer } from '../support/resource-server.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

describe('journey: attribution', () => {
  let provider: Provider
  let service: Service
  let world: World
  let other: World
  let server: ResourceServer
  let wide: string
  const ids: Record<string, string> = {}

  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    other = await createWorld(service, provider, { org: 'other' })
    server = await resourceServer(world, 'tracker')
    await world.make('/teams', { name: 'ops' })
    await world.make('/teams/ops/projects', { name: 'plaza', visibility: 'open' })
    // In ml; in ops; in no team.
    for (const name of ['alice', 'bob', 'carol'])
      ids[name] = (await world.make('/users', { username: name, email: `${name}@acme.example` })).id
    await world.api('PUT', '/teams/ml/members/alice', { role: 'viewer' })
    await world.api('PUT', '/teams/ops/members/bob', { role: 'member' })
    await other.make('/users', { username: 'olga', email: 'olga@other.example' })
    wide = String((await world.make('/service-accounts', { name: 'wide', default_team: 'ml' })).api_key)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  /** Who gets the credit, or why nobody does; the decision must be yes. */
  async function credit(credential: string, attribution: unknown, project = 'vision'): Promise<string> {
    const { decision, context } = await server.evaluate(credential, 'write', project, attribution)
    expect(decision).to.equal(true)
    const { attributed_to: person, attribution_ignored: ignored } = context
    if (person) {
      expect(person.id).to.equal(ids[person.username])
      expect(person.email).to.equal(`${person.username}@acme.example`)
      expect(ignored).to.equal(undefined)
    }
    return person?.username ?? ignored ?? 'nobody'
  }

  it('credits a member of the team that the project is in', async () => {
    expect(await credit(world.apiKey, { username: 'alice' })).to.equal('alice')
    expect(await credit(world.apiKey, { email: 'Alice@ACME.example' })).to.equal('alice')
    expect(await credit(world.apiKey, { username: 'alice', email: 'alice@acme.example' })).to.equal('alice')
    expect(await credit(world.apiKey, { username: 'alice@acme.example' })).to.equal('alice')
    expect(await credit(world.apiKey, { username: '', email: 'alice@acme.example' })).to.equal('alice')
  })

  it('ignores anybody else, and says why', async () => {
    expect(await credit(world.apiKey, { username: 'bob' })).to.equal('not_a_team_member')
    expect(await credit(world.apiKey, { username: 'carol' })).to.equal('not_a_team_member')
    for (const nobody of [
      { username: 'nobody' },
      { username: 'Alice' },
      { email: 'nobody@acme.example' },
      { username: 'olga' },
      { email: 'olga@other.example' },
      { email: 'alice' },
    ])
      expect(await credit(world.apiKey, nobody), JSON.stringify(nobody)).to.equal('user_unknown')
  })

  it('for a project of another team the members of that one count', async () => {
    expect(await credit(world.apiKey, { username: 'bob' }, 'ops/plaza')).to.equal('bob')
    expect(await credit(world.apiKey, { username: 'alice' }, 'ops/plaza')).to.equal('not_a_team_member')
  })

  it('an organization-scoped account may credit any user of the organization', async () => {
    for (const name of ['alice', 'bob', 'carol']) expect(await credit(wide, { username: name })).to.equal(name)
    expect(await credit(wide, { username: 'olga' })).to.equal('user_unknown')
  })

  it('when both are given, they must be the same person', async () => {
    for (const email of ['bob@acme.example', 'nobody@acme.example'])
      expect(await credit(wide, { username: 'alice', email })).to.equal('username_and_email_differ')
    expect(await credit(wide, { username: 'nobody', email: 'alice@acme.example' })).to.equal(
      'username_and_email_differ',
    )
    expect(await credit(wide, { username: 'nobody', email: 'nobody@acme.example' })).to.equal('user_unknown')
  })

  it('takes empty texts, and nothing, for not given', async () => {
    for (const nothing of [undefined, null, {}, { username: '' }, { username: '', email: '' }, { email: null }])
      expect(await credit(world.apiKey, nothing), JSON.stringify(nothing)).to.equal('nobody')
  })

  it('what has another form is ignored too', async () => {
    for (const wrong of ['alice', 7, true, ['alice'], { username: 7 }, { username: ['alice'] }, { email: {} }])
      expect(await credit(world.apiKey, wrong), JSON.stringify(wrong)).to.equal('attribution_malformed')
  })

  it('a user is credited for what they do themselves', async () => {
    const key = String((await world.make('/users/alice/keys', {})).secret)
    await world.api('PUT', '/teams/ml/members/alice', { role: 'member' })
    expect(await credit(key, { email: 'alice@ACME.example' })).to.equal('nobody')
    expect(await credit(key, { username: 'bob' })).to.equal('principal_is_user')
  })

  it('never turns a no into a yes, and credits nobody for one', async () => {
    const refused = await server.evaluate(world.apiKey, 'write', 'ops/secret', { username: 'bob' })
    expect(refused).to.deep.equal({ decision: false, context: { project: 'ops/secret', reason: 'other_team' } })
  })

  it('follows who joins and leaves', async () => {
    await world.api('PUT', '/teams/ml/members/carol', { role: 'viewer' })
    expect(await credit(world.apiKey, { username: 'carol' })).to.equal('carol')
    await world.api('DELETE', '/teams/ml/members/carol')
    expect(await credit(world.apiKey, { username: 'carol' })).to.equal('not_a_team_member')
    await world.api('PATCH', '/users/carol', { username: 'caroline' })
    expect(await credit(wide, { username: 'carol' })).to.equal('user_unknown')
  })
})
