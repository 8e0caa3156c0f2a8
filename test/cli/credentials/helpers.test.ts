/** The credential helpers as git and Docker call them: the real git always, the real Docker where it is installed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { expect } from 'chai'
import { inProcess, type JobWorld, startJobWorld } from '../../support/job-world.ts'
import { leaks } from '../../support/leaks.ts'
import { findProgram, installing } from '../../support/program.ts'
import { bareEnv, root } from '../../support/server.ts'
import { claimsIn } from '../../support/world.ts'

describe('credential helpers', () => {
  let job: JobWorld
  let env: Record<string, string>
  const servers: Server[] = []
  before(async function () {
    this.timeout(installing)
    await findProgram('git')
    job = await startJobWorld()
    // On the PATH as npm puts them there; `env node` has to find the one that runs this.
    const bin = join(job.folder, 'bin')
    mkdirSync(bin)
    symlinkSync(process.execPath, join(bin, 'node'))
    for (const name of ['git-credential-countersign', 'docker-credential-countersign'])
      symlinkSync(join(root, `bin/${name}.js`), join(bin, name))
    env = {
      ...bareEnv,
      ...job.env,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_NOSYSTEM: '1',
      COUNTERSIGN_CREDENTIAL_HOSTS: `git.example=${job.target} code.example/acme=${job.target}`,
    }
  })
  after(async () => {
    for (const server of servers) server.close()
    await job?.close()
  })

  async function listening(answer: (req: IncomingMessage, res: ServerResponse) => void): Promise<string> {
    const server = createServer(answer)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async function said(program: string, args: readonly string[], input = '', more: Record<string, string> = {}) {
    const child: ChildProcess = spawn(program, args, { env: { ...env, ...more }, stdio: ['pipe', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    child.stdin?.end(input)
    await once(child, 'close')
    leaks.refuse(`stderr of ${program}`, stderr)
    return { code: child.exitCode, stdout, stderr }
  }

  const basic = (req: IncomingMessage) =>
    Buffer.from(req.headers.authorization?.replace(/^Basic /, '') ?? '', 'base64').toString()

  describe('git', () => {
    const fill = (input: string, helper = 'countersign', more = {}) =>
      said('git', ['-c', 'credential.helper=', '-c', `credential.helper=${helper}`, 'credential', 'fill'], input, more)
    const passwordIn = (stdout: string) => /^password=(.*)$/m.exec(stdout)?.[1]

    it('is filled in, with a token for that API alone', async () => {
      const { code, stdout, stderr } = await fill('protocol=https\nhost=git.example\n\n')
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
      expect(stdout).to.match(/^protocol=https\nhost=git\.example\nusername=api\npassword=ey[\w.-]+\n/)
      expect(claimsIn(passwordIn(stdout))).to.include({ aud: job.target, name: 'trainer' })
    })

    it('takes its hosts from where git keeps its helpers', async () => {
      const helper = `countersign --host code.example=urn:x --host other.example=${job.target}`
      const of = async (host: string) => passwordIn((await fill(`protocol=https\nhost=${host}\n\n`, helper)).stdout)
      expect(claimsIn(await of('other.example'))).to.include({ aud: job.target })
      expect(await of('git.example')).to.equal(undefined)
    })

    it('keeps the user name of the URL', async () => {
      const { stdout } = await fill('protocol=https\nhost=git.example\nusername=bob\n\n')
      expect(stdout).to.contain('\nusername=bob\npassword=ey')
    })

    for (const [what, input] of [
      ['a stranger', 'protocol=https\nhost=stranger.example\n\n'],
      ['the same host without https', 'protocol=http\nhost=git.example\n\n'],
      ['a host that holds the name', 'protocol=https\nhost=git.example.evil.example\n\n'],
      ['another port', 'protocol=https\nhost=git.example:8443\n\n'],
      ['a path that was not told', 'protocol=https\nhost=code.example\n\n'],
    ] as const)
      it(`says nothing to ${what}`, async () => {
        const { code, stdout, stderr } = await fill(input)
        expect({ code, stdout }).to.deep.equal({ code: 128, stdout: '' })
        expect(stderr).to.contain('could not read Username')
      })

    it('looks at the path, where git tells of it', async () => {
      const asked = (path: string) =>
        said(
          'git',
          ['-c', 'credential.useHttpPath=true', '-c', 'credential.helper=countersign', 'credential', 'fill'],
          `protocol=https\nhost=code.example\npath=${path}\n\n`,
        )
      expect(passwordIn((await asked('acme/app.git')).stdout)).to.match(/^ey/)
      expect((await asked('other/app.git')).stdout).to.equal('')
      expect((await asked('acme/../other/app.git')).stdout).to.equal('')
    })

    it('takes approve and reject as they come, and asks nobody', async () => {
      for (const deed of ['approve', 'reject']) {
        const input = 'protocol=https\nhost=git.example\nusername=api\npassword=of-the-test\n\n'
        const done = await said('git', ['-c', 'credential.helper=countersign', 'credential', deed], input, {
          COUNTERSIGN_URL: 'http://127.0.0.1:2/orgs/acme',
        })
        expect(done).to.deep.equal({ code: 0, stdout: '', stderr: '' })
      }
    })

    it('reads a repository of a server that wants the token', async () => {
      const heard: string[] = []
      const host = await listening((req, res) => {
        if (req.headers.authorization === undefined)
          return void res.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
        heard.push(basic(req))
        res.writeHead(200, { 'content-type': 'text/plain' }).end(`${'1'.repeat(40)}\trefs/heads/main\n`)
      })
      const args = ['-c', 'credential.helper=countersign', 'ls-remote', `http://${host}/app.git`]
      const { code, stdout } = await said('git', args, '', { COUNTERSIGN_CREDENTIAL_HOSTS: `${host}=${job.target}` })
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: `${'1'.repeat(40)}\trefs/heads/main\n` })
      const [user, token] = (heard[0] as string).split(':')
      expect(user).to.equal('api')
      expect(claimsIn(token)).to.include({ aud: job.target })
    })

    it('tells git when its password ends, and passes over what it does not know', async () => {
      const how = { env, stdin: 'protocol=https\nhost=git.example\n' }
      const got = await inProcess(['git-credential', 'get'], how)
      const [, seconds] = /^password_expiry_utc=(\d+)$/m.exec(got.stdout) ?? []
      expect(Number(seconds) - Date.now() / 1000).to.be.within(800, 901)
      expect(await inProcess(['git-credential', 'capability'], how)).to.deep.equal({ code: 0, stdout: '', stderr: '' })
    })

    it('with --cache it takes what it has, until git says that it was refused', async () => {
      const password = async (operation: string) => {
        const cache = { ...env, XDG_CACHE_HOME: join(job.folder, 'cache') }
        const how = { env: cache, stdin: 'protocol=https\nhost=git.example\n' }
        return passwordIn((await inProcess(['git-credential', operation, '--cache'], how)).stdout)
      }
      const first = await password('get')
      expect(await password('get')).to.equal(first)
      await password('erase')
      expect(await password('get'))
        .to.match(/^ey/)
        .and.not.equal(first)
    })
  })

  describe('Docker', () => {
    const helper = (verb: string, stdin = '', more: Record<string, string> = {}) =>
      inProcess(['docker-credential', verb], { env: { ...env, ...more }, stdin })

    it('gets a credential for a server that was named', async () => {
      const { code, stdout } = await helper('get', 'git.example\n')
      const { ServerURL, Username, Secret, ...more } = JSON.parse(stdout)
      expect({ code, ServerURL, Username, more }).to.deep.equal({
        code: 0,
        ServerURL: 'git.example',
        Username: 'api',
        more: {},
      })
      expect(claimsIn(Secret)).to.include({ aud: job.target })
    })

    for (const server of ['stranger.example', 'http://git.example', 'https://git.example@stranger.example/v1/'])
      it(`knows nothing for ${server}`, async () => {
        expect(await helper('get', server)).to.deep.equal({
          code: 1,
          stdout: 'credentials not found in native keychain\n',
          stderr: '',
        })
      })

    it('says what is wrong on stdout, where Docker looks', async () => {
      expect(await helper('get', ' \n')).to.deep.equal({ code: 1, stdout: 'no credentials server URL\n', stderr: '' })
      const away = await helper('get', 'git.example', { COUNTERSIGN_SERVICE_ACCOUNT: 'ml/nobody' })
      expect(away).to.deep.include({ code: 5, stderr: '' })
      expect(away.stdout).to.match(/^countersign: no_account_matches: /)
      expect((await helper('burn')).stdout).to.equal('Unknown credential action `burn`\n')
    })

    it('hands a token that opens Countersign itself to nobody else', async () => {
      const open = await helper('get', 'git.example', { COUNTERSIGN_CREDENTIAL_HOSTS: 'git.example' })
      expect(open).to.deep.include({ code: 2, stderr: '' })
      expect(open.stdout).to.contain('git.example has no target')
      const named = { COUNTERSIGN_CREDENTIAL_HOSTS: `git.example=${job.service.publicUrl}/` }
      expect((await helper('get', 'git.example', named)).stdout).to.contain('opens Countersign itself')
      const own = new URL(job.service.url).host
      const { code, stdout } = await helper('get', `http://${own}`, { COUNTERSIGN_CREDENTIAL_HOSTS: own })
      expect(code).to.equal(0)
      expect(claimsIn(JSON.parse(stdout).Secret)).to.include({ aud: job.service.publicUrl })
    })

    it('nor one that opens the API which the job itself is for', async () => {
      const more = { COUNTERSIGN_CREDENTIAL_HOSTS: 'git.example registry.example', COUNTERSIGN_TARGET: job.target }
      expect((await helper('get', 'git.example', more)).stdout).to.contain('git.example has no target')
      expect(claimsIn(JSON.parse((await helper('get', 'registry.example', more)).stdout).Secret)).to.include({
        aud: 'https://registry.example',
      })
    })

    it('lists, forgets, and keeps nothing', async () => {
      expect((await helper('list')).stdout).to.equal('{"git.example":"api","code.example/acme":"api"}\n')
      expect(await helper('erase', 'git.example')).to.deep.equal({ code: 0, stdout: '', stderr: '' })
      const given = JSON.stringify({ ServerURL: 'git.example', Username: 'me', Secret: 'a-secret-of-mine' })
      const kept = await helper('store', given)
      expect(kept.code).to.equal(1)
      expect(kept.stdout).to.not.contain('a-secret-of-mine')
    })

    it('a real Docker reads a manifest with it', async function () {
      if (!isThere('docker')) return this.skip()
      const manifest = {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${'a'.repeat(64)}`, size: 2 },
        layers: [],
      }
      const heard: string[] = []
      const host = await listening((req, res) => {
        if (req.headers.authorization === undefined)
          return void res.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end()
        heard.push(basic(req))
        if (req.url === '/v2/') return void res.writeHead(200).end()
        res.writeHead(200, { 'content-type': manifest.mediaType }).end(JSON.stringify(manifest))
      })
      const config = join(job.folder, 'docker')
      mkdirSync(config)
      writeFileSync(join(config, 'config.json'), JSON.stringify({ credHelpers: { [host]: 'countersign' } }))
      await new Promise((resolve) =>
        execFile(
          'docker',
          ['manifest', 'inspect', '--insecure', `${host}/acme/app:1`],
          {
            env: {
              ...env,
              DOCKER_CONFIG: config,
              DOCKER_CLI_EXPERIMENTAL: 'enabled',
              COUNTERSIGN_CREDENTIAL_HOSTS: `${host}=${job.target}`,
            },
            timeout: 30_000,
          },
          resolve,
        ),
      )
      expect(heard).to.not.have.length(0)
      const [user, token] = (heard[0] as string).split(':')
      expect(user).to.equal('api')
      expect(claimsIn(token)).to.include({ aud: job.target })
    })
  })
})

function isThere(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
