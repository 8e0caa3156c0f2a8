/** A draft is judged and recorded beside the live policies, and never grants. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Answer, type Service, startService } from '../support/server.ts'
import { claimsIn, createWorld, must, type World } from '../support/world.ts'

type Would = { policy: string; service_account: string }

describe('journey: drafts', () => {
  let provider: Provider
  let people: Provider
  let service: Service
  let world: World
  const policies = (account = 'trainer') => `/teams/ml/service-accounts/${account}/trust-policies`
  const draft = (subject: string, more: object = {}, account = 'trainer') =>
    world.make(policies(account), { issuer: 'ci', subject, state: 'draft', ...more })
  const wouldHave = async ({ body, headers }: Answer): Promise<Would[] | undefined> => {
    const [event] = await world.auditOf(body.request_id ?? headers.get('x-request-id'))
    return event?.detail.would_have_granted as Would[] | undefined
  }
  const exchange = (sub: string, extra: Record<string, string> = {}) => world.exchange(world.token({ sub }), extra)
  const reasonOf = ({ status, body }: Answer) => (status === 200 ? 'granted' : body.reason)

  before(async () => {
    provider = await startProvider()
    people = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    await world.make('/issuers', { name: 'sso', issuer: people.issuer, users: true, user_claim: 'email' })
    await world.make('/users', { username: 'ann', email: 'ann@acme.example' })
    await world.make(world.accounts, { name: 'other', method: 'federated' })
  })
  after(async () => {
    await service?.close()
    await people?.close()
    await provider?.close()
  })

  it('by itself grants nothing; that it would have is on record, and the caller is told nothing of it', async () => {
    const { id } = await draft('alone')
    const answer = await exchange('alone')
    expect(reasonOf(answer)).to.equal('no_account_matches')
    expect(JSON.stringify(answer.body)).to.not.match(/draft|tp_|trainer/)
    expect(await wouldHave(answer)).to.deep.equal([{ policy: id, service_account: 'ml/trainer' }])
  })

  it('nor when its account is asked for, by name or by id', async () => {
    for (const service_account of ['ml/trainer', world.account.id]) {
      const answer = await exchange('alone', { service_account })
      expect(reasonOf(answer)).to.equal('no_account_matches')
      expect(await wouldHave(answer)).to.have.length(1)
    }
    const other = await exchange('alone', { service_account: 'ml/other' })
    expect(reasonOf(other)).to.equal('no_account_matches')
    expect(await wouldHave(other)).to.equal(undefined)
  })

  it('beside a live one of another account it makes nothing ambiguous, and is on record with what was granted', async () => {
    const { id } = await draft('job-1', {}, 'other')
    const answer = await exchange('job-1')
    expect(claimsIn(answer.body.access_token)).to.include({ name: 'trainer' })
    expect(await wouldHave(answer)).to.deep.equal([{ policy: id, service_account: 'ml/other' }])
    // Asked for the draft's account: the live one is not meant.
    expect(reasonOf(await exchange('job-1', { service_account: 'ml/other' }))).to.equal('no_account_matches')
    await must(world.api('DELETE', `${policies('other')}/${id}`))
    expect(await wouldHave(await exchange('job-1'))).to.equal(undefined)
  })

  it('two of two accounts are no ambiguity either: both are on record, none grants', async () => {
    await draft('both')
    await draft('bo*', { match: 'glob' }, 'other')
    const answer = await exchange('both')
    expect(reasonOf(answer)).to.equal('no_account_matches')
    const accounts = (await wouldHave(answer))?.map(({ service_account }) => service_account)
    expect(accounts?.sort()).to.deep.equal(['ml/other', 'ml/trainer'])
  })

  it('is judged by all that it asks: one that misses is not on record', async () => {
    const conditions = [{ claim: 'branch', op: 'equals', value: 'main' }]
    await draft('strict', { conditions })
    await draft('strict', { cel: "claims.branch == 'main'" })
    const ask = (branch: string) => world.exchange(world.token({ sub: 'strict', branch }))
    expect(await wouldHave(await ask('main'))).to.have.length(2)
    expect(await wouldHave(await ask('other'))).to.equal(undefined)
  })

  it('keeps no person from being who they are', async () => {
    const { id } = await world.make(policies(), { issuer: 'sso', subject: 'x-17', state: 'draft' })
    const token = people.token({ aud: world.audience, sub: 'x-17', email: 'ann@acme.example', email_verified: true })
    const answer = await world.exchange(token)
    expect(claimsIn(answer.body.access_token)).to.include({ principal: 'user', name: 'ann' })
    expect(await wouldHave(answer)).to.deep.equal([{ policy: id, service_account: 'ml/trainer' }])
  })

  it('of a disabled account would have granted nothing, until that is enabled', async () => {
    await world.make(world.accounts, { name: 'idle', method: 'federated' })
    await draft('idling', {}, 'idle')
    await must(world.api('PATCH', `${world.accounts}/idle`, { enabled: false }))
    expect(await wouldHave(await exchange('idling'))).to.equal(undefined)
    await must(world.api('PATCH', `${world.accounts}/idle`, { enabled: true }))
    expect(await wouldHave(await exchange('idling'))).to.have.length(1)
  })

  it('promoted it grants at once; demoted it ends its tokens at once, and grants no more', async () => {
    const { id } = await draft('step')
    const at = `${policies()}/${id}`
    expect(reasonOf(await exchange('step'))).to.equal('no_account_matches')
    await must(world.api('PATCH', at, { state: 'live' }))
    const answer = await exchange('step')
    expect(reasonOf(answer)).to.equal('granted')
    expect(await wouldHave(answer)).to.equal(undefined)
    const token = String(answer.body.access_token)
    const own = await world.granted(world.token())
    const active = async (of: string) => (await must(world.introspect(of))).active
    expect([await active(token), await active(own)]).to.deep.equal([true, true])
    await must(world.api('PATCH', at, { state: 'draft' }))
    expect([await active(token), await active(own)]).to.deep.equal([false, true])
    expect(reasonOf(await exchange('step'))).to.equal('no_account_matches')
    // Promoted again, what was ended stays ended.
    await must(world.api('PATCH', at, { state: 'live' }))
    expect(await active(token)).to.equal(false)
    expect(reasonOf(await exchange('step'))).to.equal('granted')
  })

  it('burns no token that may be used once', async () => {
    await must(world.api('PATCH', '/issuers/ci', { single_use: true }))
    const { id } = await draft('once')
    const token = world.token({ sub: 'once', jti: 'once-1' })
    expect(reasonOf(await world.exchange(token))).to.equal('no_account_matches')
    await must(world.api('PATCH', `${policies()}/${id}`, { state: 'live' }))
    expect(reasonOf(await world.exchange(token))).to.equal('granted')
    await must(world.api('PATCH', '/issuers/ci', { single_use: false }))
  })

  it('a record names at most twenty drafts', async () => {
    for (let i = 0; i < 22; i++) await draft('many', { name: `many-${i}` })
    expect(await wouldHave(await exchange('many'))).to.have.length(20)
  })

  it('of another team stands in the event of a team by its id alone', async () => {
    await world.make('/teams', { name: 'next' })
    await world.make('/teams/next/service-accounts', { name: 'robot', method: 'federated' })
    await world.external('of-two', 'job-of-two')
    const body = { issuer: 'ci', subject: 'job-of-two', state: 'draft' }
    const { id } = await world.make('/teams/next/service-accounts/robot/trust-policies', body)
    expect(await wouldHave(await exchange('job-of-two'))).to.deep.equal([{ policy: id }])
  })
})
