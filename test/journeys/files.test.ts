/** An organization as a file: planned, applied whole or not at all, exported, and kept from hands. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Answer, call, type Service, startService } from '../support/server.ts'
import { createWorld, type Event, must, type World } from '../support/world.ts'

type Change = {
  action: string
  kind: string
  path: string
  before?: Record<string, unknown>
  after?: Record<string, unknown>
  adopted?: boolean
  ends_tokens?: boolean
  notes?: string[]
}
type File = Record<string, unknown>
type Ask = { prune?: boolean; source?: string; ifMatch?: string; secret?: string }

const source = 'github.com/acme/infra/acme.yaml@4f2a9c1'
const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] }

describe('journey: an organization as a file', function () {
  this.timeout(120_000)
  let provider: Provider
  let service: Service
  let world: World
  let org: string
  let count = 0

  before(async () => {
    provider = await startProvider()
    service = await startService()
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })
  beforeEach(async () => {
    org = `acme-${++count}`
    world = await createWorld(service, provider, { org, subject: `${org}-job` })
  })

  const send = (verb: 'plan' | 'apply', document: File, { ifMatch, secret = world.adminKey, ...ask }: Ask = {}) =>
    call(service, 'POST', `${world.path}/${verb}`, {
      secret,
      json: { document: { organization: org, ...document }, source, ...ask },
      headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
    })
  const plan = async (document: File, ask?: Ask) => must(send('plan', document, ask))
  const apply = async (document: File, ask?: Ask) => must(send('apply', document, ask))
  const changesIn = ({ changes }: Answer['body']) => changes as Change[]
  const said = (body: Answer['body']) => changesIn(body).map(({ action, path }) => `${action} ${path}`)
  const exported = () => must(world.api('GET', '/export'))
  const events = async (requestId: unknown): Promise<Event[]> => world.auditOf(requestId)
  const errorsIn = ({ body }: Answer) =>
    (body.errors as { path: string; message: string }[]).map(({ path, message }) => `${path}: ${message}`)

  /** What the world has already, as a file would have it. */
  const teams = (more: File = {}, account: File = {}) => ({
    ml: {
      service_accounts: {
        trainer: {
          method: 'federated',
          trust_policies: { main: { issuer: 'ci', subject: 'repo:acme/app:ref:refs/heads/main' } },
          ...account,
        },
      },
      ...more,
    },
  })

  it('makes all that it names, and nothing else', async () => {
    const file = {
      issuers: { gitlab: { issuer: 'https://gitlab.acme.example', jwks, audiences: [`${org}-gitlab`] } },
      teams: {
        research: {
          display_name: 'Research',
          projects: { papers: { visibility: 'restricted' }, notes: { visibility: 'open' } },
          service_accounts: {
            robot: { method: 'api_key', access: 'read', description: 'Reads' },
            deploy: {
              method: 'federated',
              token_ttl: 300,
              trust_policies: {
                main: {
                  issuer: 'gitlab',
                  subject: 'project_path:acme/*:ref_type:branch:ref:main',
                  match: 'glob',
                  conditions: [{ claim: 'project_id', op: 'equals', value: '42' }],
                  cel: "claims.ref == 'main'",
                  state: 'draft',
                },
              },
            },
          },
        },
      },
      service_accounts: { sweeper: { default_team: 'research', admin: true } },
      resource_servers: { tracker: { audience: 'https://tracker.acme.example' } },
    }
    const planned = await plan(file)
    expect(planned.faults).to.deep.equal([])
    expect(said(planned)).to.deep.equal([
      'create teams/research',
      'create issuers/gitlab',
      'create teams/research/projects/papers',
      'create teams/research/projects/notes',
      'create teams/research/service-accounts/robot',
      'create teams/research/service-accounts/deploy',
      'create service-accounts/sweeper',
      'create teams/research/service-accounts/deploy/trust-policies/main',
      'create resource-servers/tracker',
    ])
    const answer = await send('apply', file, { ifMatch: String(planned.state) })
    expect(answer.status).to.equal(200)
    expect(answer.body.summary).to.deep.equal({ created: 9, updated: 0, deleted: 0, unchanged: 0 })
    expect(answer.headers.get('etag')).to.equal(answer.body.state)
    expect(JSON.stringify(answer.body)).not.to.match(/csk_/)

    const made = await must(world.api('GET', '/teams/research/service-accounts/deploy/trust-policies/main'))
    expect(made).to.deep.include({ issuer: 'gitlab', match: 'glob', state: 'draft', managed_by: source })
    const keys = await must(world.api('GET', `/service-accounts/sweeper/keys`))
    expect(keys.items).to.deep.equal([])
    expect((await must(world.api('GET', '/teams/ml'))).managed_by).to.equal(null)

    const recorded = await events(answer.headers.get('x-request-id'))
    expect(recorded.map(({ type }) => type).sort()).to.deep.equal([
      'issuer.create',
      'organization.apply',
      'project.create',
      'project.create',
      'resource_server.create',
      'service_account.create',
      'service_account.create',
      'service_account.create',
      'team.create',
      'trust_policy.create',
    ])
    const [whole] = recorded.filter(({ type }) => type === 'organization.apply')
    expect(whole?.detail).to.deep.include({ source, prune: false, created: 9, updated: 0, deleted: 0, unchanged: 0 })
    expect(whole?.detail.digest).to.match(/^[0-9a-f]{64}$/)
  })

  it('changes nothing the second time, and puts nothing on record', async () => {
    const file = { teams: teams({ display_name: 'ML', projects: { one: { visibility: 'restricted' } } }) }
    const first = await apply(file)
    const again = await send('apply', file)
    expect(again.body).to.deep.include({ changes: [], state: first.state })
    expect(await events(again.headers.get('x-request-id'))).to.deep.equal([])
    // Of what did not change, the revision that changed it last stays.
    const later = source.replace('4f2a9c1', '99aa00b')
    expect(said(await apply(file, { source: later }))).to.deep.equal([])
    expect((await must(world.api('GET', '/teams/ml'))).managed_by).to.equal(source)
    await apply({ teams: teams({ display_name: 'ML 2' }) }, { source: later })
    expect((await must(world.api('GET', '/teams/ml'))).managed_by).to.equal(later)
  })

  it('adopts what it names and nobody kept in a file, and says so', async () => {
    const planned = await plan({ teams: teams() })
    const adopted = changesIn(planned).filter(({ adopted }) => adopted)
    expect(adopted.map(({ path }) => path)).to.deep.equal(['teams/ml', 'teams/ml/service-accounts/trainer'])
    expect(adopted[0]).to.deep.include({ before: { managed_by: null }, after: { managed_by: source } })
  })

  it('leaves alone what it does not name, and deletes it when that is asked for', async () => {
    await world.make('/teams', { name: 'spare' })
    const file = {
      issuers: { ci: { issuer: provider.issuer } },
      teams: { ml: { service_accounts: { trainer: { method: 'federated' } } } },
    }
    expect(said(await plan(file)).filter((line) => line.startsWith('delete'))).to.deep.equal([])
    const planned = await plan(file, { prune: true })
    expect(said(planned).filter((line) => line.startsWith('delete'))).to.have.members([
      'delete teams/spare',
      'delete teams/ml/service-accounts/robot',
      `delete teams/ml/service-accounts/trainer/trust-policies/${await policyName()}`,
    ])
    const token = await world.withKey(world.apiKey)
    expect(token.status).to.equal(200)
    await apply(file, { prune: true })
    expect((await world.introspect(String(token.body.access_token))).body).to.deep.equal({ active: false })
    expect((await world.api('GET', '/teams/spare')).status).to.equal(404)
  })

  const policyName = async () => {
    const { items } = await must(world.api('GET', `/teams/ml/service-accounts/trainer/trust-policies`))
    return (items as { name: string }[])[0]?.name
  }

  it('says what ends, and ends it', async () => {
    const name = String(await policyName())
    const policy = (subject: string) => teams({}, { trust_policies: { [name]: { issuer: 'ci', subject } } })
    const token = await world.granted(world.token())
    expect(changesIn(await plan({ teams: policy(world.subject) })).some(({ ends_tokens }) => ends_tokens)).to.equal(
      false,
    )
    const planned = await plan({ teams: policy('another') })
    expect(changesIn(planned).find(({ kind }) => kind === 'trust_policy')).to.deep.include({
      action: 'update',
      ends_tokens: true,
      before: { managed_by: null, subject: world.subject },
      after: { managed_by: source, subject: 'another' },
    })
    await apply({ teams: policy(world.subject) })
    expect((await world.introspect(token)).body.active).to.equal(true)
    await apply({ teams: policy('another') })
    expect((await world.introspect(token)).body).to.deep.equal({ active: false })
  })

  it('takes a new name for a new object, and says so; an issuer takes its policies along', async () => {
    const before = {
      issuers: { old: { issuer: 'https://old.acme.example', jwks } },
      teams: teams({}, { trust_policies: { main: { issuer: 'old', subject: 'a' } } }),
    }
    await apply(before)
    const after = {
      issuers: { ci: { issuer: provider.issuer }, new: { issuer: 'https://old.acme.example', jwks } },
      teams: teams({}, { trust_policies: { main: { issuer: 'new', subject: 'a' } } }),
    }
    const planned = await plan(after, { prune: true })
    expect(planned.faults).to.deep.equal([])
    const moves = said(planned).filter((line) => /(main|old|new)$/.test(line))
    expect(moves).to.deep.equal([
      'delete teams/ml/service-accounts/trainer/trust-policies/main',
      'delete issuers/old',
      'create issuers/new',
      'create teams/ml/service-accounts/trainer/trust-policies/main',
    ])
    expect(
      changesIn(planned).find(({ path, action }) => path === 'issuers/new' && action === 'create')?.notes,
    ).to.deep.equal(['a new name is a new object: old and what it gave out go'])
    await apply(after, { prune: true })
    expect((await must(world.api('GET', '/teams/ml/service-accounts/trainer/trust-policies/main'))).issuer).to.equal(
      'new',
    )
  })

  it('is refused against a changed world, and by the later of two at once', async () => {
    const { state } = await plan({ teams: { a: {} } })
    await world.make('/teams', { name: 'meanwhile' })
    const late = await send('apply', { teams: { a: {} } }, { ifMatch: String(state) })
    expect(late.status).to.equal(412)
    expect(late.body.reason).to.equal('precondition_failed')
    expect((await world.api('GET', '/teams/a')).status).to.equal(404)

    const now = String((await plan({})).state)
    const both = await Promise.all(['b', 'c'].map((name) => send('apply', { teams: { [name]: {} } }, { ifMatch: now })))
    expect(both.map(({ status }) => status).sort()).to.deep.equal([200, 412])
    const unbound = await Promise.all(['d', 'd'].map((name) => send('apply', { teams: { [name]: {} } })))
    expect(unbound.map(({ status }) => status)).to.deep.equal([200, 200])
    expect(unbound.map(({ body }) => changesIn(body).length).sort()).to.deep.equal([0, 1])
  })

  it('does nothing by half: a fault in its last object leaves nothing', async () => {
    const other = await createWorld(service, provider, { org: `${org}-other`, subject: `${org}-other` })
    await other.make('/issuers', { name: 'held', issuer: 'https://held.example', audiences: [`${org}-held`], jwks })
    const before = await exported()
    const bad: [why: string, File, errors: (string | RegExp)[]][] = [
      [
        'an audience of another organization',
        { issuers: { held: { issuer: 'https://held.example', audiences: [`${org}-held`], jwks } } },
        [/^document\.issuers\.held\.audiences: .* registered already/],
      ],
      [
        "an audience that is another organization's name, and one of the installation, both named",
        {
          issuers: { named: { issuer: 'https://named.example', audiences: [`${org}-other`], jwks } },
          resource_servers: { own: { audience: service.publicUrl } },
        },
        [
          `document.issuers.named.audiences: the audience ${org}-other is kept for another organization`,
          `document.resource_servers.own.audience: the audience ${service.publicUrl} is kept for the installation itself`,
        ],
      ],
      [
        'an issuer that is not there',
        { teams: teams({}, { trust_policies: { main: { issuer: 'nobody', subject: 'a' } } }) },
        [
          'document.teams.ml.service_accounts.trainer.trust_policies.main.issuer: the organization has no issuer nobody',
        ],
      ],
      [
        'a member that stays for life',
        { teams: teams({}, { method: 'api_key', trust_policies: {} }) },
        [/^document\.teams\.ml\.service_accounts\.trainer\.method: stays "federated" for life/],
      ],
      [
        'a policy that cannot be compiled',
        {
          teams: teams(
            {},
            { trust_policies: { main: { issuer: 'ci', subject: 'a', conditions: [{ claim: '/a~', op: 'exists' }] } } },
          ),
        },
        [
          /^document\.teams\.ml\.service_accounts\.trainer\.trust_policies\.main\.conditions\.0\.claim: is no JSON pointer/,
        ],
      ],
      [
        'a private key',
        { issuers: { a: { issuer: 'https://a.example', jwks: { keys: [{ ...jwks.keys[0], d: 'AAAA' }] } } } },
        [/private or symmetric key/],
      ],
      ['another organization', { organization: 'globex' }, [/^document\.organization: the file is of globex/]],
      ['an unknown name', { team: {} }, ['document.team: team is not known here; did you mean teams?']],
      [
        'a name that would be lost',
        { teams: JSON.parse('{"__proto__":{}}') },
        ['document.teams.__proto__: this name is not taken'],
      ],
      [
        'a project of a restricted name',
        { teams: { ml: { projects: { kept: { visibility: 'open' } } } } },
        [/^document\.teams\.ml\.projects\.kept\.visibility: a restricted project/],
      ],
    ]
    const kept = await world.make('/teams/ml/projects', { name: 'kept', visibility: 'restricted' })
    await must(world.api('DELETE', `/teams/ml/projects/${kept.id}`))
    for (const [why, file, errors] of bad) {
      const answer = await send('apply', { ...file, teams: { first: {}, ...(file.teams as File) } })
      expect(answer.status, why).to.equal(422)
      expect(errorsIn(answer), why).to.have.length(errors.length)
      for (const [i, error] of errors.entries())
        if (typeof error === 'string') expect(errorsIn(answer)[i], why).to.equal(error)
        else expect(errorsIn(answer)[i], why).to.match(error)
      expect(await exported(), why).to.deep.equal(before)
      expect(await events(answer.headers.get('x-request-id')), why).to.deep.equal([])
    }
  })

  it('takes everything back when what no plan foresaw ends a later deed', async function () {
    // The embedded database lets a test in beside the service.
    if (process.env.TESTS_ON === 'postgres') this.skip()
    const before = await exported()
    const beside = new DatabaseSync(join(service.dataDir, 'countersign.db'))
    beside.exec(
      `create trigger fails before insert on trust_policies when new.name = 'fails' begin select raise(abort, 'fails'); end`,
    )
    const file = {
      issuers: { another: { issuer: 'https://another.example', audiences: [`${org}-another`], jwks } },
      teams: teams({}, { trust_policies: { fails: { issuer: 'another', subject: 'a' } } }),
    }
    expect((await plan(file)).faults).to.deep.equal([])
    const answer = await send('apply', file)
    beside.exec('drop trigger fails')
    beside.close()
    expect(answer.status).to.equal(500)
    expect(await exported()).to.deep.equal(before)
    expect(await events(answer.headers.get('x-request-id'))).to.deep.equal([])
    expect((await apply(file)).summary).to.deep.include({ created: 2 })
  })

  it('hands an audience from one issuer to the other, and says that two cannot exchange theirs at once', async () => {
    const issuer = (audience: string) => ({ issuer: 'https://one.example', audiences: [`${org}-${audience}`], jwks })
    await apply({ issuers: { b: issuer('x'), c: issuer('y') } })
    const handed = { issuers: { a: issuer('x'), b: issuer('y'), c: issuer('z') } }
    expect((await plan(handed)).faults).to.deep.equal([])
    expect(said(await apply(handed))).to.deep.equal(['update issuers/c', 'update issuers/b', 'create issuers/a'])
    expect(said(await plan(handed))).to.deep.equal([])

    const swapped = { issuers: { a: issuer('y'), b: issuer('x') } }
    const faults = (await plan(swapped)).faults as { path: string; message: string }[]
    expect(faults.map(({ path }) => path)).to.deep.equal([
      'document.issuers.a.audiences',
      'document.issuers.b.audiences',
    ])
    const answer = await send('apply', swapped)
    expect(answer.status).to.equal(422)
    expect(errorsIn(answer)[0]).to.match(/in exchange/)
  })

  it('plans as it applies what lint has against an account that may write from then on', async () => {
    const github = { issuer: 'https://token.actions.githubusercontent.com', audiences: [`${org}-github`] }
    const override_reason = 'An organization of our own, and nobody else is in it'
    const wide = { issuer: 'github', subject: 'repo:*', match: 'glob', override_reason }
    const file = (account: File, main: File = wide) => ({
      issuers: { github },
      teams: teams({}, { ...account, trust_policies: { main } }),
    })
    await apply(file({ access: 'read' }))
    for (const named of [wide, undefined]) {
      const widened = file({ access: 'write' })
      if (!named) widened.teams.ml.service_accounts.trainer.trust_policies = {} as never
      const [fault] = (await plan(widened)).faults as { path: string; message: string }[]
      expect(fault?.path).to.equal('document.teams.ml.service_accounts.trainer.access')
      const refused = await send('apply', widened)
      expect(refused.status).to.equal(422)
      expect(refused.body.reason).to.equal('lint_refused')
      expect(errorsIn(refused)[0]).to.equal(`${fault?.path}: ${fault?.message}`)
    }
    // Its policies are what they will be by then.
    const narrow = {
      issuer: 'github',
      subject: 'repo:acme/app:ref:refs/heads/main',
      conditions: [
        { claim: 'repository_id', op: 'equals', value: '7' },
        { claim: 'repository_owner_id', op: 'equals', value: '7' },
      ],
    }
    expect((await plan(file({ access: 'write' }, narrow))).faults).to.deep.equal([])
    await apply(file({ access: 'write' }, narrow))
    await apply(file({ access: 'read' }))
    const done = await send('apply', file({ access: 'write', override_reason }))
    expect(done.status).to.equal(200)
    const recorded = await events(done.headers.get('x-request-id'))
    expect(recorded.find(({ type }) => type === 'service_account.update')?.detail).to.deep.include({ override_reason })
  })

  it('exports what changes nothing when it is applied, as JSON and as YAML', async () => {
    await world.make('/issuers', {
      name: 'odd',
      issuer: 'https://odd.example',
      jwks,
      audiences: [`${org}-odd`, 'yes'],
      clock_tolerance: 0,
      single_use: true,
    })
    await world.make('/service-accounts', { name: 'wide', default_team: 'ml', description: 'a: "b"\n# c' })
    const conditions = [
      { claim: 'repository_id', op: 'equals', value: '0123' },
      { claim: 'n', op: 'in', value: [1, true, 'on', 1.5] },
    ]
    await world.make('/teams/ml/service-accounts/trainer/trust-policies', {
      name: 'second',
      issuer: 'ci',
      subject: 's',
      conditions,
    })
    const file = await exported()
    expect(file.organization).to.equal(org)
    const { organization: _, ...document } = file
    const planned = await plan(document, { prune: true })
    expect(
      changesIn(planned).every(({ adopted, before }) => adopted && Object.keys(before ?? {}).length === 1),
    ).to.equal(true)
    await apply(document, { prune: true })
    expect(said(await plan(document, { prune: true }))).to.deep.equal([])

    const yaml = await call(service, 'GET', `${world.path}/export`, {
      secret: world.adminKey,
      headers: { accept: 'application/yaml' },
    })
    expect(yaml.headers.get('content-type')).to.match(/^application\/yaml/)
    const { readYaml } = await import('../../src/server/files/read.ts')
    const read = readYaml(String(yaml.body.text))
    expect(read.ok && read.value).to.deep.equal(file)
    expect(String(yaml.body.text)).to.contain(
      `# yaml-language-server: $schema=${service.publicUrl}/api/v1/schemas/organization.json`,
    )
  })

  it('is judged by lint, which refuses what nobody gave a reason for', async () => {
    const github = { issuer: 'https://token.actions.githubusercontent.com' }
    const policy = { issuer: 'github', subject: 'repo:*', match: 'glob' }
    const file = (more: File = {}) => ({
      issuers: { github },
      teams: teams({}, { trust_policies: { main: { ...policy, ...more } } }),
    })
    const at = 'teams/ml/service-accounts/trainer/trust-policies/main'
    const planned = await plan(file())
    const errors = (planned.findings as { path: string; severity: string; rule: string }[]).filter(
      ({ severity }) => severity === 'error',
    )
    expect(errors.length).to.be.greaterThan(0)
    expect(errors.every(({ path }) => path === at)).to.equal(true)
    expect((planned.faults as { path: string }[])[0]?.path).to.equal(
      'document.teams.ml.service_accounts.trainer.trust_policies.main',
    )
    const before = await exported()
    const refused = await send('apply', file())
    expect(refused.status).to.equal(422)
    expect(refused.body.reason).to.equal('lint_refused')
    expect((refused.body.findings as { path: string }[])[0]?.path).to.equal(at)
    expect(await exported()).to.deep.equal(before)

    const override_reason = 'An organization of our own, and nobody else is in it'
    const done = await send('apply', file({ override_reason }))
    expect(done.status).to.equal(200)
    const recorded = await events(done.headers.get('x-request-id'))
    expect(recorded.find(({ type }) => type === 'trust_policy.create')?.detail).to.deep.include({ override_reason })
    // What is kept, and not changed, is not judged anew.
    expect((await plan(file())).faults).to.deep.equal([])
  })

  it('is replayed on what is on record', async () => {
    const name = String(await policyName())
    await world.granted(world.token())
    await world.exchange(world.token({ sub: 'another' }))
    const policy = (subject: string) => ({
      teams: teams({}, { trust_policies: { [name]: { issuer: 'ci', subject } } }),
    })
    const { replay } = await plan(policy('another'))
    expect((replay as { counts: object }).counts).to.deep.include({ gain: 1, lose: 1 })
    expect((await plan(policy(world.subject))).replay).to.equal(null)
    expect(
      (
        await plan({
          teams: teams({}, { enabled: false, trust_policies: { [name]: { issuer: 'ci', subject: world.subject } } }),
        })
      ).replay,
    ).to.deep.include({ exchanges: 2 })
  })

  it('takes two thousand policies at once', async () => {
    const policies = Array.from({ length: 2_000 }, (_, i) => [
      `p-${i}`,
      {
        issuer: 'ci',
        subject: `repo:acme/app-${i}:ref:refs/heads/main`,
        conditions: [{ claim: 'repository_id', op: 'equals', value: `${100_000 + i}` }],
      },
    ])
    const file = { teams: teams({}, { trust_policies: Object.fromEntries(policies) }) }
    const answer = await send('apply', file)
    expect(answer.status, JSON.stringify(answer.body).slice(0, 400)).to.equal(200)
    expect((answer.body.summary as { created: number }).created).to.equal(2_000)
    expect(said(await plan(file))).to.deep.equal([])
    // One more is too many for the others to wait for.
    const teamsMade = Object.fromEntries(Array.from({ length: 2_501 }, (_, i) => [`t-${i}`, {}]))
    const more = { teams: { ...file.teams, ...teamsMade } }
    const fault = /^document: 2,501 changes at once, and 2,500 are allowed \(LIMIT_CHANGES_PER_APPLY\)/
    const refused = await send('apply', more)
    expect(refused.status).to.equal(422)
    expect(errorsIn(refused)[0]).to.match(fault)
    expect((await plan(more)).faults).to.have.length(1)
    expect((await world.api('GET', '/teams/t-0')).status).to.equal(404)
  })

  describe('what is in a file', () => {
    const everything = {
      issuers: { gitlab: { issuer: 'https://gitlab.acme.example', jwks } },
      teams: {
        ml: {},
        research: {
          projects: { papers: { visibility: 'team' } },
          service_accounts: {
            deploy: { method: 'federated', trust_policies: { main: { issuer: 'gitlab', subject: 'a' } } },
          },
        },
      },
      resource_servers: { tracker: { audience: 'https://tracker.acme.example' } },
    }
    const objects: [path: string, change: File][] = [
      ['/teams/research/service-accounts/deploy/trust-policies/main', { subject: 'b' }],
      ['/teams/research/service-accounts/deploy', { enabled: false }],
      ['/teams/research/projects/papers', { visibility: 'open' }],
      ['/resource-servers/tracker', { name: 'other' }],
      ['/issuers/gitlab', { enabled: false }],
      ['/teams/research', { display_name: 'R' }],
    ]

    it('refuses hands, unless they force it, which is on record', async () => {
      await apply(everything)
      for (const [path, change] of objects)
        for (const method of ['PATCH', 'DELETE']) {
          const answer = await world.api(method, path, method === 'PATCH' ? change : undefined)
          expect(answer.status, `${method} ${path}`).to.equal(409)
          expect(answer.body.reason).to.equal('managed')
          expect(answer.body.detail).to.contain(source)
        }
      for (const [path, change] of objects.filter(([path]) => path !== '/resource-servers/tracker')) {
        const forced = await world.api('PATCH', `${path}?force=true`, change)
        expect(forced.status, path).to.equal(200)
        expect(forced.body.managed_by).to.equal(source)
        const [event] = await events(forced.headers.get('x-request-id'))
        expect(event?.detail.forced).to.equal(true)
      }
      // What drifted is what a plan shows, and an apply takes back.
      expect(said(await plan(everything))).to.deep.equal([
        'update teams/research',
        'update issuers/gitlab',
        'update teams/research/projects/papers',
        'update teams/research/service-accounts/deploy',
        'update teams/research/service-accounts/deploy/trust-policies/main',
      ])
      await apply(everything)
      for (const [path] of objects) {
        const forced = await world.api('DELETE', `${path}?force=true`)
        expect(forced.status, path).to.equal(204)
        const [event] = await events(forced.headers.get('x-request-id'))
        expect(event?.detail.forced).to.equal(true)
      }
    })

    it('lets nobody in by hand: an account takes no further policy, unless that is forced', async () => {
      await apply(everything)
      const policies = '/teams/research/service-accounts/deploy/trust-policies'
      const refused = await world.api('POST', policies, { issuer: 'gitlab', subject: 'stranger' })
      expect([refused.status, refused.body.reason]).to.deep.equal([409, 'managed'])
      expect((await must(world.api('GET', policies))).items).to.have.length(1)
      const forced = await world.api('POST', `${policies}?force=true`, { issuer: 'gitlab', subject: 'b', name: 'hand' })
      expect(forced.status).to.equal(201)
      await must(world.api('DELETE', `${policies}/hand`))
      for (const [path] of objects) await must(world.api('DELETE', `${path}?force=true`))
    })

    it('does not go with an issuer that is in none', async () => {
      const trust_policies = { main: { issuer: 'ci', subject: 'a' } }
      await apply({ teams: teams({}, { trust_policies }) })
      const refused = await world.api('DELETE', '/issuers/ci')
      expect(refused.status).to.equal(409)
      expect(refused.body.detail).to.contain('the trust policy main on it is kept in')
      expect((await world.api('DELETE', '/issuers/ci?force=maybe')).body.reason).to.equal('query_invalid')
      expect((await world.api('DELETE', '/issuers/ci?force=true')).status).to.equal(204)
    })
  })

  it('is for admins of the organization, and does not delete whoever applies it', async () => {
    const robot = await world.make('/service-accounts', { name: 'ci-robot', default_team: 'ml', admin: true })
    const file = { issuers: { ci: { issuer: provider.issuer } }, teams: { ml: {} } }
    const answer = await send('apply', file, { prune: true, secret: String(robot.api_key) })
    expect(answer.status).to.equal(422)
    expect(errorsIn(answer)).to.deep.equal([
      'document.service_accounts.ci-robot: cannot be pruned: it is who asks for it; name it in the file',
    ])
    expect((await send('plan', {}, { secret: world.apiKey })).status).to.equal(403)
  })
})
