/** The real W&B SDK and CLI, unmodified, and the page about them: docs/how-to/wandb.md. Their wire by itself: wandb-wire.test.ts. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { orSkipped } from '../support/absent.ts'
import { documented, replaced } from '../support/documented.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { leaks } from '../support/leaks.ts'
import { type Nginx, startNginx } from '../support/nginx.ts'
import { installing } from '../support/program.ts'
import { type Python, pythonPackages } from '../support/python.ts'
import type { Ran } from '../support/run-program.ts'
import { root, type Service, startService } from '../support/server.ts'
import { startWandbApi, type WandbApi } from '../support/wandb-api.ts'
import { createWorld, must, type World } from '../support/world.ts'

const page = 'docs/how-to/wandb.md'
const script = join(root, 'test/interop/wandb_client.py')
// While other files run.
void pythonPackages()

describe('the W&B SDK and CLI (Python)', function () {
  // Each start of Python with the SDK is a second of CPU.
  this.timeout(120_000)
  let python: Python
  let provider: Provider
  let service: Service
  let world: World
  let api: WandbApi
  let home: string
  before(async function () {
    this.timeout(installing)
    python = await orSkipped(this, pythonPackages())
    provider = await startProvider()
    service = await startService({ env: { TRUST_PROXY: '127.0.0.1' } })
    world = await createWorld(service, provider)
    await world.external('tester', 'job-2')
    await world.make('/users', { username: 'alice', email: 'alice@acme.example' })
    await must(world.api('PUT', '/teams/ml/members/alice', { role: 'member' }))
    api = await startWandbApi(world)
  })
  after(async () => {
    await api?.close()
    await service?.close()
    await provider?.close()
  })
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'countersign-wandb-'))
    api.requests.length = 0
    api.runs.clear()
  })
  afterEach(() => rmSync(home, { recursive: true }))

  const at = (name: string) => join(home, name)
  /** As it stands in a job whose platform has written this token. */
  function identity(name: string, token: string): Record<string, string> {
    writeFileSync(at(`${name}.jwt`), `${token}\n`)
    return {
      WANDB_BASE_URL: api.url,
      WANDB_IDENTITY_TOKEN_FILE: at(`${name}.jwt`),
      WANDB_CREDENTIALS_FILE: at(`${name}.json`),
    }
  }
  /** What it says holds no credential. */
  async function run(program: string, args: string[], env: Record<string, string>): Promise<Ran> {
    const ran = await python.run(program, args, { home, env })
    leaks.refuse(`what ${program} says`, ran.stdout, ran.stderr)
    return ran
  }
  const viewer = async (env: Record<string, string>, ...args: string[]) => {
    const { code, stdout, stderr } = await run('python3', [script, ...args], env)
    expect(code, stderr).to.equal(0)
    return JSON.parse(stdout)
  }
  /** The page's, as a file beside the token. */
  function trainPy(): string {
    const [code = ''] = documented(page, 'python')
    writeFileSync(at('train.py'), code)
    return 'train.py'
  }
  const onlyRun = () => {
    const [run, ...more] = api.runs.values()
    expect(more).to.deep.equal([])
    if (!run) throw new Error('there is no run')
    return run
  }
  const lossesOf = ({ streamed }: { streamed: Record<string, string[]> }) =>
    (streamed['wandb-history.jsonl'] ?? []).map((line) => JSON.parse(line).loss)

  it('the page, behind its proxy: wandb login --verify, a run, the viewer', async () => {
    const [lines = ''] = documented(page, 'nginx')
    const hosts = { 'countersign.internal:8080': new URL(service.url).host, 'api.internal:3000': new URL(api.url).host }
    let nginx: Nginx | undefined
    try {
      nginx = await startNginx((address) => replaced(lines, { 'listen 80;': `listen ${address};`, ...hosts }))
      const { WANDB_IDENTITY_TOKEN_FILE = '' } = identity('trainer', world.token())
      trainPy()
      const [job = ''] = documented(page, 'sh')
      const names = {
        'https://wandb.example': nginx.url,
        '/var/run/secrets/countersign/token': WANDB_IDENTITY_TOKEN_FILE,
      }
      const { code, stdout, stderr } = await run('bash', ['--norc', '-ec', replaced(job, names)], {})
      expect(code, stderr).to.equal(0)
      expect(stderr).to.include(`Currently logged in as: trainer (ml) to ${nginx.url}.`)
      expect(stdout.trim().split('\n').at(-1)).to.equal('trainer')
      expect(api.exchanges()).to.equal(0)
      const made = onlyRun()
      expect(made).to.deep.include({ project: 'ml/vision', by: 'trainer', attribution: {}, exitcode: 0 })
      expect(lossesOf(made)).to.deep.equal([1, 0.5, 1 / 3])
      expect(made.uploaded).to.include.members(['config.yaml', 'wandb-summary.json'])
    } finally {
      await nginx?.close()
    }
  })

  it('exchanges once for a login, a run and the viewer, and keeps the token for itself alone', async () => {
    const env = { ...identity('trainer', world.token({ aud: 'acme' })), WANDB_USERNAME: 'alice' }
    expect((await run('wandb', ['login', '--verify'], env)).code).to.equal(0)
    const { code, stderr } = await run('python3', [trainPy()], env)
    expect(code, stderr).to.equal(0)
    expect(await viewer(env)).to.deep.equal({
      username: 'trainer',
      name: 'trainer',
      email: null,
      entity: 'ml',
      teams: ['ml'],
      default_entity: 'ml',
    })
    expect(onlyRun().attribution.attributedTo).to.include({ username: 'alice' })
    expect(api.exchanges()).to.equal(1)
    expect(statSync(at('trainer.json')).mode & 0o777).to.equal(0o600)
    expect(api.requests.filter(({ status }) => status >= 400)).to.deep.equal([])
  })

  it('a refusal is final, and what we say of it is shown', async () => {
    const env = identity('stranger', world.token({ sub: 'stranger' }))
    const { code, stderr } = await run('wandb', ['login', '--verify'], env)
    expect(code).to.equal(1)
    expect(stderr).to.match(
      /HTTP 400: \{"error":"invalid_grant","error_description":"the subject token is genuine, but/,
    )
    expect(stderr).to.include('"reason":"no_account_matches"')
    expect(api.requests.map(({ url, status }) => [url, status])).to.deep.equal([['/oidc/token', 400]])
  })

  it('two identities, with a credentials file each; with one for both, the second is the first', async () => {
    const trainer = identity('trainer', world.token())
    const tester = identity('tester', world.token({ sub: 'job-2' }))
    const who = async (env: Record<string, string>) => (await viewer(env)).username
    expect(await Promise.all([who(trainer), who(tester)])).to.deep.equal(['trainer', 'tester'])
    const mixed = { ...tester, WANDB_CREDENTIALS_FILE: at('trainer.json') }
    expect(await Promise.all([who(tester), who(mixed)])).to.deep.equal(['tester', 'trainer'])
    expect(api.exchanges()).to.equal(2)
  })

  it('renews what ends within five minutes, from the rotated file', async () => {
    const env = identity('trainer', world.token())
    const file = at('trainer.json')
    await viewer(env)
    const kept = JSON.parse(readFileSync(file, 'utf8'))
    const soon = new Date(Date.now() + 240_000).toISOString().slice(0, 19).replace('T', ' ')
    kept.credentials[api.url].expires_at = soon
    writeFileSync(file, JSON.stringify(kept))
    identity('trainer', world.token({ sub: 'job-2' }))
    expect((await viewer(env)).username).to.equal('tester')
    expect(api.exchanges()).to.equal(2)
  })

  it('an API key: taken by its own check, kept in .netrc, good for a run', async () => {
    const [, login = ''] = documented(page, 'sh')
    const env = { WANDB_BASE_URL: api.url }
    const told = { COUNTERSIGN_API_KEY: world.apiKey }
    const loggedIn = await run('bash', ['--norc', '-ec', replaced(login, { 'https://wandb.example': api.url })], told)
    expect(loggedIn.code, loggedIn.stderr).to.equal(0)
    expect(loggedIn.stderr).to.include('Currently logged in as: robot (ml)')
    expect(statSync(at('.netrc')).mode & 0o777).to.equal(0o600)
    const { code, stderr } = await run('python3', [trainPy()], env)
    expect(code, stderr).to.equal(0)
    expect(onlyRun()).to.deep.include({ project: 'ml/vision', by: 'robot', exitcode: 0 })
    expect(await viewer({ ...env, WANDB_API_KEY: world.apiKey }, world.apiKey)).to.include({
      username: 'robot',
      objection: null,
    })
    expect(api.exchanges()).to.equal(0)
    const other = world.apiKey.slice(0, -1) + (world.apiKey.endsWith('0') ? '1' : '0')
    const wrong = await run('wandb', ['login', '--relogin', '--verify', other], env)
    expect(wrong.code).to.equal(1)
    expect(wrong.stderr).to.include('the credential is neither an access token nor an API key')
  })

  it('a key and an identity at once: refused by the SDK, with no request', async () => {
    const env = { ...identity('trainer', world.token()), WANDB_API_KEY: world.apiKey }
    const { code, stderr } = await run('wandb', ['login', '--verify'], env)
    expect(code).to.not.equal(0)
    expect(stderr).to.match(/Both WANDB_API_KEY and WANDB_IDENTITY_TOKEN_FILE are set/)
    expect(api.requests).to.deep.equal([])
  })

  it('a project that is not for it: the run does not begin, and says why', async () => {
    await world.make('/teams', { name: 'other' })
    const env = { ...identity('trainer', world.token()), WANDB_ENTITY: 'other' }
    const { code, stderr } = await run('python3', [trainPy()], env)
    expect(code).to.not.equal(0)
    expect(stderr).to.include('no write access to the project other/vision: other_team')
    expect(api.runs.size).to.equal(0)
  })

  it('a revoked token: the API refuses the stream, and the run says so', async () => {
    const env = identity('trainer', world.token())
    const args = [join(root, 'test/interop/wandb_revoked.py'), `${service.url}/oauth/revoke`]
    const { stderr } = await run('python3', args, env)
    expect(stderr).to.include('Fatal error while uploading data')
    const refused = api.requests.filter(({ status }) => status === 401)
    expect(refused.map(({ url }) => url.split('/').at(-1))).to.include('file_stream')
    expect(lossesOf(onlyRun())).to.deep.equal([])
  })
})
