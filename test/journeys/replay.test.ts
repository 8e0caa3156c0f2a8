/** A policy is tried on the exchanges that are on record: who would gain, who would lose. Nothing is changed by it. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

type Group = {
  subject: string
  service_account: string | null
  between?: string[]
  claims?: string[]
  count: number
  first_at: string
  last_at: string
  request_id: string
}
type Replay = {
  judged_as: string
  exchanges: number
  truncated: boolean
  sight: string
  counts: Record<'gain' | 'lose' | 'ambiguous' | 'unknown', number> & {
    unchanged: { granted: number; refused: number }
  }
  gain: Group[]
  lose: Group[]
  ambiguous: Group[]
  unknown: Group[]
  more: boolean
  notes: string[]
}
const nothing = { gain: 0, lose: 0, ambiguous: 0, unknown: 0 }

describe('journey: replaying a policy', () => {
  let provider: Provider
  let people: Provider
  let service: Service
  let world: World
  const policies = (account = 'trainer') => `/teams/ml/service-accounts/${account}/trust-policies`
  const replay = async (below: string, body: object, secret?: string) => {
    const path = `${world.path}${below}/replay`
    return (await must(
      call(service, 'POST', path, { secret: secret ?? world.adminKey, json: body }),
    )) as unknown as Replay
  }
  const tried = (subject: string, more: object = {}) => replay(policies(), { issuer: 'ci', subject, ...more })
  const brief = (groups: Group[]) =>
    groups.map(({ subject, service_account, count }) => [subject, service_account, count])

  before(async () => {
    provider = await startProvider()
    people = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    await world.make('/issuers', { name: 'sso', issuer: people.issuer, users: true, user_claim: 'email' })
    for (let i = 0; i < 3; i++) await world.granted(world.token())
    for (const claims of [
      { sub: 'repo:acme/app:main', repository_id: '1', jti: 'a' },
      { sub: 'repo:acme/app:main', repository_id: '1', jti: 'b' },
      { sub: 'repo:acme/app:main', repository_id: '2' },
      { sub: 'repo:acme/lib:main', repository_id: '3', session_name: 'x', topics: ['ml', `${'x'.repeat(600)}`] },
    ])
      expect((await world.exchange(world.token(claims))).body.reason).to.equal('no_account_matches')
  })
  after(async () => {
    await service?.close()
    await people?.close()
    await provider?.close()
  })

  it('says who would gain by a new policy, with how often, when and by which request', async () => {
    const refused = await world.exchange(world.token({ sub: 'repo:acme/app:main', repository_id: '1' }))
    const done = await tried('repo:acme/app:main', {
      conditions: [{ claim: 'repository_id', op: 'equals', value: '1' }],
    })
    expect(done).to.deep.include({ judged_as: 'live', exchanges: 8, truncated: false, sight: 'organization' })
    expect(done.counts).to.deep.equal({ ...nothing, gain: 3, unchanged: { granted: 3, refused: 2 } })
    expect(brief(done.gain)).to.deep.equal([['repo:acme/app:main', 'ml/trainer', 3]])
    const [group] = done.gain as [Group]
    expect(group.request_id).to.equal(refused.body.request_id)
    expect(Date.parse(group.first_at)).to.be.lessThan(Date.parse(group.last_at))
  })

  it('changes nothing: neither a policy nor an answer, and whoever only looks may ask', async () => {
    const key = String((await must(world.withKey(world.adminKey))).access_token)
    const narrow = await must(
      world.post({ grant_type: 'client_credentials', client_secret: world.adminKey, scope: 'projects:read' }),
    )
    const before = await must(world.api('GET', policies()))
    for (const secret of [key, String(narrow.access_token)])
      await replay(policies(), { issuer: 'ci', subject: 'repo:*', match: 'glob' }, secret)
    expect(await must(world.api('GET', policies()))).to.deep.equal(before)
    expect((await world.exchange(world.token({ sub: 'repo:acme/app:main' }))).body.reason).to.equal(
      'no_account_matches',
    )
  })

  it('a policy that is wide says so by whom it would let in', async () => {
    const done = await tried('repo:*', { match: 'glob' })
    expect(done.gain.map(({ subject }) => subject)).to.deep.equal(['repo:acme/app:main', 'repo:acme/lib:main'])
    expect(done.lose).to.deep.equal([])
  })

  it('who would lose by a change, and by a removal; that a policy with another beside it is missed by nobody', async () => {
    const { id } = (world.account.trust as { id: string }) ?? {}
    const at = `${policies()}/${id}`
    const changed = await replay(at, { conditions: [{ claim: 'branch', op: 'equals', value: 'main' }] })
    expect(brief(changed.lose)).to.deep.equal([['job-1', 'ml/trainer', 3]])
    expect(changed.counts).to.deep.include({ gain: 0, lose: 3 })
    const removed = await replay(at, { delete: true })
    expect(removed.judged_as).to.equal('deleted')
    expect(brief(removed.lose)).to.deep.equal([['job-1', 'ml/trainer', 3]])
    const renamed = await replay(at, { name: 'other' })
    expect(renamed.counts).to.deep.include(nothing)
    const second = await world.make(policies(), { issuer: 'ci', subject: 'job-*', match: 'glob' })
    expect((await replay(at, { delete: true })).counts).to.deep.include(nothing)
    await must(world.api('DELETE', `${policies()}/${second.id}`))
  })

  it('a change of the subject gives to one and takes from the other; demoting takes', async () => {
    const { id } = world.account.trust as { id: string }
    const moved = await replay(`${policies()}/${id}`, { subject: 'repo:acme/lib:main' })
    expect(brief(moved.lose)).to.deep.equal([['job-1', 'ml/trainer', 3]])
    expect(brief(moved.gain)).to.deep.equal([['repo:acme/lib:main', 'ml/trainer', 1]])
    const demoted = await replay(`${policies()}/${id}`, { state: 'draft' })
    expect(demoted.judged_as).to.equal('draft')
    expect(demoted.counts.lose).to.equal(3)
  })

  it('who becomes ambiguous, between which accounts; whoever names one does not', async () => {
    await world.make(world.accounts, { name: 'second', method: 'federated' })
    const asked = await world.granted(world.token(), { service_account: 'ml/trainer' })
    expect(asked).to.not.equal('')
    const done = await replay(policies('second'), { issuer: 'ci', subject: 'job-1' })
    expect(done.counts).to.deep.include({ gain: 0, lose: 0, ambiguous: 3 })
    expect(done.ambiguous[0]).to.deep.include({
      subject: 'job-1',
      service_account: 'ml/trainer',
      between: ['ml/second', 'ml/trainer'],
    })
    expect(done.counts.unchanged.granted).to.equal(1)
  })

  it('whoever asked for another account gains nothing', async () => {
    await world.exchange(world.token({ sub: 'job-asked' }), { service_account: 'ml/second' })
    expect((await tried('job-asked')).counts.gain).to.equal(0)
    const done = await replay(policies('second'), { issuer: 'ci', subject: 'job-asked' })
    expect(brief(done.gain)).to.deep.equal([['job-asked', 'ml/second', 1]])
  })

  it('a claim that was redacted or cut is never guessed at: what hangs on it is unknown, and it is named', async () => {
    const on = (claim: string, value: unknown, op = 'equals') =>
      tried('repo:acme/lib:main', { conditions: [{ claim, op, value }] })
    const redacted = await on('session_name', 'x')
    expect(redacted.counts).to.deep.include({ ...nothing, unknown: 1 })
    expect(redacted.unknown[0]).to.deep.include({ subject: 'repo:acme/lib:main', claims: ['session_name'], count: 1 })
    // Neither does what stands there instead.
    expect((await on('session_name', '[redacted]')).counts).to.deep.include({ ...nothing, unknown: 1 })
    expect((await on('topics', 'x'.repeat(600))).counts.unknown).to.equal(1)
    // What was kept of a list is enough when it holds.
    expect((await on('topics', 'ml')).counts).to.deep.include({ ...nothing, gain: 1 })
    // What does not hang on it is known.
    expect((await on('repository_id', '3')).counts).to.deep.include({ ...nothing, gain: 1 })
    const never = await tried('repo:acme/lib:main', {
      conditions: [
        { claim: 'session_name', op: 'equals', value: 'x' },
        { claim: 'repository_id', op: 'equals', value: '4' },
      ],
    })
    expect(never.counts).to.deep.include(nothing)
  })

  it('an expression is asked for the time of the exchange; of what was not kept only when it reads it', async () => {
    const cel = (source: string) => tried('repo:acme/lib:main', { cel: source })
    expect((await cel("claims.repository_id == '3' && header.alg == 'RS256'")).counts.gain).to.equal(1)
    expect((await cel("claims.session_name == 'x'")).unknown[0]?.claims).to.deep.equal(['session_name'])
    expect((await cel("claims.repository_id == '9'")).counts).to.deep.include(nothing)
  })

  it('a draft is replayed as what it is to become', async () => {
    const draft = await world.make(policies(), { issuer: 'ci', subject: 'repo:acme/app:main', state: 'draft' })
    const done = await replay(`${policies()}/${draft.id}`, {})
    expect(done.judged_as).to.equal('live')
    expect(done.gain[0]).to.deep.include({ subject: 'repo:acme/app:main', service_account: 'ml/trainer' })
    expect((await replay(`${policies()}/${draft.id}`, { state: 'draft' })).counts).to.deep.include(nothing)
    await must(world.api('DELETE', `${policies()}/${draft.id}`))
  })

  it('only tokens that were proven count, and those of this issuer', async () => {
    const before = await tried('forged')
    const forged = world.token({ sub: 'forged' })
    const bad = `${forged.slice(0, -8)}AAAAAAAA`
    expect((await world.exchange(bad)).body.reason).to.equal('signature_invalid')
    const old = world.token({ sub: 'forged', iat: 1_000, exp: 2_000 })
    expect((await world.exchange(old)).body.reason).to.equal('token_expired')
    await world.withKey(world.apiKey)
    const after = await tried('forged')
    expect(after.counts).to.deep.equal(before.counts)
    expect(after.exchanges).to.equal(before.exchanges)
    const other = await replay(policies(), { issuer: 'sso', subject: 'job-1' })
    expect(other.exchanges).to.equal(0)
  })

  it('a person who is somebody by their issuer loses that to an account that takes them', async () => {
    await world.make('/users', { username: 'ann', email: 'ann@acme.example' })
    const token = people.token({ aud: world.audience, sub: 'x-1', email: 'ann@acme.example', email_verified: true })
    await world.granted(token)
    const done = await replay(policies(), { issuer: 'sso', subject: 'x-1' })
    expect(brief(done.lose)).to.deep.equal([['x-1', 'ann', 1]])
    expect(brief(done.gain)).to.deep.equal([['x-1', 'ml/trainer', 1]])
  })

  it('what was refused behind the match counts too', async () => {
    const answer = await world.exchange(world.token(), { resource: 'https://nobody.example' })
    expect(answer.body.reason).to.equal('target_unknown')
    const { id } = world.account.trust as { id: string }
    expect((await replay(`${policies()}/${id}`, { delete: true })).counts.lose).to.equal(5)
  })

  it('a disabled account gains nobody', async () => {
    await must(world.api('PATCH', `${world.accounts}/second`, { enabled: false }))
    expect((await replay(policies('second'), { issuer: 'ci', subject: 'repo:acme/app:main' })).counts.gain).to.equal(0)
    await must(world.api('PATCH', `${world.accounts}/second`, { enabled: true }))
  })

  it('refuses what could not be saved either, and days beyond its reach', async () => {
    const status = async (below: string, json: object) => (await world.api('POST', `${below}/replay`, json)).status
    const { id } = world.account.trust as { id: string }
    expect(await status(policies(), { issuer: 'nobody', subject: 'x' })).to.equal(422)
    expect(await status(policies(), { issuer: 'ci', subject: 'x', days: 91 })).to.equal(422)
    expect(await status(policies(), { issuer: 'ci', subject: 'x', days: 0 })).to.equal(422)
    expect(await status(policies(), { issuer: 'ci', subject: 'x', cel: '1 +' })).to.equal(422)
    expect(await status(policies(), { issuer: 'ci', subject: 'x', unknown: 1 })).to.equal(422)
    expect(await status(`${policies()}/${id}`, { delete: true, subject: 'x' })).to.equal(422)
    expect(await status(`${policies()}/nobody`, {})).to.equal(404)
    expect(await status(policies('robot'), { issuer: 'ci', subject: 'x' })).to.equal(422)
  })

  it('a team admin is told of the exchanges of their teams alone, and of no account of another', async () => {
    await world.make('/teams', { name: 'ops' })
    await world.make('/users', { username: 'tia', email: 'tia@acme.example' })
    await must(world.api('PUT', '/teams/ml/members/tia', { role: 'admin' }))
    const key = String((await world.make('/users/tia/keys', {})).secret)
    const trust = { issuer: 'ci', subject: 'job-ops' }
    await world.make('/teams/ops/service-accounts', { name: 'pump', method: 'federated', trust })
    await world.granted(world.token({ sub: 'job-ops' }))
    const whole = await tried('job-*', { match: 'glob' })
    expect(whole.ambiguous).to.deep.include.members([whole.ambiguous.find(({ subject }) => subject === 'job-ops')])
    const seen = await replay(policies(), { issuer: 'ci', subject: 'job-*', match: 'glob' }, key)
    expect(seen.sight).to.equal('teams')
    expect(JSON.stringify(seen)).to.not.match(/ops|pump/)
    expect(seen.notes.join(' ')).to.contain('Only exchanges that you may read')
    expect(seen.exchanges).to.be.greaterThan(0).and.lessThan(whole.exchanges)
    // Whom one of theirs would become at another team: that much, and no name.
    await world.make('/teams/ops/service-accounts/pump/trust-policies', { issuer: 'ci', subject: 'job-1' })
    const { id } = world.account.trust as { id: string }
    const without = await replay(`${policies()}/${id}`, { delete: true }, key)
    expect(without.gain[0]).to.deep.include({ subject: 'job-1', service_account: null })
    expect(JSON.stringify(without)).to.not.match(/ops|pump/)
    const other = await call(service, 'POST', `${world.path}/teams/ops/service-accounts/pump/trust-policies/replay`, {
      secret: key,
      json: trust,
    })
    expect(other.status).to.equal(403)
  })
})
