/** What lint says when something is saved: it refuses, it is overridden with a reason, and it judges anew. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Answer, call, type Service, startService } from '../support/server.ts'
import { createWorld, type Event, must, type World } from '../support/world.ts'

type Finding = { severity: string; rule: string; message: string; better?: Record<string, unknown> }
const findingsOf = ({ body }: Pick<Answer, 'body'>) => body.findings as Finding[]
const rulesOf = (answer: Pick<Answer, 'body'>, severity?: string) => [
  ...new Set(findingsOf(answer).flatMap((one) => (!severity || one.severity === severity ? [one.rule] : []))),
]

const main = 'repo:acme@123456/app@456789:ref:refs/heads/main'
const wide = { subject: 'repo:acme@123456/app@456789:*', match: 'glob' }
const event = { claim: 'event_name', op: 'equals', value: 'push' }
const because = 'a sandbox: its account reaches one throw-away project'

describe('lint, when something is saved', () => {
  let provider: Provider
  let service: Service
  let world: World
  let policies: string
  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    await world.make('/issuers', {
      name: 'github',
      issuer: 'https://token.actions.githubusercontent.com',
      jwks_uri: provider.jwksUri,
      single_use: true,
    })
    policies = `${world.accounts}/trainer/trust-policies`
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })
  const names = async (below: string) =>
    ((await must(world.api('GET', below))).items as { name: string }[]).map(({ name }) => name)
  const trailOf = async (answer: Pick<Answer, 'body' | 'headers'>) =>
    (await world.auditOf(answer.headers.get('x-request-id'))) as Event[]

  describe('a trust policy', () => {
    it('is saved with nothing against it', async () => {
      const answer = await world.api('POST', policies, {
        name: 'good',
        issuer: 'github',
        subject: main,
        conditions: [event],
      })
      expect(answer.status).to.equal(201)
      expect(findingsOf(answer)).to.deep.equal([])
    })

    it('is saved with warnings, which say how it would be better', async () => {
      const answer = await world.api('POST', policies, {
        name: 'warned',
        issuer: 'github',
        subject: main.replace('main', 'dev'),
      })
      expect(answer.status).to.equal(201)
      expect(findingsOf(answer).map(({ rule, severity }) => [severity, rule])).to.deep.equal([['warn', 'LR11']])
      const [finding] = findingsOf(answer)
      expect(await must(world.api('PATCH', `${policies}/warned`, finding?.better))).to.have.property('findings').that.is
        .empty
    })

    it('is refused with an error, and nothing is stored or recorded', async () => {
      const answer = await world.api('POST', policies, { name: 'wide', issuer: 'github', ...wide })
      expect(answer.status).to.equal(422)
      expect(answer.headers.get('content-type')).to.match(/^application\/problem\+json/)
      expect(answer.body.reason).to.equal('lint_refused')
      expect(rulesOf(answer, 'error')).to.deep.equal(['LR04'])
      expect(await names(policies)).to.not.include('wide')
      expect(await trailOf(answer)).to.deep.equal([])
    })

    it('is saved all the same when somebody says why, and the trail keeps it', async () => {
      const answer = await world.api('POST', policies, {
        name: 'wide',
        issuer: 'github',
        ...wide,
        override_reason: because,
      })
      expect(answer.status).to.equal(201)
      expect(rulesOf(answer, 'error')).to.deep.equal(['LR04'])
      expect(answer.body).to.not.have.property('override_reason')
      const [made] = await trailOf(answer)
      expect(made?.detail).to.deep.include({ override_reason: because, overridden: ['LR04'] })
      const shown = await world.api('GET', `${policies}/wide`)
      expect(rulesOf(shown, 'error')).to.deep.equal(['LR04'])
    })

    it('keeps no reason where there is nothing to override', async () => {
      const answer = await world.api('POST', policies, { issuer: 'ci', subject: 'job:other', override_reason: because })
      expect(answer.status).to.equal(201)
      const [made] = await trailOf(answer)
      expect(made?.detail).to.not.have.any.keys('override_reason', 'overridden')
    })

    for (const [why, reason] of [
      ['too short', 'because'],
      ['too long', 'x'.repeat(501)],
      ['no text', 12_345_678_901],
    ] as const)
      it(`wants a reason of 10 to 500 characters: ${why}`, async () => {
        const answer = await world.api('POST', policies, { issuer: 'github', ...wide, override_reason: reason })
        expect([answer.status, answer.body.reason]).to.deep.equal([422, 'body_invalid'])
        expect((answer.body.errors as { path: string }[])[0]?.path).to.equal('override_reason')
      })

    it('is refused when a change makes it dangerous, and stays what it was', async () => {
      const before = await must(world.api('GET', `${policies}/good`))
      const answer = await world.api('PATCH', `${policies}/good`, { ...wide, conditions: [] })
      expect([answer.status, answer.body.reason]).to.deep.equal([422, 'lint_refused'])
      expect(await must(world.api('GET', `${policies}/good`))).to.deep.equal(before)
      const forced = await world.api('PATCH', `${policies}/good`, { ...wide, conditions: [], override_reason: because })
      expect(forced.status).to.equal(200)
      expect((await trailOf(forced))[0]?.detail).to.deep.include({ override_reason: because, overridden: ['LR04'] })
      await must(world.api('PATCH', `${policies}/good`, { subject: main, match: 'exact' }))
    })

    it('may be renamed, made a draft or deleted whatever lint says; to live again it needs a reason', async () => {
      expect((await world.api('PATCH', `${policies}/wide`, { name: 'wider' })).status).to.equal(200)
      expect((await world.api('PATCH', `${policies}/wider`, { state: 'draft' })).status).to.equal(200)
      const live = await world.api('PATCH', `${policies}/wider`, { state: 'live' })
      expect([live.status, live.body.reason]).to.deep.equal([422, 'lint_refused'])
      const reason = { state: 'live', override_reason: because }
      expect((await world.api('PATCH', `${policies}/wider`, reason)).status).to.equal(200)
      expect((await world.api('DELETE', `${policies}/wider`)).status).to.equal(204)
    })

    it('is judged with the account and the policies beside it as they are', async () => {
      const only = await world.external('reader', 'job:reader', { access: 'read' })
      const at = `${world.accounts}/${only.id}/trust-policies`
      const first = await world.api('POST', at, { name: 'wide', issuer: 'github', ...wide })
      expect(first.status).to.equal(201)
      expect(rulesOf(first, 'warn')).to.include('LR04')
      const second = await world.api('POST', at, {
        name: 'narrow',
        issuer: 'github',
        subject: main,
        conditions: [event],
      })
      expect(findingsOf(second).find(({ rule }) => rule === 'LR33')?.message).to.include('"wide"')
    })

    it('is answered alike when a request is repeated', async () => {
      const headers = { 'idempotency-key': 'lint-1' }
      const json = { name: 'again', issuer: 'github', subject: main.replace('main', 'again') }
      const ask = () => call(service, 'POST', world.path + policies, { secret: world.adminKey, json, headers })
      const [first, second] = [await ask(), await ask()]
      expect([second.body.id, second.body.findings]).to.deep.equal([first.body.id, first.body.findings])
    })

    it('has no findings in lists', async () => {
      const { items } = await must(world.api('GET', policies))
      for (const item of items as object[]) expect(item).to.not.have.property('findings')
    })

    it('fills what would be better with what its tokens say', async () => {
      await world.external('named', 'repo:acme/app:environment:prod')
      await must(world.api('PATCH', '/issuers/ci', { preset: 'github' }))
      const claims = { sub: 'repo:acme/app:environment:prod', repository_id: '456789' }
      await world.granted(world.token(claims))
      const [{ name }] = (await must(world.api('GET', `${world.accounts}/named/trust-policies`))).items as [
        { name: string },
      ]
      const shown = await world.api('GET', `${world.accounts}/named/trust-policies/${name}`)
      const finding = findingsOf(shown).find(({ rule }) => rule === 'LR06')
      expect(finding?.better).to.deep.equal({ conditions: [{ claim: 'repository_id', op: 'equals', value: '456789' }] })
      await must(world.api('PATCH', '/issuers/ci', { preset: null }))
    })
  })

  describe('an External account', () => {
    const account = (name: string, trust: object, more: object = {}) =>
      world.api('POST', world.accounts, { name, method: 'federated', trust: { issuer: 'github', ...trust }, ...more })

    it('bears the findings of its policy', async () => {
      const answer = await account('fine', { subject: main })
      expect(answer.status).to.equal(201)
      expect(rulesOf(answer)).to.deep.equal(['LR11'])
      expect((answer.body.trust as Answer['body']).findings).to.deep.equal(answer.body.findings)
    })

    it('is not made when its policy is refused', async () => {
      const answer = await account('holed', { subject: 'repo:acme/*', match: 'glob' })
      expect([answer.status, answer.body.reason]).to.deep.equal([422, 'lint_refused'])
      expect(rulesOf(answer, 'error')).to.deep.equal(['LR03', 'LR16'])
      expect(await names(world.accounts)).to.not.include('holed')
    })

    it('is made when somebody says why, beside the policy or in it', async () => {
      const beside = await account('beside', wide, { override_reason: because })
      const within = await account('within', { ...wide, override_reason: because })
      for (const answer of [beside, within]) {
        expect(answer.status).to.equal(201)
        const made = (await trailOf(answer)).find(({ type }) => type === 'trust_policy.create')
        expect(made?.detail).to.deep.include({ override_reason: because, overridden: ['LR04'] })
      }
    })

    it('that is to write from now on is judged by then', async () => {
      const made = await account('careful', wide, { access: 'read' })
      expect([made.status, rulesOf(made, 'error')]).to.deep.equal([201, []])
      const at = `${world.accounts}/careful`
      const refused = await world.api('PATCH', at, { access: 'write' })
      expect([refused.status, refused.body.reason, rulesOf(refused, 'error')]).to.deep.equal([
        422,
        'lint_refused',
        ['LR04'],
      ])
      expect((await must(world.api('GET', at))).access).to.equal('read')
      expect((await world.api('PATCH', at, { description: 'reads' })).status).to.equal(200)
      const forced = await world.api('PATCH', at, { access: 'write', override_reason: because })
      expect([forced.status, rulesOf(forced, 'error')]).to.deep.equal([200, ['LR04']])
      expect((await trailOf(forced))[0]?.detail).to.deep.include({ override_reason: because, overridden: ['LR04'] })
    })

    it('that is to write is judged by all of its policies, however many it has', async () => {
      const harmless = { issuer: 'ci', subject: 'job:crowd', name: 'p0' }
      await must(account('crowd', harmless, { access: 'read' }))
      const at = `${world.accounts}/crowd`
      for (let i = 1; i <= 200; i++)
        await must(world.api('POST', `${at}/trust-policies`, { ...harmless, subject: `job:crowd-${i}`, name: `p${i}` }))
      await must(world.api('POST', `${at}/trust-policies`, { issuer: 'github', ...wide, name: 'zz' }))
      const refused = await world.api('PATCH', at, { access: 'write' })
      expect([refused.status, rulesOf(refused, 'error')]).to.deep.equal([422, ['LR04']])
    }).timeout(30_000)

    it('that administers may stand behind no wildcard, even of a provider that is not known', async () => {
      const trust = { issuer: 'ci', subject: 'job:*', match: 'glob' }
      expect((await account('plain', trust)).status).to.equal(201)
      expect(rulesOf(await account('mighty', trust, { admin: true }), 'error')).to.deep.equal(['LR34'])
    })
  })

  describe('an issuer', () => {
    const jwks = () => ({ jwks_uri: provider.jwksUri })
    it('is judged by whose URL it has, whatever it is registered as', async () => {
      const body = { name: 'odd', issuer: 'https://gitlab.com', preset: 'custom', ...jwks() }
      expect(rulesOf(await world.api('POST', '/issuers', body), 'error')).to.deep.equal(['LR41'])
      await must(world.api('POST', '/issuers', { ...body, override_reason: because }))
      const everybody = { issuer: 'odd', subject: 'project_path:*', match: 'glob' }
      const refused = await world.api('POST', policies, everybody)
      expect([refused.status, rulesOf(refused, 'error')]).to.deep.equal([422, ['LR02', 'LR16']])
    })

    it('is refused, overridden and judged anew', async () => {
      const body = { name: 'aws', issuer: 'https://shared.example', audiences: ['sts.amazonaws.com'], ...jwks() }
      const refused = await world.api('POST', '/issuers', body)
      expect([refused.status, refused.body.reason, rulesOf(refused)]).to.deep.equal([422, 'lint_refused', ['LR14']])
      expect(await names('/issuers')).to.not.include('aws')
      const made = await world.api('POST', '/issuers', { ...body, override_reason: because })
      expect(made.status).to.equal(201)
      expect((await trailOf(made))[0]?.detail).to.deep.include({ override_reason: because, overridden: ['LR14'] })
      expect(rulesOf(await world.api('GET', '/issuers/aws'))).to.deep.equal(['LR14'])
      const other = await world.api('PATCH', '/issuers/aws', { clock_tolerance: 30, name: 'amazon' })
      expect([other.status, rulesOf(other)]).to.deep.equal([200, ['LR14']])
      const worse = await world.api('PATCH', '/issuers/amazon', { audiences: ['sigstore'] })
      expect([worse.status, worse.body.reason]).to.deep.equal([422, 'lint_refused'])
      const mended = await world.api('PATCH', '/issuers/amazon', { audiences: ['amazon'] })
      expect([mended.status, rulesOf(mended)]).to.deep.equal([200, []])
    })

    it('over http, or at an address, is a warning where the operator allows it', async () => {
      const answer = await world.api('GET', '/issuers/ci')
      expect(findingsOf(answer).map(({ rule, severity }) => [severity, rule])).to.deep.equal([['warn', 'LR42']])
    })

    it('of a known host is nobody else’s', async () => {
      const answer = await world.api('POST', '/issuers', { name: 'fake', issuer: 'https://gitlab.com/', ...jwks() })
      expect(rulesOf(answer, 'error')).to.deep.equal(['LR41'])
    })
  })

  describe('on demand', () => {
    const lint = (body: object) => world.api('POST', '/lint', body)

    it('judges a policy that nobody has saved, at a registered issuer or at any', async () => {
      for (const issuer of ['github', 'https://token.actions.githubusercontent.com']) {
        const answer = await lint({ issuer, subject: 'repo:acme/app*', match: 'glob' })
        expect(answer.status).to.equal(200)
        expect(rulesOf(answer, 'error')).to.include('LR05')
      }
      expect(findingsOf(await lint({ issuer: 'ci', subject: 'job:train' }))).to.deep.equal([])
      const named = await lint({
        issuer: 'https://gitlab.acme.example',
        preset: 'gitlab',
        subject: 'project_path:acme/app:ref_type:branch:ref:main',
      })
      expect(rulesOf(named)).to.deep.equal(['LR17', 'LR18'])
    })

    it('judges it for the account that is named', async () => {
      const body = { issuer: 'github', ...wide }
      expect(rulesOf(await lint({ ...body, service_account: 'ml/reader' }), 'error')).to.deep.equal([])
      expect(rulesOf(await lint({ ...body, service_account: 'ml/trainer' }), 'error')).to.deep.equal(['LR04'])
      for (const service_account of ['ml/nobody', 'other/reader', 'reader', world.builtIn.id.replace(/.$/, '0')]) {
        const answer = await lint({ ...body, service_account })
        expect([answer.status, answer.body.reason], service_account).to.deep.equal([422, 'body_invalid'])
      }
    })

    it('compares it with the account’s other policies, and not with the one that it would take the place of', async () => {
      const alone = { issuer: 'github', subject: main.replace('main', 'alone'), conditions: [event] }
      await world.make(policies, { name: 'alone', ...alone })
      const body = { ...alone, service_account: 'ml/trainer' }
      expect(rulesOf(await lint(body))).to.deep.equal(['LR33'])
      expect(rulesOf(await lint({ ...body, policy: 'nothing' }))).to.deep.equal(['LR33'])
      expect(rulesOf(await lint({ ...body, policy: 'alone' }))).to.deep.equal([])
    })

    it('tells an admin of another team nothing of this one’s accounts', async () => {
      await world.make('/teams', { name: 'vision' })
      const ann = await world.make('/users', { username: 'ann', email: 'ann@acme.example', role: 'member' })
      await must(world.api('PUT', `/teams/vision/members/${ann.id}`, { role: 'admin' }))
      const { secret } = await world.make(`/users/${ann.id}/keys`, {})
      const ask = (json: object) => call(service, 'POST', `${world.path}/lint`, { secret: String(secret), json })
      const body = { issuer: 'github', ...wide }
      expect((await ask(body)).status).to.equal(200)
      for (const service_account of ['ml/reader', world.account.id]) {
        const answer = await ask({ ...body, service_account })
        expect([answer.status, answer.body.reason]).to.deep.equal([422, 'body_invalid'])
      }
    })

    it('refuses what cannot be compiled, and an issuer that is not there', async () => {
      const bad = await lint({ issuer: 'ci', subject: 'job', conditions: [{ claim: '/a~2', op: 'exists' }] })
      expect((bad.body.errors as { path: string }[])[0]?.path).to.equal('conditions.0.claim')
      const none = await lint({ issuer: 'nobody', subject: 'job' })
      expect((none.body.errors as { path: string }[])[0]?.path).to.equal('issuer')
    })
  })
})
