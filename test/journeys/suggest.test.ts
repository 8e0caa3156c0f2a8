/** From a refusal, by its request id, to the narrowest policy that would have granted it. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Answer, call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

type Claims = Record<string, unknown>
type Suggestion = {
  policy: { issuer: string; subject: string; match: string; conditions: object[] }
  findings: { severity: string; rule: string }[]
  notes: string[]
  replay?: { counts: Record<string, unknown> }
}

const equals = (claim: string, value: unknown) => ({ claim, op: 'equals', value })

describe('journey: a policy from a refusal', () => {
  let provider: Provider
  let github: Provider
  let service: Service
  let world: World
  const policies = (account = 'trainer') => `/teams/ml/service-accounts/${account}/trust-policies`
  const ask = (json: object, { account = 'trainer', secret }: { account?: string; secret?: string } = {}) =>
    call(service, 'POST', `${world.path}${policies(account)}/suggest`, { secret: secret ?? world.adminKey, json })
  const refusedBy = async (from: Provider, claims: Claims, extra: Record<string, string> = {}): Promise<string> => {
    const token = from.token({ aud: world.audience, ...claims })
    const { body } = await world.exchange(token, extra)
    expect(body.reason).to.equal('no_account_matches')
    return String(body.request_id)
  }
  const suggested = async (request_id: string, more: object = {}) =>
    (await must(ask({ request_id, ...more }))) as unknown as Suggestion
  const expectNothing = ({ status, body }: Answer, why: RegExp) => {
    expect([status, body.reason]).to.deep.equal([422, 'nothing_to_suggest'])
    expect(body.detail).to.match(why)
  }

  before(async () => {
    provider = await startProvider()
    github = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    await world.make('/issuers', { name: 'github', issuer: github.issuer, preset: 'github' })
  })
  after(async () => {
    await service?.close()
    await github?.close()
    await provider?.close()
  })

  const job = {
    sub: 'repo:acme/app:ref:refs/heads/main',
    repository: 'acme/app',
    repository_id: '456789',
    repository_owner: 'acme',
    repository_owner_id: '123456',
    ref: 'refs/heads/main',
    event_name: 'push',
    actor: 'alice',
    actor_id: '42',
    run_id: '1',
    run_number: '7',
    sha: 'b59f3a1c',
    jti: 'one',
  }
  const next = { jti: 'two', run_id: '2', run_number: '8', sha: '0000', actor: 'bob', actor_id: '43' }

  it('is pinned as the preset of the issuer recommends, and saved as it is it grants the next run, and no twin', async () => {
    const { policy, findings } = await suggested(await refusedBy(github, job))
    expect(findings.filter(({ severity }) => severity === 'error')).to.deep.equal([])
    expect(policy).to.deep.equal({
      issuer: 'github',
      subject: job.sub,
      match: 'exact',
      conditions: [
        equals('repository_owner_id', '123456'),
        equals('repository_id', '456789'),
        equals('ref', 'refs/heads/main'),
        { claim: 'event_name', op: 'in', value: ['push', 'workflow_dispatch'] },
      ],
    })
    await world.make(policies(), { name: 'suggested', ...policy })
    const granted = (claims: Claims) => world.exchange(github.token({ aud: world.audience, ...job, ...claims }))
    expect((await granted(next)).status).to.equal(200)
    expect((await granted({ ...next, repository_id: '999' })).body.reason).to.equal('no_account_matches')
    expect((await granted({ ...next, event_name: 'pull_request' })).body.reason).to.equal('no_account_matches')
    await must(world.api('DELETE', `${policies()}/suggested`))
  })

  it('of a provider that nobody knows: the subject, and ids that stay; nothing of the run, of the token or of who started it', async () => {
    const claims = {
      sub: 'pipeline/train',
      tenant_id: 't-1',
      workspaceUuid: '{9c1f}',
      'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'deployer', uid: 'c0ffee' }, pod: { uid: 'p-1' } },
      project_number: 7,
      ...{
        jti: 'x',
        run_id: '1',
        job_id: '2',
        user_id: '3',
        actor_id: '4',
        commit_id: 'c',
        session_id: 's',
        sha: 'f00',
      },
      iat_id: undefined,
    }
    const { policy, notes } = await suggested(await refusedBy(provider, claims))
    expect(policy).to.deep.equal({
      issuer: 'ci',
      subject: 'pipeline/train',
      match: 'exact',
      conditions: [
        equals('/kubernetes.io/serviceaccount/uid', 'c0ffee'),
        equals('tenant_id', 't-1'),
        equals('workspaceUuid', '{9c1f}'),
      ],
    })
    expect(notes.join(' ')).to.match(/Nothing is known of this provider/)
    await world.make(policies(), { name: 'suggested', ...policy })
    await world.granted(provider.token({ aud: world.audience, ...claims, jti: 'y', run_id: '9', user_id: '8' }))
    await must(world.api('DELETE', `${policies()}/suggested`))
  })

  it('pins what is asked for beside, and says what it cannot', async () => {
    const request = await refusedBy(provider, { sub: 'plain', project_number: 7, actor: 'alice', groups: ['a'] })
    const { policy, notes } = await suggested(request, { claims: ['project_number', 'actor', 'groups', 'none'] })
    expect(policy.conditions).to.deep.equal([equals('project_number', 7), equals('actor', 'alice')])
    expect(notes.filter((note) => note.includes('is not pinned'))).to.have.length(2)
  })

  it('what lint has an error against is said, as a save would say it', async () => {
    const pull = { ...job, event_name: 'pull_request', sub: 'repo:acme/app:pull_request', ref: 'refs/pull/1/merge' }
    const { policy, findings } = await suggested(await refusedBy(github, pull))
    const errors = findings.filter(({ severity }) => severity === 'error')
    expect(errors).to.not.deep.equal([])
    const saved = await world.api('POST', policies(), { name: 'pull', ...policy })
    expect([saved.status, saved.body.reason]).to.deep.equal([422, 'lint_refused'])
  })

  it('never on what was redacted or cut', async () => {
    const request = await refusedBy(provider, { sub: 'kept', secret_id: 's-1', long_id: 'x'.repeat(600), org_id: 'o' })
    const { policy } = await suggested(request, { claims: ['secret_id', 'long_id'] })
    expect(policy.conditions).to.deep.equal([equals('org_id', 'o')])
  })

  it('comes with its replay when that is asked for', async () => {
    await refusedBy(provider, { sub: 'again', org_id: 'o' })
    const { replay } = await suggested(await refusedBy(provider, { sub: 'again', org_id: 'o' }), { days: 1 })
    expect(replay?.counts).to.deep.include({ gain: 2, lose: 0, ambiguous: 0 })
  })

  it('says when a draft of the account would have granted it', async () => {
    await world.make(policies(), { name: 'shy', issuer: 'ci', subject: 'drafted', state: 'draft' })
    const { notes } = await suggested(await refusedBy(provider, { sub: 'drafted' }))
    expect(notes.join(' ')).to.contain('The draft shy would have granted it')
    await must(world.api('DELETE', `${policies()}/shy`))
  })

  it('changes nothing, and whoever only looks may ask', async () => {
    const request = await refusedBy(provider, { sub: 'looked-at' })
    const scope = { grant_type: 'client_credentials', client_secret: world.adminKey, scope: 'projects:read' }
    const narrow = String((await must(world.post(scope))).access_token)
    expect((await ask({ request_id: request }, { secret: narrow })).status).to.equal(200)
    await refusedBy(provider, { sub: 'looked-at' })
  })

  describe('where no policy can be, it says why and what mends it', () => {
    const reasons: [why: string, go: () => Promise<Answer>, says: RegExp][] = [
      ['a token that has expired', () => world.exchange(world.token({ iat: 1_000, exp: 2_000 })), /fetch a fresh one/],
      [
        'a token for further audiences',
        () => world.exchange(world.token({ aud: [world.audience, 'https://x.example'] })),
        /ask its platform/,
      ],
      ['a signature that does not verify', () => world.exchange(`${world.token().slice(0, -8)}AAAAAAAA`), /signature/],
      [
        'a target that nobody has',
        () => world.exchange(world.token(), { resource: 'https://x.example' }),
        /a trust policy granted/,
      ],
      ['an exchange that was granted', () => world.exchange(world.token()), /was granted/],
      [
        'an API key',
        () => {
          const key = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: world.apiKey }
          const type = 'urn:countersign:params:oauth:token-type:api-key'
          return world.post({ ...key, subject_token_type: type, service_account: 'ml/trainer' })
        },
        /API key/,
      ],
    ]
    for (const [why, go, says] of reasons)
      it(why, async () => {
        const answer = await go()
        const id = answer.body.request_id ?? answer.headers.get('x-request-id')
        expectNothing(await ask({ request_id: id }), says)
      })

    it('one that stands for several', async () => {
      await world.external('twin', 'job-1')
      const { body } = await world.exchange(world.token())
      expect(body.reason).to.equal('account_ambiguous')
      expectNothing(await ask({ request_id: body.request_id }), /service_account/)
      await must(world.api('DELETE', `${world.accounts}/twin`))
    })

    it('one that asked for another account, or whose account is disabled', async () => {
      await world.make(world.accounts, { name: 'other', method: 'federated' })
      const request = await refusedBy(provider, { sub: 'asking' }, { service_account: 'ml/other' })
      expectNothing(await ask({ request_id: request }), /ml\/other/)
      expect((await ask({ request_id: request }, { account: 'other' })).status).to.equal(200)
      await must(world.api('PATCH', `${world.accounts}/other`, { enabled: false }))
      expectNothing(await ask({ request_id: request }, { account: 'other' }), /disabled/)
    })

    it('one that would be granted by now, by this account or another', async () => {
      const request = await refusedBy(provider, { sub: 'mended' })
      await world.make(policies(), { name: 'mended', issuer: 'ci', subject: 'mended' })
      expectNothing(await ask({ request_id: request }), /by now a policy of this account/)
      await world.make(world.accounts, { name: 'third', method: 'federated' })
      expectNothing(await ask({ request_id: request }, { account: 'third' }), /as ml\/trainer/)
    })

    it('one whose issuer is disabled, or gone', async () => {
      const request = await refusedBy(github, job)
      await must(world.api('PATCH', '/issuers/github', { enabled: false }))
      expectNothing(await ask({ request_id: request }), /disabled/)
      await must(world.api('DELETE', '/issuers/github'))
      expectNothing(await ask({ request_id: request }), /not registered any more/)
    })
  })

  it('a request id that nobody has, another organization’s, and what the caller may not read are not there', async () => {
    const request = await refusedBy(provider, { sub: 'unseen' })
    const status = async (id: string, secret?: string) =>
      (await ask({ request_id: id }, secret === undefined ? {} : { secret })).status
    expect(await status('req_nobody')).to.equal(404)
    const other = await createWorld(service, provider, { org: 'globex', subject: 'job-9' })
    const theirs = (await other.exchange(other.token({ sub: 'elsewhere' }))).body.request_id
    expect(await status(String(theirs))).to.equal(404)
    // A refusal for want of an account is of no team: an admin of any who was told its request id may mend it.
    await world.make('/users', { username: 'tia', email: 'tia@acme.example' })
    await must(world.api('PUT', '/teams/ml/members/tia', { role: 'admin' }))
    const key = String((await world.make('/users/tia/keys', {})).secret)
    expect(await status(request, key)).to.equal(200)
    expect(await status(request)).to.equal(200)
    const granted = (await world.exchange(world.token())).headers.get('x-request-id')
    expect(await status(String(granted), key)).to.equal(422)
    await world.make('/teams', { name: 'next' })
    const trust = { issuer: 'ci', subject: 'job-of-next' }
    await world.make('/teams/next/service-accounts', { name: 'robot', method: 'federated', trust })
    const ofNext = await world.exchange(world.token({ sub: 'job-of-next' }))
    expect(ofNext.status).to.equal(200)
    expect(await status(String(ofNext.headers.get('x-request-id')), key)).to.equal(404)
  })
})
