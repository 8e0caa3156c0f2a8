/** Access evaluation (OpenID AuthZEN Authorization API 1.0), as a resource server asks. */
import { expect } from 'chai'
import { misfits } from '../../src/protocol/access.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { questionOf, type ResourceServer, resourceServer } from '../support/resource-server.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

type Body = Record<string, unknown>

describe('journey: access evaluation', () => {
  let provider: Provider
  let service: Service
  let world: World
  let other: World
  let server: ResourceServer
  /** Of the organization "other". */
  let stranger: ResourceServer
  let token: string
  const one = '/access/v1/evaluation'
  const many = '/access/v1/evaluations'

  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    other = await createWorld(service, provider, { org: 'other' })
    server = await resourceServer(world, 'tracker')
    stranger = await resourceServer(other, 'tracker')
    token = await world.granted(world.token())
    await world.make('/teams', { name: 'ops' })
    for (const visibility of ['team', 'restricted', 'open', 'public'])
      await world.make('/teams/ops/projects', { name: visibility, visibility })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  describe('one question', () => {
    it('is answered with a decision, the project and the reason', async () => {
      const answer = await server.post(one, questionOf(token, 'write', 'ml/vision'))
      expect(answer.status).to.equal(200)
      expect(answer.headers.get('content-type')).to.match(/^application\/json/)
      expect(answer.headers.get('cache-control')).to.equal('no-store')
      expect(answer.body).to.deep.equal({ decision: true, context: { project: 'ml/vision', reason: 'team_account' } })
      expect(await server.evaluate(token, 'write', 'ops/public')).to.deep.equal({
        decision: false,
        context: { project: 'ops/public', reason: 'public_read_only' },
      })
    })

    it('may be about a token, a key, an account or a user', async () => {
      const { id } = await world.make('/users', { username: 'ann', email: 'ann@acme.example' })
      await world.api('PUT', '/teams/ml/members/ann', { role: 'viewer' })
      const { secret } = await world.make('/users/ann/keys', {})
      const person = String((await world.withKey(String(secret))).body.access_token)
      const asked = [
        [token, 'team_account'],
        [world.apiKey, 'team_account'],
        [{ type: 'service_account', id: world.account.id }, 'team_account'],
        [{ type: 'user', id }, 'team_member'],
        [String(secret), 'team_member'],
        [person, 'team_member'],
      ] as const
      for (const [subject, reason] of asked) expect(await server.reason(subject, 'read', 'ml/vision')).to.equal(reason)
      for (const subject of [{ type: 'user', id }, String(secret), person])
        expect(await server.reason(subject, 'write', 'ml/vision')).to.equal('team_viewer')
    })

    it('is narrowed by the scope of its token, and by the access of its account', async () => {
      const narrow = await world.granted(world.token(), { scope: 'projects:read' })
      expect(await server.reason(narrow, 'write', 'ml/vision')).to.equal('scope_insufficient')
      expect(await server.reason(narrow, 'read', 'ml/vision')).to.equal('team_account')
      const reader = await world.make(world.accounts, { name: 'reader', method: 'api_key', access: 'read' })
      expect(await server.reason(String(reader.api_key), 'write', 'ml/vision')).to.equal('access_read_only')
    })

    it('without a team means the parent team, the default team, or the only one', async () => {
      const project = async (subject: Parameters<typeof server.evaluate>[0], named = 'vision') =>
        (await server.evaluate(subject, 'write', named)).context
      expect(await project(token)).to.deep.equal({ project: 'ml/vision', reason: 'team_account' })
      const wide = await world.make('/service-accounts', { name: 'wide', default_team: 'ops' })
      const key = String(wide.api_key)
      expect(await project(key)).to.deep.equal({ project: 'ops/vision', reason: 'organization_account' })
      expect((await project(key, 'ml/vision')).project, 'naming the team overrides that').to.equal('ml/vision')
      await world.api('PATCH', '/service-accounts/wide', { default_team: 'ml' })
      expect((await project(key)).project).to.equal('ml/vision')

      const { id } = await world.make('/users', { username: 'joe', email: 'joe@acme.example' })
      const joe = { type: 'user', id }
      expect(await project(joe)).to.deep.equal({ reason: 'team_not_named' })
      await world.api('PUT', '/teams/ops/members/joe', { role: 'member' })
      expect(await project(joe)).to.deep.equal({ project: 'ops/vision', reason: 'team_member' })
      await world.api('PUT', '/teams/ml/members/joe', { role: 'member' })
      expect(await project(joe)).to.deep.equal({ reason: 'team_not_named' })
    })

    it('about a project that does not exist yet is judged as one of its team', async () => {
      expect(await server.reason(token, 'write', 'ml/not-yet')).to.equal('team_account')
      expect(await server.reason(token, 'read', 'ops/not-yet')).to.equal('other_team')
      expect(await server.reason(token, 'read', 'nowhere/not-yet')).to.equal('team_unknown')
    })

    it('follows a team that is called otherwise', async () => {
      await world.make('/teams', { name: 'old-name' })
      const bot = await world.make('/teams/old-name/service-accounts', { name: 'bot', method: 'api_key' })
      await world.api('PATCH', '/teams/old-name', { name: 'new-name' })
      expect(await server.reason(String(bot.api_key), 'read', 'old-name/x')).to.equal('team_unknown')
      expect(await server.evaluate(String(bot.api_key), 'read', 'x')).to.deep.equal({
        decision: true,
        context: { project: 'new-name/x', reason: 'team_account' },
      })
    })
  })

  describe('what is not known', () => {
    it('is a no with a reason, in the standard’s form', async () => {
      const good = questionOf(token, 'read', 'ml/vision')
      const nobody = `sa_${'0'.repeat(26)}`
      const asked: [Body, string][] = [
        [{ ...good, subject: { type: 'robot', id: 'x' } }, 'subject_type_unknown'],
        [{ ...good, subject: { type: 'service_account', id: nobody } }, 'subject_unknown'],
        [{ ...good, subject: { type: 'user', id: world.account.id } }, 'subject_unknown'],
        [{ ...good, subject: { type: 'service_account', id: 'ml/trainer' } }, 'subject_unknown'],
        [{ ...good, subject: { type: 'service_account', id: other.account.id } }, 'subject_unknown'],
        [{ ...good, action: { name: 'delete' } }, 'action_unknown'],
        [{ ...good, action: { name: 'READ' } }, 'action_unknown'],
        [{ ...good, action: { name: '__proto__' } }, 'action_unknown'],
        [{ ...good, resource: { type: 'document', id: 'ml/vision' } }, 'resource_type_unknown'],
        ...[
          '/',
          'ml/',
          '/vision',
          'a/b/c',
          'ML/vision',
          'ml/Vision',
          'ml/vi sion',
          'ml/..',
          '..',
          'ml/vision ',
          '%6dl/x',
          'ml/vision\u0000',
          'x'.repeat(65),
          // An id is no name: a restricted project must not pass for one that is not made yet.
          `proj_${'0'.repeat(26)}`,
          `ml/proj_${'0'.repeat(26)}`,
          `team_${'0'.repeat(26)}`,
        ].map((id): [Body, string] => [{ ...good, resource: { type: 'project', id } }, 'project_malformed']),
        [{ ...good, resource: { type: 'project', id: 'constructor/x' } }, 'team_unknown'],
      ]
      for (const [question, reason] of asked) {
        const { status, body } = await server.post(one, question)
        expect({ status, body }, JSON.stringify(question)).to.deep.equal({
          status: 200,
          body: { decision: false, context: { reason } },
        })
        expect(misfits).to.include(reason)
      }
    })

    it('a credential that is nobody’s any more is one of them, whatever is wrong with it', async () => {
      const inactive = async (credential: string) =>
        expect(await server.evaluate(credential, 'read', 'ml/vision')).to.deep.equal({
          decision: false,
          context: { reason: 'token_inactive' },
        })
      const revoked = await world.granted(world.token())
      await call(service, 'POST', '/oauth/revoke', { form: { token: revoked } })
      const short = await world.granted(world.token(), { requested_token_ttl: '1' })
      const bot = await world.make(world.accounts, { name: 'fleeting', method: 'api_key' })
      const ofBot = String((await world.withKey(String(bot.api_key))).body.access_token)
      await world.api('PATCH', `${world.accounts}/fleeting`, { enabled: false })
      for (const credential of [
        revoked,
        ofBot,
        String(bot.api_key),
        'nothing',
        `csk_${'a'.repeat(49)}`,
        world.token(),
        server.secret,
        service.operatorKey,
        `${token.slice(0, -4)}AAAA`,
        token.slice(0, -1),
        ` ${token}`,
        await other.granted(other.token()),
        other.apiKey,
      ])
        await inactive(credential)
      expect(await server.reason(short, 'read', 'ml/vision')).to.be.oneOf(['team_account', 'token_inactive'])
      expect(await server.reason({ type: 'service_account', id: bot.id }, 'read', 'ml/vision')).to.equal(
        'account_disabled',
      )
      await world.api('PATCH', `${world.accounts}/fleeting`, { enabled: true })
      await inactive(ofBot)
      expect(await server.reason(String(bot.api_key), 'read', 'ml/vision')).to.equal('team_account')
      await world.api('DELETE', `${world.accounts}/fleeting`)
      await inactive(String(bot.api_key))
      expect(await server.reason({ type: 'service_account', id: bot.id }, 'read', 'ml/vision')).to.equal(
        'subject_unknown',
      )
    })

    it('and so is a token that is for another resource server', async () => {
      const another = await resourceServer(world, 'another')
      const meant = await world.granted(world.token(), { resource: another.audience })
      expect(await server.reason(meant, 'read', 'ml/vision')).to.equal('audience_not_accepted')
      expect(await another.reason(meant, 'read', 'ml/vision')).to.equal('team_account')
      // "other" has a server with the same audience as ours.
      const foreign = await other.granted(other.token(), { resource: stranger.audience })
      expect(stranger.audience).to.equal(server.audience)
      expect(await server.reason(foreign, 'read', 'ml/vision')).to.equal('token_inactive')
    })
  })

  describe('who may ask', () => {
    it('is a resource server, of its own organization', async () => {
      const question = questionOf(token, 'read', 'ml/vision')
      const as = (secret?: string) => call(service, 'POST', one, { json: question, ...(secret ? { secret } : {}) })
      const nobody = await as()
      expect(nobody.status).to.equal(401)
      expect(nobody.headers.get('www-authenticate')).to.match(/^Bearer/)
      expect(nobody.headers.get('content-type')).to.match(/^application\/problem\+json/)
      expect((await as('nothing')).status).to.equal(401)
      for (const secret of [token, world.apiKey, world.adminKey, service.operatorKey]) {
        const { status, body } = await as(secret)
        expect(status).to.equal(403)
        expect(body).to.include({ reason: 'forbidden' })
        expect(body.detail).to.contain('resource servers')
      }
      expect(await stranger.reason(token, 'read', 'ml/vision')).to.equal('token_inactive')
      expect(await stranger.reason({ type: 'service_account', id: world.account.id }, 'read', 'x')).to.equal(
        'subject_unknown',
      )
      const basic = `Basic ${Buffer.from(`api:${server.secret}`).toString('base64')}`
      const answer = await call(service, 'POST', one, { json: question, headers: { authorization: basic } })
      expect(answer.body.decision).to.equal(true)
    })

    it('and nobody any more when its key or itself is gone', async () => {
      const brief = await resourceServer(world, 'brief')
      expect(await brief.reason(token, 'read', 'ml/x')).to.equal('team_account')
      await world.api('DELETE', `/resource-servers/${brief.id}`)
      expect((await brief.post(one, questionOf(token, 'read', 'ml/x'))).status).to.equal(401)
    })

    it('has keys of its own, that are rotated with an overlap', async () => {
      const spare = await resourceServer(world, 'spare')
      const { body } = await world.api('GET', `/resource-servers/${spare.id}/keys`)
      const [first] = body.items as { id: string }[]
      const rotated = await world.api('POST', `/resource-servers/${spare.id}/keys/${first?.id}/rotate`, {
        overlap_seconds: 60,
      })
      for (const secret of [spare.secret, String(rotated.body.secret)]) {
        const answer = await call(service, 'POST', one, { secret, json: questionOf(token, 'read', 'ml/x') })
        expect(answer.body.decision).to.equal(true)
      }
    })

    it('leaves a key’s use in the trail, with who asked', async () => {
      const bot = await world.make(world.accounts, { name: 'seen', method: 'api_key' })
      await server.evaluate(String(bot.api_key), 'read', 'x')
      const { body } = await world.api('GET', `/audit-events?type=api_key.use&actor=${bot.id}`)
      const [event] = body.items as { detail: Body }[]
      expect(event?.detail).to.include({ at: 'tracker' })
    })
  })

  describe('a request that cannot be read', () => {
    it('is 400 with what is wrong, each a problem', async () => {
      const good = questionOf(token, 'read', 'ml/vision')
      const { subject, action, resource } = good
      const asked: [unknown, string[]][] = [
        [{}, ['subject', 'action', 'resource']],
        [{ action, resource }, ['subject']],
        [{ ...good, subject: 'me' }, ['subject']],
        [{ ...good, subject: null }, ['subject']],
        [{ ...good, subject: { type: 'token' } }, ['subject.id']],
        [{ ...good, subject: { type: 'token', id: 7 } }, ['subject.id']],
        [{ ...good, subject: { type: 'token', id: '' } }, ['subject.id']],
        [{ ...good, subject: [subject] }, ['subject']],
        [{ ...good, action: {} }, ['action.name']],
        [{ ...good, resource: { type: 'project' } }, ['resource.id']],
        [{ ...good, context: 'x' }, ['context']],
      ]
      for (const [json, paths] of asked) {
        const { status, body, headers } = await server.post(one, json)
        expect(status, JSON.stringify(json)).to.equal(400)
        expect(headers.get('content-type')).to.match(/^application\/problem\+json/)
        expect(body.reason).to.equal('evaluation_invalid')
        expect((body.errors as { path: string }[]).map(({ path }) => path)).to.deep.equal(paths)
        expect(body.request_id).to.match(/^req_/)
      }
    })

    it('so is a body that is none', async () => {
      const send = (body: string, type = 'application/json') =>
        fetch(service.url + one, {
          method: 'POST',
          body,
          headers: { authorization: `Bearer ${server.secret}`, 'content-type': type },
        })
      const bodies = [
        '',
        'x',
        '[]',
        '"x"',
        'null',
        '{"subject":{},"subject":{}}',
        `{"a":${'['.repeat(50)}${']'.repeat(50)}}`,
      ]
      for (const body of bodies) expect((await send(body)).status, body).to.equal(400)
      expect((await send('{}', 'text/plain')).status).to.equal(415)
      expect((await send(JSON.stringify({ a: 'x'.repeat(1_100_000) }))).status).to.equal(413)
      const get = await call(service, 'GET', one, { secret: server.secret })
      expect(get.status).to.equal(405)
      expect(get.headers.get('allow')).to.equal('POST')
    })

    it('what is known to nobody is ignored', async () => {
      const json = {
        ...questionOf(token, 'read', 'ml/vision'),
        context: { time: '1985-10-26T01:22-07:00' },
        colour: 'red',
      }
      Object.assign(json.subject, { properties: { department: 'Sales' } })
      expect((await server.post(one, json)).body.decision).to.equal(true)
    })

    it('bears the identifier that its caller gave it', async () => {
      const id = 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716'
      const question = questionOf(token, 'read', 'ml/vision')
      const answer = await server.post(one, question, { 'x-request-id': id })
      expect(answer.headers.get('x-request-id')).to.equal(id)
      expect((await server.post(one, {}, { 'x-request-id': id })).headers.get('x-request-id')).to.equal(id)
      const own = await server.post(one, question, { 'x-request-id': 'x'.repeat(300) })
      expect(own.headers.get('x-request-id')).to.match(/^req_/)
    })
  })

  describe('several questions', () => {
    const on = (id: string) => ({ resource: { type: 'project', id } })
    const decisions = ({ body }: { body: Body }) =>
      (body.evaluations as { decision: boolean }[]).map(({ decision }) => decision)

    it('are answered in their order; what stands beside them is the default of each', async () => {
      const { subject, action } = questionOf(token, 'write', '')
      const answer = await server.post(many, {
        subject,
        action,
        evaluations: [on('ml/a'), on('ops/team'), { ...on('ops/public'), action: { name: 'read' } }, on('ops/open')],
      })
      expect(answer.status).to.equal(200)
      expect(answer.body).to.not.have.property('decision')
      expect(decisions(answer)).to.deep.equal([true, false, true, true])
      const own = { subject: { type: 'token', id: 'nothing' }, ...on('ml/a') }
      const mixed = await server.post(many, { subject, action, evaluations: [own, on('ml/a')] })
      expect(decisions(mixed)).to.deep.equal([false, true])
    })

    it('end as is asked: at the first no, or at the first yes', async () => {
      const { subject, action } = questionOf(token, 'write', '')
      const evaluations = [on('ops/team'), on('ml/a'), on('ops/restricted'), on('ml/b')]
      const ask = (evaluations_semantic: unknown) =>
        server.post(many, { subject, action, evaluations, options: { evaluations_semantic, other: 1 } })
      expect(decisions(await ask('execute_all'))).to.deep.equal([false, true, false, true])
      expect(decisions(await ask('deny_on_first_deny'))).to.deep.equal([false])
      expect(decisions(await ask('permit_on_first_permit'))).to.deep.equal([false, true])
      for (const unknown of ['first', null, 1]) {
        const { status, body } = await ask(unknown)
        expect(status).to.equal(400)
        expect((body.errors as { path: string }[])[0]?.path).to.equal('options.evaluations_semantic')
      }
    })

    it('that cannot be read are a no each, and spoil no other', async () => {
      const { subject, action } = questionOf(token, 'read', '')
      const { body, status } = await server.post(many, {
        subject,
        action,
        evaluations: [
          on('ml/a'),
          {},
          { ...on('ml/a'), subject: null },
          { resource: { type: 'project' } },
          'x',
          null,
          [],
          7,
        ],
      })
      expect(status).to.equal(200)
      const [good, ...bad] = body.evaluations as { decision: boolean; context: Body }[]
      expect(good?.decision).to.equal(true)
      expect(bad).to.have.length(7)
      for (const { decision, context } of bad) {
        expect(decision).to.equal(false)
        expect(context).to.nested.include({ reason: 'request_malformed', 'error.status': 400 })
        expect(JSON.stringify(context.error)).to.match(/resource|subject/)
      }
    })

    it('are one question when there are none', async () => {
      const question = questionOf(token, 'read', 'ml/vision')
      const single = await server.post(one, question)
      expect((await server.post(many, question)).body).to.deep.equal(single.body)
      expect((await server.post(many, { ...question, evaluations: [] })).body).to.deep.equal(single.body)
      expect((await server.post(many, {})).status).to.equal(400)
      expect((await server.post(many, { ...question, evaluations: {} })).status).to.equal(400)
    })

    it('beyond counting are refused in a small answer', async () => {
      const answer = await server.post(many, { evaluations: Array(500_000).fill(0) })
      expect(answer.body).to.include({ reason: 'too_many_evaluations' })
      const wrong = await server.post(
        one,
        Object.fromEntries(['subject', 'action', 'resource'].map((name) => [name, 7])),
      )
      expect((wrong.body.errors as unknown[]).length).to.be.at.most(20)
    })

    it('may be 500, and 1,000 are refused with the name of the limit', async () => {
      const { subject, action } = questionOf(token, 'read', '')
      const ask = (count: number) =>
        server.post(many, { subject, action, evaluations: Array.from({ length: count }, (_, i) => on(`ml/p${i}`)) })
      const most = await ask(500)
      expect(decisions(most)).to.deep.equal(Array(500).fill(true))
      for (const count of [501, 1000]) {
        const { status, body } = await ask(count)
        expect(status).to.equal(400)
        expect(body).to.include({ reason: 'too_many_evaluations' })
        expect(body.detail).to.contain(`${count} evaluations`).and.to.contain('LIMIT_EVALUATIONS_PER_REQUEST')
      }
    })
  })

  it('has a limit of questions that the operator sets', async () => {
    const small = await startService({ env: { LIMIT_EVALUATIONS_PER_REQUEST: '2' } })
    try {
      const there = await createWorld(small, provider)
      const { post } = await resourceServer(there, 'tracker')
      const ask = (count: number) =>
        post(many, { ...questionOf(there.apiKey, 'read', 'ml/a'), evaluations: Array(count).fill({}) })
      expect((await ask(2)).status).to.equal(200)
      expect((await ask(3)).body).to.include({ reason: 'too_many_evaluations', status: 400 })
    } finally {
      await small.close()
    }
  })

  it('says where it is (AuthZEN 1.0, metadata)', async () => {
    const { body } = await call(service, 'GET', '/.well-known/authzen-configuration')
    expect(body).to.deep.equal({
      policy_decision_point: service.publicUrl,
      access_evaluation_endpoint: `${service.publicUrl}${one}`,
      access_evaluations_endpoint: `${service.publicUrl}${many}`,
    })
  })
})
