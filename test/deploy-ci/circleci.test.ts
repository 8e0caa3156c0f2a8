/** deploy/ci/circleci: parameters put in as CircleCI does, then each step in a shell of its own, as its agent does. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { leaks } from '../support/leaks.ts'
import { startLoopback } from '../support/platforms/loopback.ts'
import { createWorkplace, type Workplace } from '../support/script.ts'
import { root, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const text = readFileSync(join(root, 'deploy/ci/circleci/orb.yml'), 'utf8')
type Parameter = { type: string; description?: string; default?: string; enum?: string[] }
type Run = { name: string; command: string; when?: string; environment?: Record<string, string> }
type Reusable = { description: string; parameters?: Record<string, Parameter>; steps: Step[] }
type Step = string | ({ run?: Run } & Record<string, unknown>)
type Orb = {
  commands: Record<string, Reusable>
  jobs: Record<string, Reusable>
  examples: Record<
    string,
    { usage: { jobs?: Record<string, { steps: Step[] }>; workflows: Record<string, { jobs: unknown[] }> } }
  >
}
const orb = parse(text, { merge: true }) as Orb

/** A step of a command, with its parameters. Throws where CircleCI refuses the configuration. */
function stepOf(command: Reusable, given: Record<string, string> = {}): Run {
  const { parameters = {}, steps } = command
  for (const name of Object.keys(given)) if (!(name in parameters)) throw new Error(`Unexpected argument: ${name}`)
  const values = Object.fromEntries(
    Object.entries(parameters).map(([name, { default: byDefault, enum: words }]) => {
      const value = given[name] ?? byDefault
      if (value === undefined) throw new Error(`Missing required argument: ${name}`)
      if (words && !words.includes(value)) throw new Error(`not one of the values: ${name}`)
      return [name, value]
    }),
  )
  const filled = (value: string) =>
    value.replaceAll(/<<\s*parameters\.([\w-]+)\s*>>/g, (_, name: string) => {
      if (!(name in values)) throw new Error(`unknown parameter: ${name}`)
      return values[name] as string
    })
  const [{ run }] = steps as [{ run: Run }]
  const environment = Object.entries(run.environment ?? {}).map(([name, value]) => [name, filled(value)])
  return { ...run, command: filled(run.command), environment: Object.fromEntries(environment) }
}

