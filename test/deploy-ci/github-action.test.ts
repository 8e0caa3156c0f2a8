/** deploy/ci/github: the bundle as a runner starts it, against a stand-in of GitHub's token endpoint and the running service. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { transform } from 'esbuild'
import { createRunner } from '../../deploy/ci/github/src/runner.ts'
import { type Command, createActionJob, definition, pairsIn, type Ran } from '../support/actions-runner.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { leaks } from '../support/leaks.ts'
import { type GithubActions, startGithubActions } from '../support/platforms/github-actions.ts'
import { json, startLoopback } from '../support/platforms/loopback.ts'
import { root, type Service, startService } from '../support/server.ts'
import { claimsIn, createWorld, type World } from '../support/world.ts'

const subject = 'repo:acme/app:ref:refs/heads/main'
const bundle = join(root, 'deploy/ci/github/index.mjs')
const of = (name: string) => (command: Command) => command.name === name
const only = (ran: Ran, name: string) => {
  const found = ran.commands.filter(of(name))
  expect(found, name).to.have.lengthOf(1)
  return found[0] as Command
}

describe('the GitHub Action', () => {
  let provider: Provider
  let service: Service
  let world: World
  let platform: GithubActions
  let job: ReturnType<typeof createActionJob>
  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider, { subject })
    platform = await startGithubActions(provider)
  })
  after(async () => {
    await platform?.close()
    await service?.close()
    await provider?.close()
  })
  beforeEach(() => {
    job = createActionJob(platform.env)
    platform.asked.length = 0
  })
  afterEach(() => job.close())

  const isActive = async (token: string | undefined) => (await world.introspect(String(token))).body.active
  const refused = async (inputs: Record<string, string>, env: Record<string, string | undefined> = {}) => {
    const ran = await job.main(inputs, env)
    expect(ran.code).to.equal(1)
    expect(ran.outputs).to.deep.equal({})
    expect(ran.variables).to.deep.equal({})
    expect(ran.summary).to.equal('')
    return only(ran, 'error')
  }

  it('with nothing but the URL: a token for the steps that follow, which ends with the job', async () => {
    const { code, outputs, variables, summary, log, commands } = await job.main({ url: world.audience })
    expect(code, log).to.equal(0)
    expect(Object.keys(variables)).to.deep.equal(['COUNTERSIGN_ACCESS_TOKEN'])
    const token = String(variables.COUNTERSIGN_ACCESS_TOKEN)
    const claims = claimsIn(token)
    expect(await isActive(token)).to.equal(true)
    expect(Object.keys(outputs)).to.deep.equal(['expires-at', 'service-account-id', 'request-id'])
    expect(outputs['service-account-id']).to.equal(world.account.id)
    expect(Date.parse(String(outputs['expires-at']))).to.be.closeTo(Number(claims.exp) * 1000, 2_000)
    expect((await world.auditOf(outputs['request-id'])).map(({ type }) => type)).to.deep.equal(['token.exchange'])
    for (const shown of ['ml/trainer', world.account.id, String(outputs['expires-at']), String(outputs['request-id'])])
      expect(summary).to.include(`\`${shown}\``)

    // Both tokens are masked before anything else is said.
    expect(commands.slice(0, 2).map(({ name }) => name)).to.deep.equal(['add-mask', 'add-mask'])
    expect(commands[1]?.data).to.equal(token)
    expect(claimsIn(commands[0]?.data)).to.deep.include({ sub: subject, aud: world.audience })
    expect(log).to.include('repository_id: 456789').and.to.include(`sub: ${subject}`)
    expect(log)
      .to.not.include('jti')
      .and.to.not.include(String(claimsIn(commands[0]?.data).jti))
    expect(commands.filter(of('group'))).to.have.lengthOf(commands.filter(of('endgroup')).length)

    const after = await job.post()
    expect(after.code).to.equal(0)
    expect(after.commands.filter(of('warning'))).to.deep.equal([])
    expect(await isActive(token)).to.equal(false)
  })

  it('asks the platform for the organization’s URL, and the service for what it was told', async () => {
    const { code, outputs, log } = await job.main({
      url: ` ${world.audience}/ `,
      'service-account': 'ml/trainer',
      scope: 'projects:read',
      target: service.publicUrl,
      'token-ttl': '120',
      'expected-service-account': 'ml/trainer',
      export: 'output',
    })
    expect(code, log).to.equal(0)
    expect(platform.asked.map(({ url }) => url.searchParams.get('audience'))).to.deep.equal([world.audience])
    const { scope, aud, exp, iat } = claimsIn(outputs.token)
    expect({ scope, aud, life: Number(exp) - Number(iat) }).to.deep.equal({
      scope: 'projects:read',
      aud: service.publicUrl,
      life: 120,
    })
    const other = await refused({ url: world.audience, audience: 'https://other.example' })
    expect(platform.asked.at(-1)?.url.searchParams.get('audience')).to.equal('https://other.example')
    expect(other.properties.title).to.equal('Countersign: audience_not_accepted')
  })

  it('export output: in the output, and nowhere else', async () => {
    const { outputs, variables } = await job.main({ url: world.audience, export: 'output' })
    expect(await isActive(outputs.token)).to.equal(true)
    expect(variables).to.deep.equal({})
    expect(readdirSync(job.temp)).to.deep.equal([])
  })

  it('export file: in a file for this user alone, outside the workspace, gone after the job', async () => {
    const { outputs, variables } = await job.main({ url: world.audience, export: 'file' })
    const file = String(outputs['credentials-file'])
    expect(variables).to.deep.equal({ COUNTERSIGN_ACCESS_TOKEN_FILE: file })
    expect(outputs).to.not.have.property('token')
    expect(file.startsWith(`${job.temp}/`)).to.equal(true)
    const token = readFileSync(file, 'utf8')
    leaks.learn('an access token', token)
    expect(await isActive(token)).to.equal(true)
    expect(statSync(file).mode & 0o777).to.equal(0o600)
    expect(statSync(join(file, '..')).mode & 0o777).to.equal(0o700)
    expect(readdirSync(job.workspace)).to.deep.equal([])
    await job.post()
    expect(readdirSync(job.temp)).to.deep.equal([])
    expect(await isActive(token)).to.equal(false)
  })

  it('export none: proves that it works, and gives nothing away', async () => {
    const { code, outputs, variables } = await job.main({ url: world.audience, export: 'none' })
    expect(code).to.equal(0)
    expect(Object.keys(outputs)).to.deep.equal(['expires-at', 'service-account-id', 'request-id'])
    expect(variables).to.deep.equal({})
  })

  it('revoke-on-finish false: the files go, the token stays', async () => {
    const { outputs } = await job.main({ url: world.audience, export: 'file', 'revoke-on-finish': 'false' })
    const token = readFileSync(String(outputs['credentials-file']), 'utf8')
    leaks.learn('an access token', token)
    expect(JSON.stringify(job.state())).to.not.include(token)
    expect((await job.post()).code).to.equal(0)
    expect(readdirSync(job.temp)).to.deep.equal([])
    expect(await isActive(token)).to.equal(true)
  })

  it('says what is missing before all else: permissions: id-token: write', async () => {
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: undefined, ACTIONS_ID_TOKEN_REQUEST_TOKEN: undefined }
    const { data, properties } = await refused({ url: '' }, env)
    expect(properties.title).to.equal('Countersign: permission_missing')
    expect(data).to.include('`permissions: id-token: write`').and.to.not.include('fork')
    expect((await refused({}, { ...env, GITHUB_EVENT_NAME: 'pull_request' })).data).to.include('from a fork never')
    expect((await refused({}, { ...env, FORGEJO_ACTIONS: 'true' })).data).to.include('`enable-openid-connect: true`')
    // There is nothing to clean up, and nothing to complain of.
    expect(await job.post()).to.deep.include({ code: 0, commands: [], log: '\n' })
  })

  it('a denial is one annotation: the reason, what to do, and the request that explain takes', async () => {
    const stranger = await startGithubActions(provider, { claims: { sub: 'repo:acme/docs:ref:refs/heads/main' } })
    const other = createActionJob(stranger.env)
    const ran = await other.main({ url: world.audience })
    expect(ran.code).to.equal(1)
    const { data, properties } = only(ran, 'error')
    expect(properties.title).to.equal('Countersign: no_account_matches')
    const [, id] = /Request (req_\w+): .*`countersign explain \1`/.exec(data) ?? []
    expect((await world.auditOf(id)).map(({ reason }) => reason)).to.deep.equal(['no_account_matches'])
    // The claims are what whoever mends it has to see.
    expect(ran.log).to.include('sub: repo:acme/docs:ref:refs/heads/main')
    expect(stranger.asked).to.have.lengthOf(1)
    other.close()
    await stranger.close()
  })

  it('expected-service-account: whoever lands elsewhere keeps no token', async () => {
    for (const expected of ['ml/other', 'sa_00000000000000000000000000', 'trainer']) {
      const { data, properties } = await refused({ url: world.audience, 'expected-service-account': expected })
      expect(properties.title).to.equal('Countersign: unexpected_service_account')
      expect(data).to.include(`has become ml/trainer (${world.account.id}) and not ${expected}; its token is revoked`)
    }
    const right = await job.main({ url: world.audience, 'expected-service-account': world.account.id })
    expect(right.code).to.equal(0)
  })

  const wrongInputs: [what: string, inputs: Record<string, string>, says: RegExp][] = [
    ['no URL', { url: ' ' }, /the input url is empty/],
    [
      'another export',
      { url: 'https://c.example/orgs/a', export: 'outputs' },
      /export is one of env, output, file, none/,
    ],
    ['no boolean', { url: 'https://c.example/orgs/a', 'revoke-on-finish': 'never' }, /revoke-on-finish is one of/],
    ['no number', { url: 'https://c.example/orgs/a', 'token-ttl': '15m' }, /token-ttl is a number of seconds/],
    ['a URL that anybody reads along', { url: 'http://countersign.example/orgs/a' }, /not https/],
    ['a URL without an organization', { url: 'https://countersign.example' }, /organization/],
  ]
  for (const [what, inputs, says] of wrongInputs)
    it(`refuses ${what}, and asks nobody`, async () => {
      expect((await refused(inputs)).data).to.match(says)
      expect(platform.asked).to.deep.equal([])
    })

  it('tries again what may succeed later, and not what was refused', async () => {
    const answers = [
      json({ error: 'temporarily_unavailable' }, 503),
      json({ error: 'invalid_request', reason: 'token_expired' }, 400),
    ]
    const server = await startLoopback(() => answers.shift() ?? { status: 500 })
    const { data } = await refused({ url: `${server.origin}/orgs/acme` })
    expect(data).to.include('token_expired').and.to.not.include('countersign explain')
    expect(server.asked).to.have.lengthOf(2)
    await server.close()
  })

  it('a token that could not be revoked is a warning, and the files are gone all the same', async () => {
    const { outputs, code } = await job.main({ url: world.audience, export: 'file' })
    expect(code).to.equal(0)
    leaks.learn('an access token', readFileSync(String(outputs['credentials-file']), 'utf8'))
    const server = await startLoopback(() => ({ status: 500 }))
    const ran = await job.post({}, { STATE_url: `${server.origin}/orgs/acme` })
    await server.close()
    expect(ran.code).to.equal(0)
    expect(only(ran, 'warning').data).to.include('500').and.to.include('ends by itself')
    expect(readdirSync(job.temp)).to.deep.equal([])
  })

  it('a value is never taken for a command or for another value', async () => {
    const evil = 'x\n::error::b\r::error::c\n##[add-mask]d%0A::error::e'
    const stranger = await startGithubActions(provider, {
      claims: { sub: subject, environment: evil, actor: '::error::e' },
    })
    const other = createActionJob(stranger.env)
    const ran = await other.main({ url: world.audience })
    expect(ran.code).to.equal(0)
    expect(ran.commands.map(({ name }) => name)).to.not.include('error')
    expect(ran.log).to.include('actor: ::error::e')
    other.close()
    await stranger.close()
  })

  it('runs on Forgejo too', async () => {
    const forgejo = await startGithubActions(provider, { isForgejo: true, claims: { sub: subject } })
    const other = createActionJob(forgejo.env)
    const { code, variables, log } = await other.main({ url: world.audience })
    expect(code, log).to.equal(0)
    await other.post()
    expect(await isActive(variables.COUNTERSIGN_ACCESS_TOKEN)).to.equal(false)
    other.close()
    await forgejo.close()
  })

  describe('action.yml', () => {
    const sources = join(root, 'deploy/ci/github/src')
    const text = readdirSync(sources)
      .map((file) => readFileSync(join(sources, file), 'utf8'))
      .join('\n')

    it('has at most ten inputs, each with a description, and each is read; no other is', () => {
      const declared = Object.keys(definition.inputs)
      const read = [...text.matchAll(/given\('([\w-]+)'\)/g)].map(([, name]) => name as string)
      expect(declared.length).to.be.at.most(10)
      expect([...new Set(read)].toSorted()).to.deep.equal(declared.toSorted())
      for (const { description } of Object.values(definition.inputs)) expect(description).to.be.a('string')
      expect(
        Object.entries(definition.inputs)
          .filter(([, { required }]) => required)
          .map(([name]) => name),
      ).to.deep.equal(['url'])
    })

    it('has the outputs that are written', () => {
      const written = [...text.matchAll(/runner\.output\('([\w-]+)'/g)].map(([, name]) => name as string)
      expect(written.toSorted()).to.deep.equal(Object.keys(definition.outputs).toSorted())
    })

    it('names files that are there, by members that a runner knows', () => {
      expect(definition.runs).to.deep.equal({
        using: 'node24',
        main: 'index.mjs',
        post: 'index.mjs',
        'post-if': 'always()',
      })
      const known = ['name', 'description', 'author', 'branding', 'inputs', 'outputs', 'runs']
      expect(Object.keys(definition).filter((member) => !known.includes(member))).to.deep.equal([])
    })
  })

  describe('index.mjs', () => {
    it('is one file that Node.js 24 reads, with nothing but what Node.js has', async () => {
      const text = readFileSync(bundle, 'utf8')
      const as = async (target: string) => (await transform(text, { target, format: 'esm' })).code
      expect(await as('node24')).to.equal(await as('esnext'))
      const imported = [...text.matchAll(/^import .* from "([^"]+)";$|\bimport\("([^"]+)"\)/gm)].map(
        ([, a, b]) => a ?? b,
      )
      expect(imported).to.not.have.lengthOf(0)
      expect(imported.filter((name) => !name?.startsWith('node:'))).to.deep.equal([])
    })
  })

  describe('what it says to the runner', () => {
    it('is escaped, so that it is taken as it was meant', async () => {
      const expected = 'ml/100%0A::warning::x, y'
      const { data } = await refused({ url: world.audience, 'expected-service-account': expected })
      expect(data).to.include(`and not ${expected};`)
      let said = ''
      const runner = createRunner({}, (text) => {
        said += text
      })
      runner.warning('a:b,c%\n', 'a:b,c%\r\n')
      runner.mask('a%')
      runner.say('::error::x\n::error::y')
      expect(said.split('\n')).to.deep.equal([
        '::warning title=a%3Ab%2Cc%25%0A::a:b,c%25%0D%0A',
        '::add-mask::a%25',
        '  : :error::x ::error::y',
        '',
      ])
      expect(() => runner.output('a', 'b')).to.throw('GITHUB_OUTPUT is not set')
    })
  })

  describe('the runner’s files, as the tests read them', () => {
    it('one line, or many up to an end', () => {
      expect(pairsIn('a=b=c<<d\nb<<END\n1\n\n2=3\nEND\n\nc<<END\nEND\n')).to.deep.equal({
        a: 'b=c<<d',
        b: '1\n\n2=3',
        c: '',
      })
      expect(() => pairsIn('a<<END\n1\n')).to.throw()
      expect(() => pairsIn('nothing\n')).to.throw()
    })
  })
})
