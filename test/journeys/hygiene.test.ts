/** What should be looked after: each kind found where it is, nowhere else, and of one's own teams alone. */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { itEmbedded } from '../support/embedded.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { until } from '../support/stopwatch.ts'
import { createWorld, must, type Named, type World } from '../support/world.ts'

type Concern = {
  kind: string
  severity: string
  service_account: (Named & { team: string | null }) | null
  user: Named | null
  key: (Named & { hint: string }) | null
  policy: Named | null
  since: string | null
  findings?: { severity: string }[]
}
const day = 86_400_000

describe('journey: hygiene', () => {
  let provider: Provider
  let service: Service
  let world: World
  /** Of an admin of the team sweep alone. */
  let teamAdmin: string

  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    await world.make('/teams', { name: 'sweep' })
    await world.make('/users', { username: 'sam', email: 'sam@acme.example', role: 'member' })
    teamAdmin = String((await world.make('/users/sam/keys', { expires_at: inDays(100) })).secret)
    await must(world.api('PUT', '/teams/sweep/members/sam', { role: 'admin' }))
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  const inDays = (days: number) => new Date(Date.now() + days * day).toISOString()
  /** What was looked through is kept for a moment, which is longer the longer it took. */
  const settled = () => new Promise((resolve) => setTimeout(resolve, 1_000))
  const ask = async (query = '', secret = world.adminKey) => {
    const { body } = await call(service, 'GET', `${world.path}/hygiene?${query}`, { secret })
    return body as { items: Concern[]; counts: Record<string, number>; next_cursor: string | null }
  }
  /** The accounts or users with a concern of that kind, once it has come to that. */
  const named = async (kind: string, secret = world.adminKey) =>
    (await ask(`kind=${kind}`, secret)).items.map((one) => one.service_account?.name ?? one.user?.name)

  it('keys that never end, of accounts and of people; and not those that do', async () => {
    await world.make(world.accounts, { name: 'bounded', method: 'api_key' })
    const at = `${world.accounts}/bounded/keys`
    await world.make(at, { name: 'far', expires_at: inDays(100) })
    await must(world.api('DELETE', `${at}/first`))
    await until(async () => (await named('never_expires')).length === 2)
    const { items } = await ask('kind=never_expires')
    expect(items.map((one) => [one.service_account?.name, one.user?.name, one.key?.name, one.severity])).to.deep.equal([
      ['robot', undefined, 'first', 'info'],
      [undefined, 'acme-root', 'first', 'info'],
    ])
    expect(items[0]?.service_account?.team).to.equal('ml')
  })

  it('keys that end soon, unless they were made to live for as little, or were rotated', async () => {
    const at = `${world.accounts}/bounded/keys`
    await world.make(at, { name: 'brief', expires_at: inDays(7) })
    await must(world.api('POST', `${at}/far/rotate`, { overlap_seconds: 3_600 }))
    expect(await named('expires_soon')).to.deep.equal([])
  })

  it('weak policies, with what lint has against them; and not once they are drafts', async () => {
    await world.make('/issuers', { name: 'github', issuer: 'https://token.actions.githubusercontent.com' })
    const trust = { name: 'weak', issuer: 'github', subject: 'repo:acme/*', match: 'glob' }
    const reason = { override_reason: 'because this is a test of hygiene' }
    await world.make('/teams/sweep/service-accounts', { name: 'weak', method: 'federated', trust, ...reason })
    await until(async () => (await named('weak_policy')).includes('weak'))
    const { items, counts } = await ask('kind=weak_policy')
    expect(items[0]?.policy?.name).to.equal('weak')
    expect(items[0]?.findings?.map(({ severity }) => severity)).to.include(items[0]?.severity)
    expect(counts.weak_policy).to.equal(items.length)
    expect(await named('weak_policy', teamAdmin)).to.deep.equal(['weak'])
    await must(world.api('PATCH', '/teams/sweep/service-accounts/weak/trust-policies/weak', { state: 'draft' }))
    await until(async () => !(await named('weak_policy')).includes('weak'))
  })

  it('a key that is used where another account of the team gets its tokens by federation', async () => {
    await must(world.withKey(world.apiKey))
    await settled()
    expect(await named('key_although_federated')).to.deep.equal([])
    await world.granted(await world.token())
    await until(async () => (await named('key_although_federated')).length === 1)
    expect(await named('key_although_federated')).to.deep.equal(['robot'])
    expect(await named('key_although_federated', teamAdmin)).to.deep.equal([])
  })

  it('a team admin is shown what is of their teams, and nobody else anything', async () => {
    const { items, counts } = await ask('', teamAdmin)
    expect(items).to.deep.equal([])
    expect(Object.values(counts).every((count) => count === 0)).to.equal(true)
    expect((await call(service, 'GET', `${world.path}/hygiene`, { secret: world.apiKey })).status).to.equal(403)
  })

  it('page by page, the same as at once', async () => {
    await settled()
    const all = await ask('limit=200')
    expect(Object.values(all.counts).reduce((sum, count) => sum + count)).to.equal(all.items.length)
    const paged: Concern[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await ask(`limit=1&cursor=${cursor}`)
      paged.push(...page.items)
      cursor = page.next_cursor
    }
    expect(paged).to.deep.equal(all.items)
  })

  // Time is turned back in the database.
  itEmbedded('accounts and people’s keys that were never used, or not for long, unless they are disabled', async () => {
    for (const name of ['fresh', 'unused', 'idle', 'off'])
      await world.make('/teams/sweep/service-accounts', { name, method: 'api_key' })
    await must(world.api('PATCH', '/teams/sweep/service-accounts/off', { enabled: false }))
    const database = new DatabaseSync(join(service.dataDir, 'countersign.db'))
    const set = (table: string, column: string, days: number, name: string) =>
      database.prepare(`update ${table} set ${column} = ? where name = ?`).run(Date.now() - days * day, name)
    for (const name of ['unused', 'off', 'weak']) set('service_accounts', 'created_at', 31, name)
    set('service_accounts', 'last_used_at', 91, 'idle')
    database.prepare("update api_keys set created_at = ? where name = 'brief'").run(Date.now() - 90 * day)
    await until(async () => (await named('idle')).length === 1 && (await named('expires_soon')).length === 1)
    expect(await named('idle')).to.deep.equal(['idle'])
    // Of an External account nothing is known from before uses were noted.
    expect(await named('never_used')).to.deep.equal(['unused'])
    expect(await named('expires_soon')).to.deep.equal(['bounded'])
    expect(await named('never_used', teamAdmin)).to.deep.equal(['unused'])
    database.prepare("update installation_values set value = '1' where name = 'activity_since'").run()
    database.close()
    await until(async () => (await named('never_used')).length === 2)
    expect(await named('never_used')).to.have.members(['unused', 'weak'])
  })
})
