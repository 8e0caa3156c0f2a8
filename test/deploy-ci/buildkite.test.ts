/** deploy/ci/buildkite: the hooks as the agent runs them, each read by a shell that keeps what it exports. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect } from 'chai'
import { parse } from 'yaml'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { leaks } from '../support/leaks.ts'
import { startLoopback } from '../support/platforms/loopback.ts'
import { createWorkplace, type Workplace } from '../support/script.ts'
import { root, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const plugin = join(root, 'deploy/ci/buildkite')
const definition = parse(readFileSync(join(plugin, 'plugin.yml'), 'utf8'))
type Env = Record<string, string>

describe('the Buildkite plugin', () => {
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
  })
  afterEach(() => place.close())

  const besides = (name: string) => join(place.folder, '..', name)
  /** The agent's own program: it gives tokens for one audience, and takes what is to be redacted. */
  const startAgent = ({ audience = world.audience, claims = {}, isOld = false } = {}) => {
    writeFileSync(besides('agent-token'), world.token({ aud: audience, ...claims }))
    place.program(
      'buildkite-agent',
      `#!/bin/sh
case "$*" in
  'oidc request-token --audience ${audience} --claim organization_id --claim pipeline_id') cat '${besides('agent-token')}' ;;
  'redactor add') ${isOld ? 'echo "No help topic" >&2; exit 3' : `cat >>'${besides('redacted')}'`} ;;
  *) echo "not asked so: $*" >&2; exit 1 ;;
esac
`,
    )
  }
  /** Options as the agent names them. */
  const optionsOf = (options: Record<string, string>, name = 'COUNTERSIGN'): Env => ({
    BUILDKITE: 'true',
    BUILDKITE_PLUGIN_NAME: name,
    BUILDKITE_PLUGIN_CONFIGURATION: JSON.stringify(options),
    ...Object.fromEntries(
      Object.entries(options).map(([key, value]) => [
        `BUILDKITE_PLUGIN_${name}_${key.toUpperCase().replaceAll('-', '_')}`,
        value,
      ]),
    ),
  })
  /** The agent's wrapper around a hook, which tells what the environment is after it. */
  async function hook(name: string, env: Env) {
    const path = join(plugin, 'hooks', name)
    const after = besides('after')
    const wrapper = `. "${path}"\nexport BUILDKITE_HOOK_EXIT_STATUS=$?\nenv -0 >'${after}'\nexit $BUILDKITE_HOOK_EXIT_STATUS`
    const said = await place.run(wrapper, { shell: ['bash'], env })
    if (!existsSync(after)) return { ...said, env }
    const text = readFileSync(after, 'utf8').split('\0').filter(Boolean)
    const all = Object.fromEntries(text.map((pair) => pair.split(/=(.*)/s) as [string, string]))
    for (const machine of ['PATH', 'HOME', 'TMPDIR', 'PWD', 'OLDPWD', 'SHLVL', '_']) delete all[machine]
    return { ...said, env: all }
  }

  it('what ends a step shows a token to nobody but the URL of the plugin, whatever the environment says', async () => {
    const evil = await startLoopback(() => ({ status: 200 }))
    writeFileSync(join(place.folder, 'token'), world.token())
    const env = { COUNTERSIGN_URL: `${evil.origin}/orgs/acme`, COUNTERSIGN_FOLDER: place.folder }
    const ended = await hook('pre-exit', { ...optionsOf({ url: world.audience }), ...env })
    expect(ended.code, ended.stderr).to.equal(0)
    expect(evil.asked).to.deep.equal([])
    await evil.close()
  })

  it('stands once in a step: of two, the first would never end', async () => {
    startAgent()
    const begun = await hook('pre-command', optionsOf({ url: world.audience }))
    const again = await hook('pre-command', begun.env)
    expect(again.code).to.equal(1)
    expect(again.stderr).to.include('twice')
    expect((await hook('pre-exit', begun.env)).code).to.equal(0)
    expect(readdirSync(place.temporary)).to.deep.equal([])
  })

  it('the command has a token, redacted from the log, which ends with the step', async () => {
    startAgent()
    const begun = await hook('pre-command', optionsOf({ url: world.audience }))
    expect(begun.code, begun.stderr).to.equal(0)
    expect(begun.stdout).to.equal('')
    const token = String(begun.env.COUNTERSIGN_ACCESS_TOKEN)
    leaks.learn('an access token', token)
    expect(readFileSync(besides('redacted'), 'utf8')).to.equal(token)
    expect((await world.introspect(token)).body).to.deep.include({ active: true, sub: world.account.id })
    const api = await startLoopback(() => ({ status: 204 }))
    const used = await place.run(`curl -fsS -H @"$COUNTERSIGN_HEADER_FILE" ${api.origin}`, { env: begun.env })
    expect(used.code, used.stderr).to.equal(0)
    expect(api.asked[0]?.headers.authorization).to.equal(`Bearer ${token}`)
    await api.close()

    const ended = await hook('pre-exit', { ...begun.env, BUILDKITE_COMMAND_EXIT_STATUS: '1' })
    expect(ended.code, ended.stderr).to.equal(0)
    expect((await world.introspect(token)).body.active).to.equal(false)
    expect(readdirSync(place.temporary)).to.deep.equal([])
  })

  it('asks for what its options say, under whatever name it was asked for', async () => {
    startAgent({ audience: 'acme' })
    const options = {
      url: `${world.audience}/`,
      audience: 'acme',
      'service-account': 'ml/trainer',
      scope: 'projects:read',
      target: service.publicUrl,
      'token-ttl': '120',
      export: 'file',
    }
    const begun = await hook('pre-command', optionsOf(options, 'BUILDKITE'))
    expect(begun.code, begun.stderr).to.equal(0)
    expect(begun.stderr).to.include('for 120 s')
    expect(begun.env).to.not.have.property('COUNTERSIGN_ACCESS_TOKEN')
    expect(existsSync(String(begun.env.COUNTERSIGN_ACCESS_TOKEN_FILE))).to.equal(true)
    await hook('pre-exit', begun.env)
  })

  it('a refusal ends the step before its command, with the reason and the request; pre-exit then has nothing to do', async () => {
    startAgent({ claims: { sub: 'other' } })
    const begun = await hook('pre-command', optionsOf({ url: world.audience }))
    expect(begun.code).to.equal(1)
    expect(begun.stderr).to.match(/no_account_matches: [\s\S]+countersign explain req_/)
    expect(readdirSync(place.temporary)).to.deep.equal([])
    expect(await hook('pre-exit', begun.env)).to.deep.include({ code: 0, stdout: '', stderr: '' })
  })

  it('says so when the agent gives no token, and when it redacts nothing', async () => {
    const none = await hook('pre-command', optionsOf({ url: `${world.audience}x` }))
    expect(none.code).to.equal(1)
    startAgent({ isOld: true })
    const old = await hook('pre-command', optionsOf({ url: world.audience }))
    expect(old.code).to.equal(0)
    leaks.learn('an access token', String(old.env.COUNTERSIGN_ACCESS_TOKEN))
    expect(old.stderr).to.include('does not redact')
    await hook('pre-exit', old.env)
  })

  it('plugin.yml describes every option that the hooks read, and takes no other', () => {
    const { properties } = definition.configuration
    const read = [...readFileSync(join(plugin, 'hooks/pre-command'), 'utf8').matchAll(/\$\(option (\w+)\)/g)]
    const names = read.map(([, name]) => String(name).toLowerCase().replaceAll('_', '-'))
    expect(names.toSorted()).to.deep.equal(Object.keys(properties).toSorted())
    const validate = new Ajv().compile({ type: 'object', ...definition.configuration })
    expect(validate({ url: 'https://c.example/orgs/a', 'token-ttl': 900, export: 'file' })).to.equal(true)
    for (const wrong of [{}, { url: 1 }, { url: 'x', export: 'log' }, { url: 'x', urls: '' }])
      expect(validate(wrong), JSON.stringify(wrong)).to.equal(false)
  })
})
