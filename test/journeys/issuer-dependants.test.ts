/** Whom an issuer stands behind, and what disabling it stops. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Service, startService } from '../support/server.ts'
import { until } from '../support/stopwatch.ts'
import { createWorld, must, type Named, type World } from '../support/world.ts'

type Item = Named & { team: string; enabled: boolean; policies: number; last_used_at: string | null }
type Dependants = {
  policies: number
  accounts: number
  items: Item[]
  exchanges: { granted: number; refused: number; since: string }
}

describe('journey: whom an issuer stands behind', () => {
  let provider: Provider
  let service: Service
  let world: World

  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  const of = async (name = 'ci') =>
    (await must(world.api('GET', `/issuers/${name}/dependants`))) as unknown as Dependants

  it('counts policies, accounts and the exchanges of a day, and lists who was used last first', async () => {
    await world.make('/issuers', { name: 'other', issuer: provider.issuer, audiences: ['other'] })
    await world.make('/issuers', { name: 'idle', issuer: 'https://idle.example', jwks: provider.publicJwks() })
    const runner = await world.external('runner', 'job-2')
    const policies = `${world.accounts}/runner/trust-policies`
    await world.make(policies, { issuer: 'ci', subject: 'job-3' })
    await world.make(policies, { issuer: 'other', subject: 'job-4' })
    await must(world.api('PATCH', `${world.accounts}/runner`, { enabled: false }))

    const foreign = await createWorld(service, provider, { org: 'globex' })
    await foreign.granted(foreign.token())
    const begun = Date.now()
    for (const sub of ['job-1', 'job-1', 'job-2', 'nobody']) await world.exchange(world.token({ sub }))
    await world.exchange(world.token({ exp: 1 }))
    await world.withKey(world.apiKey)

    const used = async () => (await of()).items[0]?.last_used_at != null
    await until(used, 10_000)
    const found = await of()
    expect([found.policies, found.accounts]).to.deep.equal([3, 2])
    const [trainer, second] = found.items
    expect(trainer).to.include({ id: world.account.id, name: 'trainer', team: 'ml', enabled: true, policies: 1 })
    expect(Date.parse(trainer?.last_used_at ?? '')).to.be.within(begun - 3_600_000, Date.now())
    expect(second).to.deep.equal({
      id: runner.id,
      name: 'runner',
      team: 'ml',
      enabled: false,
      policies: 2,
      last_used_at: null,
    })
    expect(found.exchanges).to.deep.include({ granted: 2, refused: 3 })
    expect(Date.parse(found.exchanges.since)).to.be.within(begun - 86_460_000, Date.now() - 86_400_000)

    expect(await of('other')).to.deep.include({ policies: 1, accounts: 1 })
    const { exchanges, ...none } = await of('idle')
    expect(none).to.deep.equal({ policies: 0, accounts: 0, items: [] })
    expect(exchanges).to.deep.include({ granted: 0, refused: 0 })
  })
})