describe('the CircleCI orb', () => {
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
    writeFileSync(join(place.folder, 'bash-env'), '')
  })
  afterEach(() => place.close())

  /** The job's own program: it prints a token for whom it is asked, and for nobody else here. */
  const givesTokensFor = (audience: string, claims = {}) => {
    writeFileSync(join(place.folder, '../circleci-token'), world.token({ aud: audience, ...claims }))
    place.program(
      'circleci',
      `#!/bin/sh
[ "$#" -eq 5 ] && [ "$1 $2 $3 $4" = 'run oidc get --claims' ] && [ "$5" = '{"aud":"${audience}"}' ] || { echo "not asked so: $*" >&2; exit 1; }
cat '${place.folder}/../circleci-token'
`,
    )
  }
  /** Bash reads BASH_ENV as it starts. */
  const step = ({ command, environment = {} }: Run) =>
    place.run(command, {
      shell: ['bash', '-eo', 'pipefail'],
      env: {
        CI: 'true',
        CIRCLECI: 'true',
        CIRCLE_OIDC_TOKEN: world.token({ aud: '00000000-0000-0000-0000-000000000000' }),
        BASH_ENV: join(place.folder, 'bash-env'),
        ...environment,
      },
    })
  const { exchange, revoke } = orb.commands as { exchange: Reusable; revoke: Reusable }

  it('later steps have a token, until revoke, which runs whatever came of them', async () => {
    givesTokensFor(world.audience)
    const api = await startLoopback(() => ({ status: 204 }))
    const made = await step(stepOf(exchange, { url: world.audience }))
    expect(made.code, made.stderr).to.equal(0)
    const used = await step({
      name: 'use',
      command: `curl -fsS -H @"$COUNTERSIGN_HEADER_FILE" ${api.origin}/deployments\n! env | grep COUNTERSIGN_ACCESS_TOKEN=`,
    })
    expect(used.code, used.stderr).to.equal(0)
    const token = String(api.asked[0]?.headers.authorization).replace('Bearer ', '')
    leaks.learn('an access token', token)
    expect((await world.introspect(token)).body).to.deep.include({ active: true, sub: world.account.id })
    leaks.refuse('BASH_ENV', readFileSync(join(place.folder, 'bash-env')))

    const ends = stepOf(revoke)
    expect(ends.when).to.equal('always')
    expect(await step(ends)).to.deep.include({ code: 0 })
    expect((await world.introspect(token)).body.active).to.equal(false)
    expect(readdirSync(place.temporary)).to.deep.equal([])
    expect(await step({ name: 'after', command: 'true' })).to.deep.equal({ code: 0, stdout: '', stderr: '' })
    await api.close()
  })

  it('asks for what the parameters say; the token is a variable where that is wanted', async () => {
    givesTokensFor('acme')
    const made = await step(
      stepOf(exchange, {
        url: `${world.audience}/`,
        audience: 'acme',
        'service-account': 'ml/trainer',
        scope: 'projects:read',
        target: service.publicUrl,
        'token-ttl': '120',
        export: 'env',
      }),
    )
    expect(made.code, made.stderr).to.equal(0)
    expect(made.stderr).to.include('for 120 s')
    const check = await step({
      name: 'use',
      command:
        '[ "$COUNTERSIGN_ACCESS_TOKEN" = "$(cat "$COUNTERSIGN_ACCESS_TOKEN_FILE")" ] && [ -n "$COUNTERSIGN_ACCESS_TOKEN" ]',
    })
    expect(check.code).to.equal(0)
    await step(stepOf(revoke))
    expect(await step({ name: 'after', command: '[ -z "$COUNTERSIGN_ACCESS_TOKEN" ]' })).to.deep.include({ code: 0 })
  })

  it('a refusal ends the job, with the reason and the request; revoke then has nothing to do', async () => {
    givesTokensFor(world.audience, { sub: 'other' })
    const said = await step(stepOf(exchange, { url: world.audience }))
    expect(said).to.deep.include({ code: 1, stdout: '' })
    expect(said.stderr).to.match(/no_account_matches: [\s\S]+countersign explain req_/)
    expect(await step(stepOf(revoke))).to.deep.equal({ code: 0, stdout: '', stderr: '' })
  })

  it('says so when CircleCI gives no token, and when the audience is a script', async () => {
    place.program('circleci', '#!/bin/sh\necho "no OIDC here" >&2\nexit 1\n')
    const none = await step(stepOf(exchange, { url: world.audience }))
    expect(none.code).to.equal(1)
    expect(none.stderr).to.include('no OIDC here').and.to.include('given this job no ID token')
    const script = await step(stepOf(exchange, { url: world.audience, audience: 'a","b":"c' }))
    expect(script.stderr).to.equal('countersign: audience has a character that no URL has\n')
  })

  it('refuses what is not a parameter, or not one of its values', () => {
    expect(() => stepOf(exchange)).to.throw('url')
    expect(() => stepOf(exchange, { url: '', urls: '' })).to.throw('urls')
    expect(() => stepOf(exchange, { url: '', export: 'log' })).to.throw('export')
  })

  it('describes what it has, uses every parameter, and leaves << to CircleCI', () => {
    for (const [name, reusable] of Object.entries({ ...orb.commands, ...orb.jobs })) {
      expect(reusable.description, name).to.be.a('string')
      for (const [parameter, { description }] of Object.entries(reusable.parameters ?? {})) {
        expect(description, `${name} ${parameter}`).to.be.a('string')
        expect(JSON.stringify(reusable)).to.include(`<< parameters.${parameter} >>`)
      }
    }
    // In a script they would be taken for a parameter; no value of one is part of a script.
    for (const { steps } of Object.values(orb.commands))
      expect((steps as { run: Run }[]).map(({ run }) => run.command).join()).to.not.include('<<')
  })

  it('its job gives all parameters on, and its examples are in order', () => {
    const { parameters = {}, steps } = orb.jobs.run as Reusable
    const [first, , last] = steps as [{ exchange: Record<string, string> }, unknown, string]
    expect(Object.keys(first.exchange).toSorted()).to.deep.equal(Object.keys(exchange.parameters ?? {}).toSorted())
    expect(last).to.equal('revoke')
    expect(Object.keys(parameters)).to.include.members(Object.keys(exchange.parameters ?? {}))
    const { usage } = orb.examples['in-a-job'] as Orb['examples'][string]
    const written = Object.values(usage.jobs ?? {}).flatMap((job) => job.steps)
    const used = written.flatMap((one) => (typeof one === 'string' ? [one] : Object.keys(one)))
    expect(used.filter((one) => one.startsWith('countersign/'))).to.deep.equal([
      'countersign/exchange',
      'countersign/revoke',
    ])
    const found = written.find((one) => typeof one === 'object' && 'countersign/exchange' in one) as Record<
      string,
      never
    >
    expect(() => stepOf(exchange, found['countersign/exchange'])).to.not.throw()
  })
})
