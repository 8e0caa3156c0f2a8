/** Why was it refused? What explain answers is what the exchange does, step by step, and it changes nothing. */
import { expect } from 'chai'
import { type ExchangeReason, exchangeReasonNames } from '../../src/server/errors/catalogue.ts'
import type { Explained, ExplainedCandidate } from '../../src/server/exchange/explained.ts'
import { generateKey, type Provider, startProvider } from '../support/identity-provider.ts'
import { type Answer, call, type Service, startService } from '../support/server.ts'
import { askFor, createWorld, must, type World } from '../support/world.ts'

const now = () => Math.floor(Date.now() / 1000)
const steps = ['read', 'issuer', 'signature', 'time', 'match', 'single_use', 'grant']

type Fields = Record<string, unknown>
type Case = { step: string; token: (world: World) => string; ask?: Record<string, string> }

/** What is wrong with the request alone, or an API key, is nothing that a token could explain; outages are told elsewhere. */
const notOfTokens: readonly ExchangeReason[] = [
  'malformed_request',
  'parameter_missing',
  'parameter_repeated',
  'request_too_large',
  'unsupported_media_type',
  'unsupported_grant_type',
  'dpop_proof_invalid',
  'dpop_nonce_required',
  'api_key_invalid',
  'issuer_unavailable',
  'storage_unavailable',
  'rate_limited',
]
const cases: Partial<Record<ExchangeReason, Case>> = {
  token_malformed: { step: 'read', token: () => 'not.a.token' },
  token_too_large: { step: 'read', token: () => 'x'.repeat(16_385) },
  critical_header: { step: 'read', token: (world) => world.token({}, { header: { crit: ['exp'] } }) },
  issuer_missing: { step: 'read', token: (world) => world.token({ iss: undefined }) },
  issuer_not_trusted: { step: 'issuer', token: (world) => world.token({ iss: 'https://stranger.example' }) },
  audience_not_accepted: { step: 'issuer', token: (world) => world.token({ aud: 'https://elsewhere.example' }) },
  algorithm_not_allowed: { step: 'signature', token: (world) => world.token({ aud: 'narrow' }) },
  key_not_found: { step: 'signature', token: (world) => world.token({}, { kid: 'nobody' }) },
  signature_invalid: { step: 'signature', token: (world) => world.token({}, { key: generateKey('RS256').privateKey }) },
  expiry_missing: { step: 'time', token: (world) => world.token({ exp: undefined }) },
  issued_at_missing: { step: 'time', token: (world) => world.token({ iat: undefined }) },
  token_expired: { step: 'time', token: (world) => world.token({ iat: now() - 600, exp: now() - 120 }) },
  token_not_yet_valid: { step: 'time', token: (world) => world.token({ nbf: now() + 120 }) },
  token_issued_in_future: { step: 'time', token: (world) => world.token({ iat: now() + 120, exp: now() + 300 }) },
  token_too_old: { step: 'time', token: (world) => world.token({ iat: now() - 100_000, exp: now() + 60 }) },
  subject_missing: { step: 'match', token: (world) => world.token({ sub: undefined }) },
  no_account_matches: { step: 'match', token: (world) => world.token({ sub: 'nobody' }) },
  account_ambiguous: { step: 'match', token: (world) => world.token({ sub: 'twice' }) },
  token_replayed: { step: 'single_use', token: (world) => world.token({ aud: 'once', jti: 'used-1', sub: 'once' }) },
  target_unknown: { step: 'grant', token: (world) => world.token(), ask: { resource: 'https://nowhere.example' } },
  scope_not_allowed: {
    step: 'grant',
    token: (world) => world.token({ sub: 'reader' }),
    ask: { scope: 'projects:write' },
  },
  dpop_proof_missing: { step: 'grant', token: (world) => world.token({ sub: 'bound' }) },
}

