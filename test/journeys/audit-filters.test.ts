/** The trail, asked for one issuer, one account, one team, one reason: as pages and as NDJSON, by those who may. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, type Event, must, type Named, type World } from '../support/world.ts'

describe('journey: filters of the audit trail', () => {
  let provider: Provider
  let other: Provider
  let service: Service
  let world: World
  let sweeper: Named
  /** Of an admin of the team sweep alone. */
  let teamAdmin: string

  before(async () => {
    provider = await startProvider()
    other = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    await world.make('/issuers', { name: 'other', issuer: other.issuer })
    await world.make('/teams', { name: 'sweep' })
    sweeper = await world.make('/teams/sweep/service-accounts', {
      name: 'sweeper',
      method: 'federated',
      trust: { issuer: 'other', subject: 'job-2' },
    })
    await world.make('/users', { username: 'sam', email: 'sam@acme.example', role: 'member' })
    teamAdmin = String((await world.make('/users/sam/keys', {})).secret)
    await must(world.api('PUT', '/teams/sweep/members/sam', { role: 'admin' }))
    await world.granted(await world.token())
    await world.granted(await other.token({ aud: world.audience, sub: 'job-2' }))
    await world.exchange(await world.token({ sub: 'nobody' }))
    await world.exchange(await world.token({ sub: 'nobody', issuer: other.issuer }))
    await world.exchange(await world.token({ sub: 'nobody' }), { service_account: 'ml/trainer' })
    await world.exchange(await world.token({ exp: 1_000_000_000 }))
  })
  after(async () => {
    await service?.close()
    await Promise.all([provider?.close(), other?.close()])
  })

  const find = async (filters: Record<string, string>, secret = world.adminKey) => {
    const path = `${world.path}/audit-events?${new URLSearchParams(filters)}`
    return (await must(call(service, 'GET', path, { secret }))).items as Event[]
  }
  const lines = async (filters: Record<string, string>) => {
    const path = `${world.path}/audit-events?${new URLSearchParams(filters)}`
    const headers = { accept: 'application/x-ndjson' }
    const { body } = await call(service, 'GET', path, { secret: world.adminKey, headers })
    const text = String(body.text).trim()
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Event)
  }

  it('by reason', async () => {
    const events = await find({ reason: 'no_account_matches' })
    expect(events.map(({ reason }) => reason)).to.deep.equal(Array(3).fill('no_account_matches'))
    expect(await find({ reason: 'token_expired', result: 'refused' })).to.have.length(1)
    expect(await find({ reason: 'token_expired', result: 'granted' })).to.have.length(0)
  })

  it('by the issuer of the token, and by nothing else that a token says', async () => {
    const exchanges = await find({ issuer: other.issuer, type: 'token.exchange' })
    expect(exchanges.map(({ detail }) => detail.subject)).to.deep.equal(['job-2'])
    expect(await find({ issuer: provider.issuer, type: 'token.exchange' })).to.have.length(5)
    expect(await find({ issuer: provider.issuer.toUpperCase() })).to.have.length(0)
    expect(await find({ issuer: provider.issuer.replace('http', '%') })).to.have.length(0)
  })

  it('by account: what it did, what was done to it, and who asked for it and was refused', async () => {
    const events = await find({ service_account: world.account.id })
    expect(events.map(({ type, result }) => `${type} ${result}`)).to.deep.equal([
      'token.exchange refused',
      'token.exchange granted',
      'trust_policy.create done',
      'service_account.create done',
    ])
    expect(events[0]?.detail.requested_service_account).to.equal('ml/trainer')
    const keyed = await find({ service_account: String(world.builtIn.id) })
    expect(keyed.map(({ type }) => type)).to.deep.equal(['api_key.create', 'service_account.create'])
    const { status } = await world.api('GET', '/audit-events?service_account=trainer')
    expect(status).to.equal(400)
  })

  it('by team, by name or id; a name that no team has is not found', async () => {
    const { id } = (await must(world.api('GET', '/teams/sweep'))) as Named
    const events = await find({ team: 'sweep', type: 'token.exchange' })
    expect(events.map(({ actor }) => actor.id)).to.deep.equal([sweeper.id])
    expect(await find({ team: id, type: 'token.exchange' })).to.deep.equal(events)
    expect((await world.api('GET', '/audit-events?team=none')).status).to.equal(404)
  })

  it('page by page, and as lines of all: the same events', async () => {
    const filters: Record<string, string>[] = [
      { issuer: provider.issuer },
      { service_account: world.account.id },
      { reason: 'no_account_matches' },
      { team: 'ml' },
    ]
    for (const filter of filters) {
      const all = await find(filter)
      expect(await lines(filter)).to.deep.equal(all.toReversed())
      const paged: Event[] = []
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page = await must(
          world.api('GET', `/audit-events?${new URLSearchParams({ ...filter, limit: '1', cursor })}`),
        )
        paged.push(...(page.items as Event[]))
        cursor = page.next_cursor as string | null
      }
      expect(paged).to.deep.equal(all)
    }
  })

  it('a team admin finds nothing of other teams, whatever is asked for', async () => {
    expect(await find({ team: 'ml' }, teamAdmin)).to.have.length(0)
    expect(await find({ issuer: provider.issuer }, teamAdmin)).to.have.length(0)
    expect(await find({ service_account: world.account.id }, teamAdmin)).to.have.length(0)
    expect(await find({ issuer: other.issuer }, teamAdmin)).to.have.length(1)
    expect((await find({ service_account: sweeper.id }, teamAdmin)).length).to.be.greaterThan(1)
  })

  it("the installation's own trail knows issuers and reasons, and no teams", async () => {
    const stranger = 'https://stranger.example'
    await world.exchange(await world.token({ iss: stranger }))
    const own = async (query: string) =>
      call(service, 'GET', `/api/v1/audit-events?${query}`, { secret: service.operatorKey })
    expect((await own(`issuer=${encodeURIComponent(stranger)}&reason=issuer_not_trusted`)).body.items).to.have.length(1)
    expect((await own('team=ml')).status).to.equal(400)
  })
})
