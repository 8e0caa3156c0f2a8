/** deploy/ci/gitlab: inputs put in as GitLab does, then the scripts in a shell as its runner does. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { leaks } from '../support/leaks.ts'
import { json, startLoopback } from '../support/platforms/loopback.ts'
import { createWorkplace, type Workplace } from '../support/script.ts'
import { root, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const template = readFileSync(join(root, 'deploy/ci/gitlab/templates/countersign.yml'), 'utf8')
type Input = { description?: string; default?: string; regex?: string; options?: string[]; type?: string }
type Job = { id_tokens: Record<string, { aud: string }>; before_script: string[]; after_script: string[] }

const [header = '', body = ''] = template.split(/^---$/m)
const { spec } = parse(header) as { spec: { inputs: Record<string, Input> } }

/** What `include: component` makes of it. Throws where GitLab refuses the pipeline. */
function included(given: Record<string, string>): Record<string, Job> {
  for (const name of Object.keys(given)) if (!(name in spec.inputs)) throw new Error(`unknown input: ${name}`)
  const values = Object.entries(spec.inputs).map(([name, { default: byDefault, regex, options }]) => {
    const value = given[name] ?? byDefault
    if (value === undefined) throw new Error(`required value has not been provided: ${name}`)
    if (regex !== undefined && !new RegExp(regex).test(value)) throw new Error(`does not match the regex: ${name}`)
    if (options && !options.includes(value)) throw new Error(`is not one of the options: ${name}`)
    return [name, value] as const
  })
  const filled = body.replaceAll(/\$\[\[ ([^\]]+) \]\]/g, (_, expression: string) => {
    const [, name] = /^inputs\.([\w-]+)$/.exec(expression) ?? []
    const [, value] = values.find(([one]) => one === name) ?? []
    if (value === undefined) throw new Error(`unknown interpolation: ${expression}`)
    return value
  })
  return parse(filled) as Record<string, Job>
}