describe('explain', () => {
  let provider: Provider
  let service: Service
  let world: World

  const explain = (json: Fields, secret = world.adminKey, org = 'acme') =>
    call(service, 'POST', `/api/v1/orgs/${org}/explain`, { secret, json })
  const explained = async (json: Fields, secret?: string) => (await must(explain(json, secret))) as unknown as Explained
  const stepOf = ({ steps }: Explained, name: string) => steps.find(({ step }) => step === name)
  const kindsOf = (hints: readonly { kind: string }[] | undefined) => (hints ?? []).map(({ kind }) => kind)
  const candidateOf = ({ candidates }: Explained, account: string) =>
    candidates.find(({ service_account }) => service_account === account) as ExplainedCandidate
  /** Its outcome, the step that failed, and everything around it in order. */
  const expectFailure = (answer: Explained, step: string, reason: string) => {
    const at = steps.indexOf(step)
    expect(
      answer.steps.map(({ step, outcome, reason }) => [step, outcome, reason]),
      JSON.stringify(answer),
    ).to.deep.equal(
      steps.map((name, i) => [name, i < at ? 'ok' : i === at ? 'failed' : 'skipped', i === at ? reason : undefined]),
    )
    expect({ outcome: answer.outcome, reason: answer.reason, grant: answer.grant }).to.deep.equal({
      outcome: 'refused',
      reason,
      grant: undefined,
    })
    expect(answer.candidates.filter(({ outcome }) => outcome === 'granted')).to.deep.equal([])
  }
  const policyOf = (account: string, policy: Fields) =>
    world.external(account, String(policy.subject), {
      trust: { issuer: 'ci', ...policy },
      override_reason: 'wide on purpose, in a test',
    })
  const eventsNow = async () => {
    const { items } = await must(world.api('GET', '/audit-events?limit=1'))
    return (items as { id: string }[])[0]?.id
  }

  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, provider)
    await world.external('twin-a', 'twice')
    await world.external('twin-b', 'twice')
    await world.external('reader', 'reader', { access: 'read' })
    await world.external('bound', 'bound', { dpop_bound_access_tokens: true })
    await world.make('/issuers', { name: 'once', issuer: provider.issuer, audiences: ['once'], single_use: true })
    await world.external('once', 'once', { trust: { issuer: 'once', subject: 'once' } })
    await world.make('/issuers', {
      name: 'narrow',
      issuer: provider.issuer,
      audiences: ['narrow'],
      algorithms: ['ES256'],
    })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  it('knows every reason that a token can be refused for', () => {
    expect([...Object.keys(cases), ...notOfTokens]).to.have.members(exchangeReasonNames)
  })

  for (const [reason, { step, token, ask = {} }] of Object.entries(cases))
    it(`${reason}: at the step ${step}, as the exchange has it, and from its request id`, async () => {
      const assertion = token(world)
      if (reason === 'token_replayed') expect((await world.exchange(assertion)).status).to.equal(200)
      const before = await explained({ assertion, ...ask })
      const exchanged = await world.exchange(assertion, ask)
      expect(exchanged.body.reason).to.equal(reason)
      expectFailure(before, step, reason)
      const found = await world.auditOf(exchanged.body.request_id)
      if (found.length === 0) return
      const recorded = await explained({ request_id: exchanged.body.request_id })
      expect([recorded.outcome, recorded.reason]).to.deep.equal(['refused', reason])
      expect(stepOf(recorded, step)?.outcome).to.equal('failed')
    })

  it('says what would be granted, and claims nothing: the token still buys one access token', async () => {
    const assertion = world.token({ aud: 'once', jti: crypto.randomUUID(), sub: 'once' })
    const last = await eventsNow()
    for (let i = 0; i < 2; i++) {
      const answer = await explained({ assertion })
      expect(answer.outcome).to.equal('granted')
      expect(answer.steps.map(({ outcome }) => outcome)).to.deep.equal(steps.map(() => 'ok'))
      expect(answer.grant).to.deep.equal({
        service_account: 'ml/once',
        scope: 'projects:read projects:write',
        expires_in: 900,
      })
      expect(answer.candidates.map(({ service_account, outcome }) => [service_account, outcome])).to.deep.equal([
        ['ml/once', 'granted'],
      ])
    }
    expect(await eventsNow(), 'nothing is on record').to.equal(last)
    expect((await world.exchange(assertion)).status).to.equal(200)
    expectFailure(await explained({ assertion }), 'single_use', 'token_replayed')
  })

  it('lists every test of every policy of the issuer, and what would have fitted', async () => {
    await policyOf('deployer', {
      name: 'deploy',
      subject: 'repo:acme/app:*',
      match: 'glob',
      conditions: [
        { claim: 'ref', op: 'equals', value: 'refs/heads/main' },
        { claim: 'protected', op: 'equals', value: true },
        { claim: '/kube/namespace', op: 'in', value: ['a', 'b'] },
        { claim: 'environment', op: 'exists', value: true },
      ],
      cel: "claims.ref == 'refs/heads/main'",
    })
    const claims = { sub: 'repo:acme/app:ref:x', ref: 'refs/heads/Main', protected: 'true', kube: { namespace: 'b' } }
    const answer = await explained({ assertion: world.token({ ...claims, enviroment: 'prod' }) })
    expectFailure(answer, 'match', 'no_account_matches')
    const { conditions, ...candidate } = candidateOf(answer, 'ml/deployer')
    expect(candidate).to.deep.include({ team: 'ml', name: 'deploy', state: 'live', outcome: 'refused' })
    expect(
      conditions.map(({ claim, op, expected, received, holds, hints }) => [
        claim,
        op,
        expected,
        received,
        holds,
        kindsOf(hints),
      ]),
    ).to.deep.equal([
      ['sub', 'glob', 'repo:acme/app:*', 'repo:acme/app:ref:x', true, []],
      ['ref', 'equals', 'refs/heads/main', 'refs/heads/Main', false, ['letter_case']],
      ['protected', 'equals', true, 'true', false, ['type_mismatch']],
      ['/kube/namespace', 'in', ['a', 'b'], 'b', true, []],
      ['environment', 'exists', true, null, false, ['missing_claim']],
      ['cel', 'cel', "claims.ref == 'refs/heads/main'", false, false, []],
    ])
    expect(answer.candidates[0]?.conditions[0]?.claim).to.equal('sub')
    expect(stepOf(answer, 'match')?.hints[0]).to.deep.include({ kind: 'nearest' })
    // A token that is refused earlier shows its candidates, and is granted by none.
    const old = await explained({ assertion: world.token({ iat: now() - 600, exp: now() - 120 }) })
    expectFailure(old, 'time', 'token_expired')
    expect(candidateOf(old, 'ml/trainer').outcome).to.equal('fits')
  })

  it('names what an admin may have meant', async () => {
    const hintsOf = async (claims: Fields, step: string) =>
      kindsOf(stepOf(await explained({ assertion: world.token(claims) }), step)?.hints)
    expect(await hintsOf({ iss: `${provider.issuer}/` }, 'issuer')).to.deep.equal(['other_issuer_form'])
    expect(await hintsOf({ aud: `${world.audience}/` }, 'issuer')).to.include('audience_form')
    expect(await hintsOf({ aud: 'https://github.com/acme' }, 'issuer')).to.deep.equal([])
    expect(await hintsOf({ iat: now() + 90, exp: now() + 300 }, 'time')).to.deep.equal(['clock_skew'])
    expect(await hintsOf({ iat: now() - 300, exp: now() - 72 }, 'time')).to.deep.equal(['clock_skew'])
    await world.external('asleep', 'asleep')
    await must(world.api('PATCH', `${world.accounts}/asleep`, { enabled: false }))
    expect(await hintsOf({ sub: 'asleep' }, 'match')).to.deep.equal(['disabled'])
    await policyOf('drafted', { subject: 'drafted', state: 'draft' })
    expect(await hintsOf({ sub: 'drafted' }, 'match')).to.deep.equal(['draft'])
    await must(world.api('PATCH', '/issuers/narrow', { enabled: false }))
    expect(await hintsOf({ aud: 'narrow' }, 'issuer')).to.deep.equal(['disabled'])
    await must(world.api('PATCH', '/issuers/narrow', { enabled: true }))
    const old = await explained({ assertion: world.token({ sub: 'repo:acme@1/tool@2:ref:refs/heads/main' }) })
    expect(old.reason).to.equal('no_account_matches')
  })

  it('knows what was renamed from the trail', async () => {
    await policyOf('renamed', { subject: 'repo:acme/old-name:ref:refs/heads/main' })
    const claims = (name: string) => ({
      sub: `repo:acme/${name}:ref:refs/heads/main`,
      repository: `acme/${name}`,
      repository_id: '4711',
    })
    expect((await world.exchange(world.token(claims('old-name')))).status).to.equal(200)
    const answer = await explained({ assertion: world.token(claims('new-name')) })
    expect(kindsOf(candidateOf(answer, 'ml/renamed').conditions[0]?.hints)).to.include('renamed')
  })

  it('takes another branch of the same repository for no new name', async () => {
    const conditions = [{ claim: 'repository_id', op: 'equals', value: '4712' }]
    await policyOf('branched', { subject: 'repo:acme/branched:ref:refs/heads/main', conditions })
    const hintsFor = async (sub: string) => {
      const answer = await explained({ assertion: world.token({ sub, repository_id: '4712' }) })
      return kindsOf(candidateOf(answer, 'ml/branched').conditions.find(({ claim }) => claim === 'sub')?.hints)
    }
    expect(await hintsFor('repo:acme/branched:ref:refs/heads/feature')).to.not.include('renamed')
    expect(await hintsFor('repo:acme/called-so-now:ref:refs/heads/main')).to.include('renamed')
  })

  it('only looks for the account that is asked for', async () => {
    const assertion = world.token({ sub: 'twice' })
    expect((await explained({ assertion, service_account: 'ml/twin-b' })).grant?.service_account).to.equal('ml/twin-b')
    const wrong = await explained({ assertion, service_account: 'ml/trainer' })
    expectFailure(wrong, 'match', 'no_account_matches')
    expect(kindsOf(stepOf(wrong, 'match')?.hints)).to.deep.equal(['nearest'])
  })

  it('tries a policy beside the others, as a draft would be', async () => {
    const assertion = world.token({ sub: 'repo:acme/new:ref:refs/heads/main', ref: 'refs/heads/main' })
    const policy = { issuer: 'ci', service_account: 'ml/trainer', subject: 'repo:acme/new:*', match: 'glob' }
    const answer = await explained({ assertion, policy })
    expectFailure(answer, 'match', 'no_account_matches')
    const [first] = answer.candidates
    expect(first).to.deep.include({ service_account: 'ml/trainer', policy: null, state: 'draft', outcome: 'fits' })
    const missed = await explained({
      assertion,
      policy: { ...policy, cel: "claims.ref == 'x'", conditions: [{ claim: 'ref', op: 'equals', value: 'x' }] },
    })
    expect(missed.candidates[0]?.outcome).to.equal('refused')
    expect(missed.candidates[0]?.conditions.map(({ holds }) => holds)).to.deep.equal([true, false, false])
    const elsewhere = await explained({ assertion, policy: { ...policy, issuer: 'once' } })
    expect(elsewhere.candidates[0]?.outcome).to.equal('refused')
  })

  it('refuses what it cannot be asked', async () => {
    const policy = { issuer: 'ci', service_account: 'ml/trainer', subject: 'x' }
    const bad: [Fields, string][] = [
      [{}, 'assertion'],
      [{ assertion: 'a.b.c', request_id: 'req_1' }, 'assertion'],
      [{ assertion: 'a.b.c', unknown: 1 }, ''],
      [{ assertion: 'a.b.c', policy: { ...policy, issuer: 'nobody' } }, 'policy.issuer'],
      [{ assertion: 'a.b.c', policy: { ...policy, service_account: 'ml/robot' } }, 'policy.service_account'],
      [{ assertion: 'a.b.c', policy: { ...policy, service_account: 'ml/nobody' } }, 'policy.service_account'],
      [{ assertion: 'a.b.c', policy: { ...policy, cel: 'claims.(' } }, 'policy.cel'],
    ]
    for (const [json, path] of bad) {
      const { status, body } = await explain(json)
      expect([status, (body.errors as { path: string }[])[0]?.path], JSON.stringify(json)).to.deep.equal([422, path])
    }
    const byKey = await world.withKey(world.apiKey)
    expect(byKey.status).to.equal(200)
    const { items } = await must(world.api('GET', '/audit-events?type=token.exchange&limit=1'))
    const [event] = items as { request_id: string }[]
    expect((await explain({ request_id: event?.request_id })).status).to.equal(422)
  })

  describe('from a request id', () => {
    const refusedAs = async (claims: Fields) => String((await world.exchange(world.token(claims))).body.request_id)

    it('one that came as a client assertion is explained like any other', async () => {
      const { body } = await world.post(askFor('clientAssertion', world.token({ sub: 'nobody' })))
      expectFailure(await explained({ request_id: String(body.request_id) }), 'match', 'no_account_matches')
    })

    it('judges by the policies as they are now, at the time when the token was shown', async () => {
      const request_id = await refusedAs({ sub: 'later', iat: now() - 60, exp: now() + 1 })
      expectFailure(await explained({ request_id }), 'match', 'no_account_matches')
      await world.external('later', 'later')
      const answer = await explained({ request_id })
      expect([answer.outcome, answer.grant?.service_account]).to.deep.equal(['granted', 'ml/later'])
      expect((await explained({ request_id, service_account: 'ml/trainer' })).reason).to.equal('no_account_matches')
    })

    it('says of a granted one what it was granted for', async () => {
      const assertion = world.token({ aud: 'once', jti: crypto.randomUUID(), sub: 'once' })
      const granted = await world.exchange(assertion)
      const id = granted.headers.get('x-request-id')
      const { items } = await must(world.api('GET', '/audit-events?type=token.exchange&limit=1'))
      const request_id = (items as { request_id: string }[])[0]?.request_id ?? id
      expect((await explained({ request_id })).outcome).to.equal('granted')
    })

    it('says nothing of what the trail has not kept', async () => {
      const trust = (name: string, conditions: Fields[], more: Fields = {}) =>
        policyOf(name, { subject: 'hidden', conditions, ...more })
      await trust('by-secret', [{ claim: 'session', op: 'equals', value: '[redacted]' }])
      await trust('by-length', [{ claim: 'long', op: 'glob', value: 'x*' }])
      await trust('by-list', [{ claim: 'list', op: 'equals', value: 'known' }])
      await trust('by-presence', [{ claim: 'session', op: 'exists', value: true }])
      await trust('by-absence', [{ claim: '/session/inner', op: 'exists', value: false }])
      await trust('by-expression', [], { cel: "claims.session != 'x'" })
      const claims = { session: { inner: 'open sesame' }, long: 'x'.repeat(600), list: ['known', 'y'.repeat(600)] }
      const request_id = await refusedAs({ sub: 'hidden', ...claims })
      const answer = await explained({ request_id })
      const holds = (name: string) => candidateOf(answer, `ml/${name}`).conditions.at(-1)?.holds
      const names = ['by-secret', 'by-length', 'by-list', 'by-presence', 'by-absence', 'by-expression']
      expect(names.map(holds)).to.deep.equal([false, false, true, false, false, false])
      expect(kindsOf(candidateOf(answer, 'ml/by-length').conditions.at(-1)?.hints)).to.deep.equal(['missing_claim'])
      expect(JSON.stringify(answer)).to.not.include('open sesame')
      const pasted = await explained({ assertion: world.token({ sub: 'hidden', ...claims }) })
      expect(JSON.stringify(pasted)).to.not.include('open sesame')
    })

    it('grants nothing on a signature that was never checked', async () => {
      await must(world.api('PATCH', '/issuers/ci', { enabled: false }))
      const request_id = await refusedAs({})
      await must(world.api('PATCH', '/issuers/ci', { enabled: true }))
      const answer = await explained({ request_id })
      expect([answer.outcome, stepOf(answer, 'signature')?.outcome]).to.deep.equal(['refused', 'failed'])
      expect(candidateOf(answer, 'ml/trainer').outcome).to.equal('fits')
    })

    it('is not there for another organization, nor when there is none', async () => {
      const request_id = await refusedAs({ sub: 'nobody' })
      const other = await createWorld(service, provider, { org: 'other-one', issuer: { audiences: ['other-one'] } })
      expect((await explain({ request_id }, other.adminKey, 'other-one')).status).to.equal(404)
      expect((await explain({ request_id: 'req_00000000000000000000000000' })).status).to.equal(404)
    })
  })

  describe('for whom', () => {
    let globex: World
    let team: { key: string; name: string }

    before(async () => {
      globex = await createWorld(service, provider, { org: 'globex', subject: 'globex-job' })
      await world.make('/teams', { name: 'web' })
      const lead = await world.make('/users', { username: 'lead', email: 'lead@acme.example' })
      await must(world.api('PUT', '/teams/web/members/lead', { role: 'admin' }))
      team = { key: String((await world.make(`/users/${lead.id}/keys`, {})).secret), name: 'web' }
      await world.make('/teams/web/service-accounts', {
        name: 'site',
        method: 'federated',
        trust: { issuer: 'ci', subject: 'site' },
      })
    })

    it('a token of another organization fails at issuer, and is not told from one of nobody', async () => {
      const told = async (claims: Fields) => {
        const { steps, candidates, ...rest } = await explained({ assertion: world.token(claims) })
        return { rest, steps: steps.map(({ received, ...step }) => step), candidates: candidates.length }
      }
      const foreign = await told({ aud: globex.audience, sub: 'globex-job' })
      const nobody = await told({ aud: `${service.publicUrl}/orgs/nobody`, sub: 'globex-job' })
      expect(JSON.stringify(foreign).replaceAll('globex', 'nobody')).to.equal(JSON.stringify(nobody))
      expect(foreign.rest).to.deep.equal({ outcome: 'refused', reason: 'audience_not_accepted' })
    })

    it('a team admin sees the candidates of their teams, and of others not even how many', async () => {
      const mine = await explained({ assertion: world.token({ sub: 'nobody-at-all' }) }, team.key)
      expect(mine.candidates.map(({ service_account }) => service_account)).to.deep.equal(['web/site'])
      expect(JSON.stringify(mine)).to.not.include('ml/')
      // What the bearer would learn by exchanging it, and no more.
      const theirs = await explained({ assertion: world.token() }, team.key)
      expect(theirs.grant?.service_account).to.equal('ml/trainer')
      expect(theirs.candidates.map(({ service_account }) => service_account)).to.deep.equal(['web/site'])
    })

    it('a request of another team is not there for them; of their own, other teams change nothing', async () => {
      const idOf = async (answer: Promise<Answer>) => {
        const { body } = await answer
        if (body.request_id) return String(body.request_id)
        const { items } = await must(world.api('GET', '/audit-events?type=token.exchange&limit=1'))
        return String((items as { request_id: string }[])[0]?.request_id)
      }
      const ofMl = await idOf(world.exchange(world.token()))
      expect((await explain({ request_id: ofMl }, team.key)).status).to.equal(404)
      const own = await idOf(world.exchange(world.token({ sub: 'site' })))
      const before = await explained({ request_id: own }, team.key)
      expect(before.grant?.service_account).to.equal('web/site')
      await world.external('other-site', 'site')
      expect(await explained({ request_id: own }, team.key)).to.deep.equal(before)
      expect((await explained({ request_id: own })).reason).to.equal('account_ambiguous')
      await must(world.api('DELETE', `${world.accounts}/other-site`))
    })

    it('a refusal that belongs to no team is for any admin of one who knows its request id, with their own policies', async () => {
      const { body } = await world.exchange(world.token({ sub: 'site-2' }))
      const told = await explained({ request_id: body.request_id }, team.key)
      expect(told).to.include({ outcome: 'refused', reason: 'no_account_matches' })
      expect(told.candidates.map(({ service_account }) => service_account)).to.deep.equal(['web/site'])
      const elsewhere = `/api/v1/orgs/globex/explain`
      const stranger = await call(service, 'POST', elsewhere, {
        secret: globex.adminKey,
        json: { request_id: body.request_id },
      })
      expect(stranger.status).to.equal(404)
    })

    it('a team admin tries no policy for an account of another team', async () => {
      const policy = { issuer: 'ci', service_account: 'ml/trainer', subject: 'x' }
      const { status, body } = await explain({ assertion: world.token(), policy }, team.key)
      expect(status).to.equal(422)
      const unknown = { ...policy, service_account: 'ml/nobody' }
      expect(body.errors).to.deep.equal(
        (await explain({ assertion: world.token(), policy: unknown }, team.key)).body.errors,
      )
      const own = await explained(
        { assertion: world.token(), policy: { ...policy, service_account: 'web/site' } },
        team.key,
      )
      expect(own.candidates[0]?.service_account).to.equal('web/site')
    })
  })

  it('whoever asks for a token is told nothing of a policy', async () => {
    const marks = ['zq-claim', 'zq-value', 'zq-subject', 'zq-expression', 'zq-draft']
    await policyOf('marked', {
      subject: 'marked:*',
      match: 'glob',
      conditions: [{ claim: 'zq-claim', op: 'equals', value: 'zq-value' }],
    })
    await policyOf('marked-cel', { subject: 'marked:cel', cel: "claims.nothing == 'zq-expression'" })
    await policyOf('zq-draft', { subject: 'marked:draft', state: 'draft' })
    await policyOf('marked-near', { subject: 'MARKED:zq-subject' })
    for (const sub of ['marked:a', 'marked:cel', 'marked:draft', 'marked:zq'])
      for (const claims of [{}, { 'zq-claimx': 1 }]) {
        const { status, headers, body } = await world.exchange(world.token({ sub, ...claims }))
        expect([status, body.reason]).to.deep.equal([400, 'no_account_matches'])
        expect(Object.keys(body)).to.have.members(['error', 'error_description', 'reason', 'request_id'])
        const said = JSON.stringify([body, ...headers])
        expect(marks.filter((mark) => said.includes(mark))).to.deep.equal([])
      }
  })

  it('is bounded, for each organization by itself', async () => {
    const small = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '3' } })
    try {
      const [one, other] = [await createWorld(small, provider), await createWorld(small, provider, { org: 'globex' })]
      const ask = (of: World) => of.api('POST', '/explain', { assertion: 'a.b.c' })
      const statuses: number[] = []
      for (let i = 0; i < 4; i++) statuses.push((await ask(one)).status)
      expect(statuses).to.deep.equal([200, 200, 200, 429])
      expect((await ask(one)).body.reason).to.equal('rate_limited')
      expect((await ask(other)).status).to.equal(200)
    } finally {
      await small.close()
    }
  })

  describe('of many tokens and policies', () => {
    /** As good as chance, and the same each time. */
    const chance = (seed: number) => () => {
      seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296
      return seed / 4_294_967_296
    }
    const random = chance(6)
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
    const subjects = ['repo:a/b:ref:m', 'repo:A/b:ref:m', 'repo:a/b:pull_request', 'job:1', 'job:2 ', 'job:2']
    const refs = ['main', 'Main', 'dev', true, 1, undefined]

    before(async () => {
      for (let i = 0; i < 24; i++)
        await policyOf(`many-${i}`, {
          ...pick([
            { subject: pick(subjects) },
            { subject: pick(['repo:*', 'repo:a/*', 'job:?', '*']), match: 'glob' },
          ]),
          conditions: [
            ...(random() < 0.7
              ? [{ claim: 'ref', op: 'in', value: [pick(['main', 'dev', true]), pick(['x', 1])] }]
              : []),
            ...(random() < 0.4 ? [{ claim: 'env', op: 'exists', value: random() < 0.7 }] : []),
          ],
          ...(random() < 0.3 ? { cel: "has(claims.ref) && claims.ref == 'main'" } : {}),
          state: random() < 0.2 ? 'draft' : 'live',
        })
    })

    it('says what the exchange says', async () => {
      const said = new Map<string, number>()
      for (let i = 0; i < 300; i++) {
        const claims = {
          sub: pick(subjects),
          ref: pick(refs),
          ...(random() < 0.5 ? { env: 'prod' } : {}),
          ...(random() < 0.05 ? { exp: now() - 100 } : {}),
          ...(random() < 0.05 ? { aud: pick(['acme', 'once', 'other']) } : {}),
          ...(random() < 0.05 ? { iss: `${provider.issuer}/` } : {}),
        }
        const ask = random() < 0.3 ? { service_account: `ml/many-${Math.floor(random() * 24)}` } : {}
        const assertion = world.token(claims, random() < 0.05 ? { kid: 'nobody' } : {})
        const answer = await explained({ assertion, ...ask })
        const { status, body } = await world.exchange(assertion, ask)
        const why = JSON.stringify({ claims, ask, answer })
        expect(answer.outcome, why).to.equal(status === 200 ? 'granted' : 'refused')
        expect(answer.reason, why).to.equal(body.reason)
        const granting = answer.candidates.filter(({ outcome }) => outcome === 'granted')
        if (status === 200) {
          const { name, team } = JSON.parse(
            Buffer.from(String(body.access_token).split('.')[1] ?? '', 'base64url').toString(),
          )
          expect(answer.grant?.service_account, why).to.equal(`${team}/${name}`)
          expect(answer.grant?.scope).to.equal(body.scope)
          expect(answer.grant?.expires_in).to.equal(body.expires_in)
          expect(new Set(granting.map(({ service_account }) => service_account)), why).to.deep.equal(
            new Set([`${team}/${name}`]),
          )
        } else expect(granting, why).to.deep.equal([])
        for (const { conditions, outcome } of answer.candidates)
          if (outcome !== 'refused')
            expect(
              conditions.every(({ holds }) => holds),
              why,
            ).to.equal(true)
        const key = body.reason === undefined ? 'granted' : String(body.reason)
        said.set(key, (said.get(key) ?? 0) + 1)
      }
      expect([...said.keys()]).to.include.members([
        'granted',
        'no_account_matches',
        'account_ambiguous',
        'token_expired',
      ])
    })
  })
})
