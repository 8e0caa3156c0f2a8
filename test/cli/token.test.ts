/** A job's token by the command line: on which terms it is shown, from where it comes, and that nothing else gets out. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { inProcess, type JobWorld, startJobWorld } from '../support/job-world.ts'
import { type GithubActions, startGithubActions } from '../support/platforms/github-actions.ts'
import { claimsIn } from '../support/world.ts'

describe('countersign token, ambient, whoami and doctor in a job', () => {
  let job: JobWorld
  let github: GithubActions
  /** In the job: its platform, and the URL. */
  let onGithub: Record<string, string | undefined>
  before(async () => {
    job = await startJobWorld()
    github = await startGithubActions(job.provider, { claims: { sub: job.world.subject } })
    const { COUNTERSIGN_IDENTITY_TOKEN_FILE: _, ...bare } = job.env
    onGithub = { ...bare, ...github.env }
  })
  after(async () => {
    await github?.close()
    await job?.close()
  })
  const alone = (): Record<string, string | undefined> => {
    const { COUNTERSIGN_IDENTITY_TOKEN_FILE: _, ...bare } = job.env
    return bare
  }
  const inContext = (url: string, secret: string) => {
    const dir = join(job.folder, `config-${Math.random().toString(36).slice(2)}`)
    const kept = { current: 'work', contexts: { work: { url, org: 'acme', secret } } }
    return { dir, save: () => writeContexts(dir, kept) }
  }

  describe('token', () => {
    it('needs nothing but the URL', async () => {
      const { code, stdout, stderr } = await inProcess(['token'], { env: onGithub })
      expect(code).to.equal(0)
      expect(stderr).to.equal(`::add-mask::${stdout}`)
      expect(claimsIn(stdout)).to.include({ name: 'trainer', aud: job.service.publicUrl })
      expect(github.asked.at(-1)?.url.searchParams.get('audience')).to.equal(job.world.audience)
    })

    it('passes on what is asked for', async () => {
      const words = ['token', '--sa', 'ml/trainer', '--scope', 'projects:read', '--target', job.target, '--ttl', '120']
      const claims = claimsIn((await inProcess(words, { env: job.env })).stdout)
      expect(claims).to.include({ aud: job.target, scope: 'projects:read' })
      expect(Number(claims.exp) - Number(claims.iat)).to.equal(120)
    })

    it('has it blacked out before it stands anywhere', async () => {
      const heard: string[] = []
      const { run } = await import('../../src/cli/main.ts')
      const output = { write: (text: string) => void heard.push(text), isTTY: false }
      await run(['node', 'countersign', 'token', '-o', 'header'], {
        stdout: output,
        stderr: output,
        stdin: { text: async () => '', line: async () => '', isTTY: false },
        env: onGithub,
        home: job.folder,
        cwd: job.folder,
        now: Date.now,
      })
      expect(heard).to.have.length(2)
      expect(heard[0]).to.match(/^::add-mask::ey/)
      expect(heard[1]).to.equal(`Authorization: Bearer ${heard[0]?.slice('::add-mask::'.length)}`)
    })

    for (const words of [['-o', 'env'], ['-o', 'header'], ['-o', 'exec-credential'], ['-o', 'text'], ['--json']])
      it(`on a terminal ${words.join(' ')} asks for no token that it could not show`, async () => {
        const env = { ...job.env, COUNTERSIGN_URL: 'http://127.0.0.1:2/orgs/acme' }
        const { code, stdout } = await inProcess(['token', ...words], { env, isTerminal: true })
        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' })
        const shown = await inProcess(['token', '--show', ...words], { env: job.env, isTerminal: true })
        expect(shown.stdout).to.match(/ey[\w-]+\.ey/)
      })

    it('describes it on a terminal', async () => {
      const { stdout, stderr } = await inProcess(['token'], { env: job.env, isTerminal: true })
      expect(stdout)
        .to.contain('identity-token-file')
        .and.not.match(/ey[\w-]+\.ey/)
      expect(stderr).to.equal('--show shows the token itself\n')
    })

    for (const [what, more, code, says] of [
      ['whom nobody knows', { COUNTERSIGN_SERVICE_ACCOUNT: 'ml/nobody' }, 5, 'no_account_matches'],
      ['nobody there', { COUNTERSIGN_URL: 'http://127.0.0.1:2/orgs/acme' }, 7, 'ECONNREFUSED'],
      ['plain http to elsewhere', { COUNTERSIGN_URL: 'http://countersign.example/orgs/acme' }, 2, 'https'],
      ['no file', { COUNTERSIGN_IDENTITY_TOKEN_FILE: '/nowhere/id.jwt' }, 4, '/nowhere/id.jwt'],
      ['no such source', { COUNTERSIGN_SOURCE: 'moon' }, 2, 'moon'],
      ['two identities', { COUNTERSIGN_API_KEY: 'csk_of-the-test' }, 2, 'both'],
      ['a key that nobody knows', { COUNTERSIGN_API_KEY: 'csk_of-the-test', COUNTERSIGN_SOURCE: 'api-key' }, 4, 'key'],
    ] as const)
      it(`ends with ${code} for ${what}`, async () => {
        const said = await inProcess(['token', '--timeout', '1'], { env: { ...job.env, ...more } })
        expect(said).to.include({ code, stdout: '' })
        expect(said.stderr).to.contain(says)
        const json = await inProcess(['token', '--timeout', '1', '-o', 'json'], { env: { ...job.env, ...more } })
        expect(JSON.parse(json.stderr)).to.include({ exit: code })
      })

    it('sends an identity nowhere by default', async () => {
      const { COUNTERSIGN_URL: _, ...env } = job.env
      const { code, stderr } = await inProcess(['token'], { env })
      expect(code).to.equal(2)
      expect(stderr).to.contain('which service? nothing says so')
    })

    it('takes a file that was named before all that is set', async () => {
      const file = join(job.folder, 'named.jwt')
      writeFileSync(file, job.world.token())
      const env = { ...onGithub, COUNTERSIGN_API_KEY: 'csk_of-the-test', COUNTERSIGN_IDENTITY_TOKEN: 'no token' }
      const words = ['token', '--token-file', 'named.jwt', '-o', 'value=source']
      expect((await inProcess(words, { env, cwd: job.folder })).stdout).to.equal('identity-token-file\n')
      const two = await inProcess([...words, '--source', 'gitlab'], { env, cwd: job.folder })
      expect(two).to.include({ code: 2, stdout: '' })
    })

    it('takes what login has kept last of all', async () => {
      const { dir, save } = inContext(job.service.url, job.world.apiKey)
      save()
      const { COUNTERSIGN_URL: _, ...desk }: Record<string, string | undefined> = {
        ...alone(),
        COUNTERSIGN_CONFIG_DIR: dir,
      }
      const source = async (env: Record<string, string | undefined>) =>
        (await inProcess(['token', '-o', 'value=source'], { env })).stdout
      expect(await source(desk)).to.equal('login\n')
      expect(await source({ ...onGithub, ...desk })).to.equal('github-actions\n')
      expect(await source({ ...desk, COUNTERSIGN_API_KEY: job.world.apiKey })).to.equal('api-key\n')
      // A place that is broken is no reason to be somebody else.
      const broken = await inProcess(['token'], { env: { ...github.envWithoutPermission, ...desk } })
      expect(broken).to.include({ code: 4, stdout: '' })
    })

    it('takes a kept key to no other service, and a key in the environment to none of a context', async () => {
      const { dir, save } = inContext('http://127.0.0.1:2', job.world.apiKey)
      save()
      const env = { ...alone(), COUNTERSIGN_CONFIG_DIR: dir }
      const { code, stderr } = await inProcess(['token'], { env })
      expect(code).to.equal(4)
      expect(stderr).to.contain('nothing here says who this job is')
      const { dir: other, save: saveOther } = inContext(job.service.url, job.world.apiKey)
      saveOther()
      const asked = { ...alone(), COUNTERSIGN_CONFIG_DIR: other, COUNTERSIGN_API_KEY: 'csk_of-another-service' }
      const words = ['token', '--context', 'work', '-o', 'value=source']
      expect((await inProcess(words, { env: asked })).stdout).to.equal('login\n')
    })

    it('speaks the version of kubectl', async () => {
      const { stdout } = await inProcess(['token', '-o', 'exec-credential'], { env: job.env })
      const { apiVersion, kind, status } = JSON.parse(stdout)
      expect({ apiVersion, kind }).to.deep.equal({
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
      })
      expect(Object.keys(status)).to.deep.equal(['token', 'expirationTimestamp'])
      expect(status.expirationTimestamp).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      for (const info of ['{', 'null', '{"apiVersion":"client.authentication.k8s.io/v1alpha1"}']) {
        const env = { ...job.env, KUBERNETES_EXEC_INFO: info, COUNTERSIGN_URL: 'http://127.0.0.1:2/orgs/acme' }
        expect((await inProcess(['token', '-o', 'exec-credential'], { env })).code).to.equal(2)
      }
    })
  })

  describe('ambient', () => {
    it('shows where it is and what the platform says, and neither token nor signature', async () => {
      const { code, stdout, stderr } = await inProcess(['ambient', '-o', 'json'], { env: onGithub })
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
      const { others, ...found } = JSON.parse(stdout)
      expect(found).to.deep.include({
        source: 'github-actions',
        type: 'jwt',
        issuer: job.provider.issuer,
        subject: job.world.subject,
        audience: job.world.audience,
      })
      expect(found.claims).to.include({ repository: 'acme/app' })
      const names = others.map(({ source }: { source: string }) => source)
      expect(names).to.include.members(['identity-token-file', 'gitlab']).and.not.include('github-actions')
      expect(stdout).to.not.match(/ey[\w-]{8,}\.ey/)
    })

    it('ends with 4 where nobody says who this is, with all that was looked for', async () => {
      const { code, stdout } = await inProcess(['ambient'], { env: alone() })
      expect(code).to.equal(4)
      expect(stdout).to.match(/^nothing here says who this job is\n\n- {2}identity-token-file +COUNTERSIGN_IDENTITY/)
      const json = await inProcess(['ambient', '-o', 'json'], { env: alone() })
      expect(json.code).to.equal(4)
      expect(JSON.parse(json.stdout)).to.have.property('source', null)
    })

    it('ends with 4 where the platform gives nothing, and says how to mend it', async () => {
      const { code, stderr } = await inProcess(['ambient'], { env: { ...alone(), ...github.envWithoutPermission } })
      expect(code).to.equal(4)
      expect(stderr).to.contain('github-actions:').and.contain('id-token: write')
    })

    it('moves no cursor, whatever a claim says', async () => {
      const evil = 'a\u001b[2J\u202eb'
      const COUNTERSIGN_IDENTITY_TOKEN = job.world.token({ sub: evil, note: [evil], [evil]: { [evil]: evil } })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      const moving = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/
      for (const words of [['ambient'], ['doctor']]) {
        const { stdout } = await inProcess(words, { env: { ...alone(), COUNTERSIGN_IDENTITY_TOKEN } })
        expect(stdout).to.contain('2J').and.not.match(moving)
      }
    })

    it('shows claims whose names have dots', async () => {
      const claims = { 'kubernetes.io': { namespace: 'ml', serviceaccount: { uid: 'of-a-uid' } } }
      const env = { ...alone(), COUNTERSIGN_IDENTITY_TOKEN: job.world.token(claims) }
      const { stdout } = await inProcess(['ambient'], { env })
      expect(stdout).to.match(/^claims\.kubernetes\.io\.namespace +ml$/m)
      expect(stdout).to.match(/^claims\.kubernetes\.io\.serviceaccount\.uid +of-a-uid$/m)
    })

    it('shows no secret that stands in a claim', async () => {
      const COUNTERSIGN_IDENTITY_TOKEN = job.world.token({ note: job.world.apiKey, other: job.world.token() })
      const { stdout } = await inProcess(['ambient', '-o', 'json'], { env: { ...alone(), COUNTERSIGN_IDENTITY_TOKEN } })
      expect(JSON.parse(stdout).claims).to.deep.include({ note: '[redacted]', other: '[redacted]' })
    })
  })

  describe('whoami', () => {
    it('asks nobody, and with --verify exchanges and asks the service', async () => {
      const env = { ...onGithub, COUNTERSIGN_TARGET: job.target }
      const before = github.asked.length
      const known = await inProcess(['whoami', '-o', 'json'], { env })
      expect(JSON.parse(known.stdout)).to.include({ org: 'acme', source: 'github-actions' })
      expect(github.asked).to.have.length(before)
      const { stdout } = await inProcess(['whoami', '--verify', '-o', 'json'], { env })
      expect(JSON.parse(stdout)).to.include({ source: 'github-actions', name: 'trainer', sub: job.world.account.id })
    })
  })

  it('whoami --verify asks a service that has another name here than its own', async () => {
    const here = job.world.audience.replace('127.0.0.1', 'localhost')
    expect(here).to.not.equal(job.world.audience)
    const env = { ...onGithub, COUNTERSIGN_URL: here, COUNTERSIGN_AUDIENCE: job.world.audience }
    const { stdout, stderr } = await inProcess(['whoami', '--verify', '-o', 'json'], { env })
    expect(stderr).to.equal('')
    expect(JSON.parse(stdout)).to.include({ name: 'trainer' })
  })

  describe('doctor', () => {
    type Check = { check: string; state: string; message: string; fix?: string }
    const checks = async (env: Record<string, string | undefined>) => {
      const { code, stdout } = await inProcess(['doctor', '-o', 'json'], { env })
      const all = JSON.parse(stdout) as Check[]
      return { code, of: (name: string) => all.filter(({ check }) => check === name) }
    }

    it('is well without a key in a job that is well', async () => {
      const { code, of } = await checks(onGithub)
      expect(code).to.equal(0)
      expect(of('key')[0]).to.include({ state: 'ok' })
      expect(of('identity')[0]?.message).to.contain(`github-actions: ${job.world.subject}`)
      expect(of('audience')[0]).to.include({ state: 'ok' })
    })

    it('without a key and without a job says what it said before', async () => {
      const { code, of } = await checks(alone())
      expect(code).to.equal(1)
      expect(of('key')[0]).to.include({ state: 'failed', message: 'there is none' })
    })

    it('says which permission is missing', async () => {
      const { code, of } = await checks({ ...alone(), ...github.envWithoutPermission })
      expect(code).to.equal(1)
      expect(of('identity')[0]).to.include({ state: 'failed' })
      expect(of('identity')[0]?.fix).to.contain('id-token: write')
    })

    it('is well where somebody has logged in, whatever the place would give', async () => {
      const { dir, save } = inContext(job.service.url, job.world.adminKey)
      save()
      const { code, of } = await checks({ ...alone(), ...github.envWithoutPermission, COUNTERSIGN_CONFIG_DIR: dir })
      expect(code).to.equal(0)
      expect(of('identity')[0]).to.include({ state: 'warning' })
    })

    for (const [what, more, check, says] of [
      ['a token for somebody else', { COUNTERSIGN_AUDIENCE: 'https://other.example' }, 'audience', 'other.example'],
      ['another source than this looks like', { COUNTERSIGN_SOURCE: 'identity-token-file' }, 'identity', 'looks like'],
      ['a key where none is needed', { COUNTERSIGN_API_KEY: 'csk_of-the-test' }, 'identity', 'github-actions'],
      ['what the W&B SDK refuses', { WANDB_API_KEY: 'x', WANDB_IDENTITY_TOKEN_FILE: 'y' }, 'environment', 'W&B'],
    ] as const)
      it(`notices ${what}`, async () => {
        const found = (await checks({ ...onGithub, ...more })).of(check).filter(({ state }) => state !== 'ok')
        expect(found.map(({ message }) => message).join('\n')).to.contain(says)
      })

    it('notices two identities at once, and a clock that is not the platform’s', async () => {
      const two = await checks({ ...job.env, COUNTERSIGN_API_KEY: 'csk_of-the-test' })
      expect(two.of('identity')[0]?.message).to.contain('both')
      const iat = Math.floor(Date.now() / 1000) + 120
      const COUNTERSIGN_IDENTITY_TOKEN = job.world.token({ iat, exp: iat + 300 })
      const early = await checks({ ...alone(), COUNTERSIGN_IDENTITY_TOKEN })
      expect(early.code).to.equal(1)
      expect(early.of('identity time')[0]?.message).to.match(/made in 1[12]\d s/)
      const late = await checks({ ...alone(), COUNTERSIGN_IDENTITY_TOKEN: job.world.token({ exp: iat - 100 }) })
      expect(late.of('identity time')[0]).to.include({ state: 'warning' })
    })

    it('notices that the service goes by another URL', async () => {
      const url = job.world.audience.replace('127.0.0.1', 'localhost')
      const { of } = await checks({ ...onGithub, COUNTERSIGN_URL: url })
      expect(of('address')[0]?.fix).to.equal(`COUNTERSIGN_URL=${job.world.audience}`)
      expect(of('audience')[0]).to.include({ state: 'warning' })
    })
  })
})

function writeContexts(dir: string, kept: object): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  writeFileSync(join(dir, 'contexts.json'), JSON.stringify(kept), { mode: 0o600 })
}
