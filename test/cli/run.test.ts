/** `countersign run`: the command gets a token that stays fresh; otherwise it is as if nobody had been between. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, renameSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { type JobWorld, startJobWorld } from '../support/job-world.ts'
import { leaks } from '../support/leaks.ts'
import { bareEnv, root } from '../support/server.ts'

type Said = { code: number | null; stdout: string; stderr: string }

describe('countersign run', () => {
  let job: JobWorld
  before(async () => {
    job = await startJobWorld()
  })
  after(() => job?.close())

  /** `hear` is called with all that was said so far, whenever there is more. */
  async function running(
    words: readonly string[],
    { env = {}, stdin = '' }: { env?: Record<string, string>; stdin?: string | null } = {},
    hear: (child: ChildProcess, said: Said) => void = () => {},
  ): Promise<Said> {
    const child = spawn(process.execPath, [join(root, 'bin/countersign.js'), 'run', ...words], {
      env: { ...bareEnv, ...job.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const said: Said = { code: null, stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text
        hear(child, said)
      })
    if (stdin !== null) child.stdin.end(stdin)
    await once(child, 'close')
    return { ...said, code: child.exitCode }
  }

  /** A program in the child, which prints one JSON value. */
  const script = (text: string) => ['--', process.execPath, '-e', text]
  const leftBehind = () => readdirSync(job.folder).filter((name) => name.startsWith('countersign-'))
  const show = `console.log(JSON.stringify({
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => /COUNTERSIGN|TOKEN|KEY|KEPT/.test(name))),
    text: require('fs').readFileSync(process.env.COUNTERSIGN_ACCESS_TOKEN_FILE, 'utf8'),
    modes: [process.env.COUNTERSIGN_ACCESS_TOKEN_FILE, require('path').dirname(process.env.COUNTERSIGN_ACCESS_TOKEN_FILE)]
      .map((path) => (require('fs').statSync(path).mode & 0o777).toString(8)) }))`

  it('gives the token by variable and by a file of its owner alone, and takes both away', async () => {
    const { code, stdout, stderr } = await running(script(show), { env: { KEPT: 'yes' } })
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    const { env, text, modes } = JSON.parse(stdout)
    expect(modes).to.deep.equal(['600', '700'])
    expect(text).to.equal(env.COUNTERSIGN_ACCESS_TOKEN)
    expect(env).to.deep.include({ COUNTERSIGN_URL: job.world.audience, KEPT: 'yes' })
    expect(existsSync(env.COUNTERSIGN_ACCESS_TOKEN_FILE)).to.equal(false)
    expect(leftBehind()).to.deep.equal([])
    expect((await job.world.introspect(text)).body).to.deep.equal({ active: false })
  })

  it('--no-revoke lets the token live', async () => {
    const { stdout } = await running(['--no-revoke', ...script(show)])
    expect((await job.world.introspect(JSON.parse(stdout).text)).body).to.include({ active: true })
  })

  const identity = {
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'a pass',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'https://a.example',
    CIRCLE_OIDC_TOKEN_V2: 'a token',
    TFC_WORKLOAD_IDENTITY_TOKEN_PROD: 'a token',
  }
  it('keeps the identity of the job to itself, whatever its variable is called; --keep-identity does not', async () => {
    const GITLAB_TOKEN = job.world.token()
    const OTHER_TOKEN = job.world.token({ aud: 'https://other.example' })
    const NAMED_TOKEN = job.world.token({ aud: 'acme' })
    // Whatever it is for: it is what a job at GitLab is known by.
    const COUNTERSIGN_ID_TOKEN = job.world.token({ aud: 'https://gitlab.example' })
    const env = { ...identity, GITLAB_TOKEN, NAMED_TOKEN, COUNTERSIGN_ID_TOKEN, OTHER_TOKEN }
    const names = Object.keys({ ...env, COUNTERSIGN_IDENTITY_TOKEN_FILE: '' })
    const seen = async (...words: string[]) => {
      const { stdout } = await running([...words, ...script(show)], { env })
      const passed = JSON.parse(stdout).env
      return names.filter((name) => name in passed)
    }
    expect(await seen()).to.deep.equal(['OTHER_TOKEN'])
    expect(await seen('--keep-identity')).to.deep.equal(names)
  })

  it('touches nothing of what the command reads and writes', async () => {
    const stdin = '\u0000 binary\r\n and ü, without an end'
    const { stdout, stderr } = await running(['--', 'sh', '-c', 'cat; echo so >&2'], { stdin })
    expect({ stdout, stderr }).to.deep.equal({ stdout: stdin, stderr: 'so\n' })
  })

  for (const [what, words, code] of [
    ['its code', ['--', 'sh', '-c', 'exit 3'], 3],
    ['128 and its signal', ['--', 'sh', '-c', 'kill -KILL $$'], 137],
    ['127, as a shell has it, when there is no such command', ['--', 'no-such-command'], 127],
    ['126 when it may not be run', ['--', '/etc/passwd'], 126],
    ['2 without a command', [], 2],
  ] as const)
    it(`ends with ${what}`, async () => {
      expect((await running(words)).code).to.equal(code)
      expect(leftBehind()).to.deep.equal([])
    })

  it('passes options of the command on', async () => {
    const { stdout } = await running([
      '--sa',
      'ml/trainer',
      '--',
      'sh',
      '-c',
      'echo "$@"',
      'x',
      '--sa',
      '-o',
      'json',
      '--',
    ])
    expect(stdout).to.equal('--sa -o json --\n')
  })

  for (const [signal, text, code] of [
    ['SIGTERM', `process.on('SIGTERM', () => process.exit(9))`, 9],
    ['SIGINT', `process.on('SIGINT', () => process.exit(8))`, 8],
    ['SIGHUP', '', 129],
    ['SIGUSR2', `process.on('SIGUSR2', () => process.exit(7))`, 7],
  ] as const)
    it(`hands on ${signal}, and takes the file away`, async () => {
      let isSent = false
      const said = await running(
        script(`${text}; setInterval(() => {}, 1000); console.log('up')`),
        {},
        (child, { stdout }) => {
          if (isSent || !stdout.includes('up')) return
          isSent = true
          child.kill(signal)
        },
      )
      expect(said.code).to.equal(code)
      expect(leftBehind()).to.deep.equal([])
    })

  it('starts nothing when there is no token, and says why', async () => {
    const { code, stdout, stderr } = await running(['--sa', 'ml/nobody', '--', 'sh', '-c', 'echo started'])
    expect({ code, stdout }).to.deep.equal({ code: 5, stdout: '' })
    expect(stderr).to.match(/^countersign: no_account_matches: /)
    leaks.refuse('stderr', stderr)
  })

  it('has another token in the file before the first one ends, and reads the identity anew', async () => {
    job.renewIdentity()
    const watch = `const fs = require('fs'); const path = process.env.COUNTERSIGN_ACCESS_TOKEN_FILE
      const first = fs.readFileSync(path, 'utf8')
      const timer = setInterval(() => {
        const now = fs.readFileSync(path, 'utf8')
        if (now === first) return
        clearInterval(timer)
        console.log(JSON.stringify({ first, now, mode: fs.statSync(path).mode & 0o777 }))
      }, 10)`
    const { code, stdout, stderr } = await running(['--no-revoke', '--ttl', '3', ...script(watch)])
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    const { first, now, mode } = JSON.parse(stdout)
    expect(mode).to.equal(0o600)
    expect(now).to.not.equal(first)
    expect((await job.world.introspect(now)).body).to.include({ active: true })
  })

  it('says that there is no new one, and lets the command be', async () => {
    job.renewIdentity()
    const path = job.env.COUNTERSIGN_IDENTITY_TOKEN_FILE as string
    try {
      const said = await running(
        ['--ttl', '3', '--', 'sh', '-c', 'echo up; read line; echo "$line"; exit 4'],
        { stdin: null },
        (child, { stdout, stderr }) => {
          if (stdout === 'up\n' && existsSync(path)) renameSync(path, `${path}.away`)
          if (stderr.includes('\n')) child.stdin?.end('and on\n')
        },
      )
      expect(said).to.deep.include({ code: 4, stdout: 'up\nand on\n' })
      expect(said.stderr).to.match(
        /^countersign: no new token \(identity-token-file: there is no file .*\): the one in hand serves for another \d s, and it is tried again\n$/,
      )
      leaks.refuse('stderr', said.stderr)
    } finally {
      job.renewIdentity()
    }
  })

  it('says so when there is one again', async () => {
    const path = job.env.COUNTERSIGN_IDENTITY_TOKEN_FILE as string
    job.renewIdentity()
    const { stdout, stderr } = await running(
      ['--no-revoke', '--ttl', '3', '--', 'sh', '-c', 'echo up; read line; cat "$COUNTERSIGN_ACCESS_TOKEN_FILE"'],
      { stdin: null },
      (child, said) => {
        if (said.stdout === 'up\n' && said.stderr === '') renameSync(path, `${path}.away`)
        else if (said.stderr.endsWith('is there\n')) child.stdin?.end('\n')
        else if (said.stderr.endsWith('again\n')) job.renewIdentity()
      },
    )
    expect(stderr).to.match(/^countersign: no new token .*\ncountersign: a new token is there\n$/)
    expect((await job.world.introspect(stdout.slice('up\n'.length))).body).to.include({ active: true })
  })

  it('does not ask again before the service wants to be asked', async function () {
    this.timeout(30_000)
    job.renewIdentity()
    let asked = 0
    const service = createServer((req, res) => {
      req.resume()
      const [status, body] =
        ++asked === 1
          ? [200, { access_token: 'a.b.c', token_type: 'Bearer', expires_in: 1, scope: '' }]
          : [429, { error: 'slow_down', reason: 'rate_limited' }]
      res.writeHead(status, { 'content-type': 'application/json', 'retry-after': '300' }).end(JSON.stringify(body))
    }).listen(0, '127.0.0.1')
    try {
      await once(service, 'listening')
      const env = { COUNTERSIGN_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}/orgs/acme` }
      // Without a word of the service, it would be asked 5 s after the first time that it said no.
      const { stderr } = await running(['--no-revoke', ...script('setTimeout(() => {}, 7000)')], { env })
      expect(stderr).to.match(/^countersign: no new token \(rate_limited/)
      expect(asked).to.equal(2)
    } finally {
      service.close()
    }
  })

  it('has GitHub’s runner black the token out before the command starts', async () => {
    const env = { GITHUB_ACTIONS: 'true' }
    const { stdout, stderr } = await running(['--', 'sh', '-c', 'echo "$COUNTERSIGN_ACCESS_TOKEN"'], { env })
    expect(stderr).to.equal(`::add-mask::${stdout}`)
  })
})