describe('the GitLab component', () => {
  let provider: Provider
  let service: Service
  let world: World
  let place: Workplace
  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })
  beforeEach(async () => {
    place = await createWorkplace()
    mkdirSync(join(place.folder, 'project'))
  })
  afterEach(() => place.close())

  const envOf = (job: Job, claims = {}, more: Record<string, string> = {}) => ({
    CI: 'true',
    GITLAB_CI: 'true',
    CI_JOB_ID: '4711',
    CI_PROJECT_DIR: join(place.folder, 'project'),
    ...more,
    ...Object.fromEntries(
      Object.entries(job.id_tokens).map(([name, { aud }]) => [name, world.token({ aud, ...claims })]),
    ),
  })
  const beside = () => readdirSync(join(place.folder, 'project.tmp'))
  const reached = "echo 'reached'"

  for (const shell of [
    ['bash', '-eo', 'pipefail'],
    ['sh', '-e'],
  ])
    it(`${shell[0]}: the script has a token, and it ends with the job, whatever came of it`, async () => {
      const job = included({ url: world.audience })['.countersign'] as Job
      expect(job.id_tokens).to.deep.equal({ COUNTERSIGN_ID_TOKEN: { aud: world.audience } })
      const api = await startLoopback(() => ({ status: 204 }))
      const env = envOf(job)
      const script = [
        ...job.before_script,
        `curl -fsS -H @"$COUNTERSIGN_HEADER_FILE" ${api.origin}/deployments`,
        '! env | grep COUNTERSIGN_ACCESS_TOKEN=',
        '! env | grep COUNTERSIGN_ID_TOKEN',
        'false',
      ]
      const said = await place.run(script.join('\n'), { shell, env })
      expect(said.code, said.stderr).to.equal(1)
      const token = String(api.asked[0]?.headers.authorization).replace('Bearer ', '')
      leaks.learn('an access token', token)
      expect((await world.introspect(token)).body).to.deep.include({ active: true, sub: world.account.id })
      expect(beside()).to.deep.equal(['countersign-4711'])
      expect(readdirSync(join(place.folder, 'project'))).to.deep.equal([])

      // A shell of its own, with nothing of what the script has exported.
      const after = await place.run(job.after_script.join('\n'), { shell, env })
      expect(after, after.stderr).to.deep.include({ code: 0 })
      expect((await world.introspect(token)).body.active).to.equal(false)
      expect(beside()).to.deep.equal([])
      await api.close()
    })

  it('asks for what the inputs say; the token is a variable where that is wanted', async () => {
    const jobs = included({
      url: world.audience,
      'service-account': 'ml/trainer',
      scope: 'projects:read',
      target: service.publicUrl,
      'token-ttl': '120',
      export: 'env',
      job: '.acme',
    })
    expect(Object.keys(jobs)).to.deep.equal(['.acme'])
    const job = jobs['.acme'] as Job
    const check =
      '[ "$COUNTERSIGN_ACCESS_TOKEN" = "$(cat "$COUNTERSIGN_ACCESS_TOKEN_FILE")" ] && [ -n "$COUNTERSIGN_ACCESS_TOKEN" ]'
    const said = await place.run([...job.before_script, check].join('\n'), { env: envOf(job) })
    expect(said.code, said.stderr).to.equal(0)
    expect(said.stderr).to.include('for 120 s')
  })

  it('a refusal ends the job before its script, with the reason and the request', async () => {
    const job = included({ url: world.audience })['.countersign'] as Job
    const said = await place.run([...job.before_script, reached].join('\n'), {
      shell: ['bash', '-eo', 'pipefail'],
      env: envOf(job, { sub: 'other' }),
    })
    expect(said).to.deep.include({ code: 1, stdout: '' })
    expect(said.stderr).to.match(/no_account_matches: [\s\S]+countersign explain req_/)
  })

  it('a variable of the pipeline does not choose who gets the ID token', async () => {
    const evil = await startLoopback(() => json({}))
    const job = included({ url: world.audience })['.countersign'] as Job
    const more = { COUNTERSIGN_URL: `${evil.origin}/orgs/acme`, COUNTERSIGN_IDENTITY_TOKEN_FILE: '/etc/hostname' }
    const said = await place.run(job.before_script.join('\n'), { env: envOf(job, {}, more) })
    expect(said.code, said.stderr).to.equal(0)
    expect(evil.asked).to.deep.equal([])
    await evil.close()
  })

  const wrong: [what: string, given: Record<string, string>][] = [
    ['no URL', {}],
    ['an unknown input', { url: 'https://c.example/orgs/a', urls: '' }],
    ['a URL that ends with a slash, which the ID token would be for', { url: 'https://c.example/orgs/a/' }],
    ['a URL that anybody reads along', { url: 'http://c.example/orgs/a' }],
    ['a script in the place of a URL', { url: "https://c.example/'; id; '" }],
    ['a script in the place of an account', { url: 'https://c.example/orgs/a', 'service-account': "';id;'" }],
    ['a script in the place of a scope', { url: 'https://c.example/orgs/a', scope: "';id;'" }],
    ['a script in the place of a target', { url: 'https://c.example/orgs/a', target: '$(id)' }],
    ['a life of words', { url: 'https://c.example/orgs/a', 'token-ttl': '15m' }],
    ['another export', { url: 'https://c.example/orgs/a', export: 'artifact' }],
    ['a job that would run by itself', { url: 'https://c.example/orgs/a', job: 'deploy' }],
  ]
  for (const [what, given] of wrong) it(`refuses ${what}`, () => expect(() => included(given)).to.throw())

  it('describes every input, and uses it', () => {
    for (const [name, { description }] of Object.entries(spec.inputs)) {
      expect(description, name).to.be.a('string')
      expect(body).to.include(`$[[ inputs.${name} ]]`)
    }
  })
})
