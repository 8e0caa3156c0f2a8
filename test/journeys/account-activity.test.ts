/** When accounts were used last, and what keys they have: alone and in lists, whose questions do not grow with them. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { until } from '../support/stopwatch.ts'
import { createWorld, must, type World } from '../support/world.ts'

type Shown = { id: string; name: string; last_used_at: string | null; keys: Record<string, unknown> | null }

describe('journey: what is done with accounts', () => {
  let provider: Provider
  let service: Service
  let world: World

  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  const read = async (name: string) =>
    (await must(world.api('GET', `${name.startsWith('sa_') ? '/service-accounts' : world.accounts}/${name}`))) as Shown
  const listed = async (below: string) => (await must(world.api('GET', below))).items as Shown[]
  /** It is told behind the back of whoever uses it. */
  async function usedOf(name: string): Promise<number> {
    let used: string | null = null
    await until(async () => {
      used = (await read(name)).last_used_at
      return used !== null
    })
    return Date.parse(String(used))
  }

  it('an External account was used when a token was granted, and not when one was refused', async () => {
    expect(await read('trainer')).to.include({ last_used_at: null, keys: null })
    const before = Date.now()
    expect((await world.exchange(await world.token({ sub: 'somebody-else' }))).status).to.equal(400)
    await world.external('refused', 'job-refused', { access: 'read' })
    const refused = await world.exchange(await world.token({ sub: 'job-refused' }), { scope: 'projects:write' })
    expect(refused.body.reason).to.equal('scope_not_allowed')
    await world.granted(await world.token())
    const used = await usedOf('trainer')
    expect(used).to.be.within(before, Date.now())
    expect((await read('refused')).last_used_at).to.equal(null)
  })

  it('a Built-in account when a key of it was, by an exchange or as it is, and still when that key is gone', async () => {
    const { api_key } = await world.make(world.accounts, { name: 'by-exchange', method: 'api_key' })
    await must(world.withKey(String(api_key)))
    await usedOf('by-exchange')
    const direct = await world.make('/service-accounts', { name: 'direct', default_team: 'ml' })
    await must(call(service, 'GET', '/api/v1/me', { secret: String(direct.api_key) }))
    const id = String(direct.id)
    const used = await usedOf(id)
    await must(world.api('DELETE', `/service-accounts/${id}/keys/first`))
    expect(Date.parse((await read(id)).last_used_at ?? '')).to.equal(used)
    expect((await read(id)).keys).to.deep.equal({ active: 0, next_expiry: null, never_expire: 0 })
  })

  it('counts the keys that live, says when the next one ends, and how many never do', async () => {
    await world.make(world.accounts, { name: 'keyed', method: 'api_key' })
    const at = `${world.accounts}/keyed`
    expect((await read('keyed')).keys).to.deep.equal({ active: 1, next_expiry: null, never_expire: 1 })
    const soon = new Date(Date.now() + 86_400_000).toISOString()
    await world.make(`${at}/keys`, { name: 'later', expires_at: new Date(Date.now() + 2 * 86_400_000).toISOString() })
    await world.make(`${at}/keys`, { name: 'soon', expires_at: soon })
    await must(world.api('POST', `${at}/keys/first/rotate`, {}))
    expect((await listed(`${at}/keys`)).length).to.equal(4)
    expect((await read('keyed')).keys).to.deep.equal({ active: 3, next_expiry: soon, never_expire: 1 })
  })

  it('says the same in the lists of the team and of the organization, in a page of many, and where one is changed', async () => {
    for (const below of [world.accounts, '/service-accounts?team=ml', '/service-accounts?limit=200']) {
      const rows = await listed(below)
      for (const row of rows) {
        const { last_used_at, keys } = await read(row.id)
        expect({ last_used_at, keys }, `${row.name} in ${below}`).to.deep.equal({
          last_used_at: row.last_used_at,
          keys: row.keys,
        })
      }
      expect(rows.filter(({ last_used_at }) => last_used_at !== null).map(({ name }) => name)).to.include('trainer')
      expect(rows.find(({ name }) => name === 'keyed')?.keys).to.include({ active: 3 })
    }
    const changed = await must(world.api('PATCH', `${world.accounts}/keyed`, { description: 'Changed' }))
    expect(changed.keys).to.include({ active: 3 })
    const made = await world.make(world.accounts, { name: 'made', method: 'api_key' })
    expect(made).to.deep.include({ last_used_at: null, keys: { active: 1, next_expiry: null, never_expire: 1 } })
  })

  it('using an account is no change of it', async () => {
    const before = await world.api('GET', `${world.accounts}/trainer`)
    await world.granted(await world.token())
    const after = await world.api('GET', `${world.accounts}/trainer`)
    expect(after.headers.get('etag')).to.equal(before.headers.get('etag'))
  })
})
