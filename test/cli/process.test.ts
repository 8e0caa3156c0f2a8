/** The command line as a process of its own: its exit code, its pipes, and the shell's completion. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { countersign, type Said } from '../support/command.ts'
import { bareEnv, call, root, type Service, startService } from '../support/server.ts'
import { must } from '../support/world.ts'

describe('countersign, as a process', () => {
  let service: Service
  let env: Record<string, string>
  const config = mkdtempSync(join(tmpdir(), 'countersign-'))
  before(async () => {
    service = await startService()
    const json = { name: 'acme', first_admin: { username: 'root', email: 'root@acme.example' } }
    const { api_key } = await must(call(service, 'POST', '/api/v1/orgs', { secret: service.operatorKey, json }))
    env = { COUNTERSIGN_URL: service.url, COUNTERSIGN_API_KEY: String(api_key), COUNTERSIGN_CONFIG_DIR: config }
  })
  after(async () => {
    rmSync(config, { recursive: true, force: true })
    await service?.close()
  })

  const say = ({ code, stdout, stderr }: Said) => ({ code, stdout, stderr: stderr.split('\n')[0] })

  it('tells by its exit code what became of it', async () => {
    const made = await countersign(['team', 'create', 'ml', '-o', 'value=name'], env)
    expect(say(made)).to.deep.equal({ code: 0, stdout: 'ml\n', stderr: '' })
    const missing = await countersign(['team', 'get', 'nope'], env)
    expect(say(missing)).to.deep.include({ code: 3, stdout: '' })
    const away = await countersign(['team', 'list'], { ...env, COUNTERSIGN_URL: 'http://127.0.0.1:2/orgs/acme' })
    expect(say(away)).to.deep.include({ code: 7, stdout: '' })
  })

  it('reads a key from its standard input, and keeps it where nobody else can read', () => {
    const { COUNTERSIGN_API_KEY: input, ...others } = env
    const login = spawnSync(process.execPath, [join(root, 'bin/countersign.js'), 'login', '--with-key'], {
      input,
      env: { ...bareEnv, ...others },
      encoding: 'utf8',
    })
    expect(login.status, login.stderr).to.equal(0)
    expect(login.stdout + login.stderr).to.not.contain(String(input))
    expect(statSync(join(config, 'contexts.json')).mode & 0o777).to.equal(0o600)
    expect(statSync(config).mode & 0o077).to.equal(0)
  })

  it('says nothing when nobody reads on', () => {
    const script = `"${process.execPath}" bin/countersign.js audit export | true`
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], {
      cwd: root,
      env: { ...bareEnv, ...env },
      encoding: 'utf8',
    })
    expect({ stdout, stderr }).to.deep.equal({ stdout: '', stderr: '' })
  })

  it('completes in bash', () => {
    const script = `countersign() { "${process.execPath}" bin/countersign.js "$@"; }
      source <(countersign completion bash)
      at() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _countersign; echo "\${COMPREPLY[@]}"; }
      at countersign te
      at countersign team get m
      at countersign team list --li`
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], {
      cwd: root,
      env: { ...bareEnv, ...env },
      encoding: 'utf8',
    })
    expect({ stdout, stderr }).to.deep.equal({ stdout: 'team\nml\n--limit\n', stderr: '' })
  })
})
