/** How many exchanges were granted and refused: over time, by reason, issuer and account, and of one's own teams alone. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type Named, type World } from '../support/world.ts'

type Outcomes = { granted: number; refused: number }
type Stats = Outcomes & {
  from: string
  to: string
  bucket_seconds: number
  complete: boolean
  buckets: ({ at: string } & Outcomes)[]
  reasons: { reason: string; count: number }[]
  issuers: ({ issuer: string } & Outcomes)[]
  accounts: ({ id: string; name: string; team: string | null } & Outcomes)[]
}

describe('journey: exchanges counted', () => {
  let provider: Provider
  let other: Provider
  let service: Service
  let world: World
  let sweeper: Named
  let gone: Named
  /** Of an admin of the team sweep alone. */
  let teamAdmin: string

  before(async () => {
    provider = await startProvider()
    other = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    await world.make('/issuers', { name: 'other', issuer: other.issuer })
    await world.make('/teams', { name: 'sweep' })
    const trust = { issuer: 'other', subject: 'job-2' }
    sweeper = await world.make('/teams/sweep/service-accounts', { name: 'sweeper', method: 'federated', trust })
    await world.make('/users', { username: 'sam', email: 'sam@acme.example', role: 'member' })
    teamAdmin = String((await world.make('/users/sam/keys', {})).secret)
    await must(world.api('PUT', '/teams/sweep/members/sam', { role: 'admin' }))
    for (let i = 0; i < 3; i++) await world.granted(await world.token())
    await world.granted(await other.token({ aud: world.audience, sub: 'job-2' }))
    await world.exchange(await world.token({ sub: 'nobody' }))
    await world.exchange(await world.token({ sub: 'nobody' }))
    await world.exchange(await world.token({ exp: 1_000_000_000 }))
    await world.exchange(await world.token(), { resource: 'https://unknown.example' })
    await must(world.withKey(world.apiKey))
    gone = await world.external('gone', 'job-gone')
    await world.granted(await world.token({ sub: 'job-gone' }))
    await must(world.api('DELETE', `/service-accounts/${gone.id}`))
  })
  after(async () => {
    await service?.close()
    await Promise.all([provider?.close(), other?.close()])
  })

  const stats = async (query: Record<string, string> = {}, secret = world.adminKey) =>
    (await must(
      call(service, 'GET', `${world.path}/exchange-stats?${new URLSearchParams(query)}`, { secret }),
    )) as unknown as Stats
  const sum = (list: readonly Outcomes[]) =>
    list.reduce((all, { granted, refused }) => ({ granted: all.granted + granted, refused: all.refused + refused }), {
      granted: 0,
      refused: 0,
    })

  it('of the last day, in buckets of half an hour that hold all of them', async () => {
    const { from, to, bucket_seconds, complete, granted, refused, buckets } = await stats()
    expect({ complete, granted, refused }).to.deep.equal({ complete: true, granted: 6, refused: 4 })
    expect(sum(buckets)).to.deep.equal({ granted, refused })
    expect(Date.parse(to) - Date.parse(from)).to.be.within(86_400_000, 86_400_000 + 120_000)
    expect([bucket_seconds, buckets.length]).to.deep.equal([1860, 47])
    expect(buckets.map(({ at }) => Date.parse(at) - Date.parse(from))).to.deep.equal(
      buckets.map((_, i) => i * 1_860_000),
    )
  })

  it('by reason, by issuer and by account, the most first', async () => {
    const { reasons, issuers, accounts } = await stats()
    expect(reasons).to.deep.equal([
      { reason: 'no_account_matches', count: 2 },
      { reason: 'target_unknown', count: 1 },
      { reason: 'token_expired', count: 1 },
    ])
    expect(issuers).to.deep.equal([
      { issuer: provider.issuer, granted: 4, refused: 4 },
      { issuer: other.issuer, granted: 1, refused: 0 },
    ])
    expect(accounts[0]).to.deep.equal({ id: world.account.id, name: 'trainer', team: 'ml', granted: 3, refused: 1 })
    expect(accounts.slice(1)).to.have.deep.members([
      { id: world.builtIn.id, name: 'robot', team: 'ml', granted: 1, refused: 0 },
      { id: sweeper.id, name: 'sweeper', team: 'sweep', granted: 1, refused: 0 },
      { id: gone.id, name: gone.id, team: null, granted: 1, refused: 0 },
    ])
  })

  it('of one issuer, by URL, name or id, and of one account', async () => {
    for (const issuer of [other.issuer, 'other'])
      expect(await stats({ issuer })).to.deep.include({ granted: 1, refused: 0, reasons: [] })
    expect((await world.api('GET', '/exchange-stats?issuer=none')).status).to.equal(404)
    expect(await stats({ service_account: world.account.id })).to.deep.include({
      granted: 3,
      refused: 1,
      reasons: [{ reason: 'target_unknown', count: 1 }],
    })
  })

  it('of a span, in as few buckets as are asked for; one that ends before it begins is none', async () => {
    const hour = { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date().toISOString() }
    const all = await stats({ ...hour, buckets: '1' })
    expect(all.buckets).to.deep.equal([{ at: all.from, granted: 6, refused: 4 }])
    const before = await stats({ from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' })
    expect(before).to.deep.include({ complete: true, granted: 0, refused: 0, reasons: [], issuers: [], accounts: [] })
    const turned = await world.api('GET', '/exchange-stats?from=2020-01-02T00:00:00Z&to=2020-01-01T00:00:00Z')
    expect(turned.body).to.include({ status: 400, reason: 'query_invalid' })
  })

  it('a team admin counts what is of their teams, whatever is asked for', async () => {
    const { granted, refused, accounts, issuers } = await stats({}, teamAdmin)
    expect({ granted, refused }).to.deep.equal({ granted: 1, refused: 0 })
    expect(accounts.map(({ id }) => id)).to.deep.equal([sweeper.id])
    expect(issuers.map(({ issuer }) => issuer)).to.deep.equal([other.issuer])
    expect(await stats({ service_account: world.account.id }, teamAdmin)).to.include({ granted: 0, refused: 0 })
  })

  it('counts what happened since it was asked last', async () => {
    const { granted } = await stats()
    await world.granted(await world.token())
    expect((await stats()).granted).to.equal(granted + 1)
  })
})
