/** The README's own examples, pasted as they stand into a shell. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { root, type Service, startService } from './support/server.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block as string)

describe('README', () => {
  let service: Service
  let folder: string
  before(async () => {
    service = await startService({
      env: { OPERATOR_KEY: 'try-it-0123456789-try-it-0123456789', ISSUER_NETWORK: 'public' },
    })
    // The walk-through is pasted in the checkout's folder; it leaves a key under data/, so a copy of what it uses.
    folder = mkdtempSync(join(tmpdir(), 'countersign-readme-'))
    cpSync(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true })
    cpSync(join(root, 'package.json'), join(folder, 'package.json'))
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  })
  after(async () => {
    await service?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('names commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    for (const [, name] of readme.matchAll(/`npm run ([a-z:]+)`/g)) expect(scripts).to.have.property(name as string)
    for (const [, path] of readme.matchAll(/\]\(([^)#]+)\)/g))
      expect(() => readFileSync(join(root, path as string)), path).to.not.throw(/ENOENT/)
  })

  /** As pasted one after the other into one shell; what they print, each line a JSON object. */
  async function pasted(...wanted: readonly string[]): Promise<Record<string, unknown>[]> {
    const script = wanted.map((text) => blocks.find((block) => block.includes(text)) as string).join('\n')
    const PATH = `${join(root, 'node_modules/.bin')}:${process.env.PATH}`
    const { stdout, stderr } = await promisify(execFile)(
      'bash',
      ['--norc', '-c', script.replace('http://127.0.0.1:8080', service.url)],
      { cwd: folder, env: { PATH } },
    )
    expect(stderr).to.equal('')
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  it('walks from an empty service to a token, to a refusal that says why, and to a protected API', async () => {
    const lines = await pasted('# 4. The workload', 'access/v1/evaluation')
    const [team, issuer, account, granted, refused, trail, project, ...answers] = lines
    expect(team).to.include({ name: 'ml' })
    expect(issuer).to.nested.include({ name: 'ci', 'health.state': 'ok' })
    expect(account).to.include({ name: 'trainer', method: 'federated' })
    expect(granted).to.include({ token_type: 'Bearer', expires_in: 900, scope: 'projects:read projects:write' })
    expect(refused).to.include({ error: 'invalid_grant', reason: 'no_account_matches' })
    const events = trail?.items as { result: string; reason?: string; request_id: string }[]
    expect(events.map(({ result, reason }) => reason ?? result)).to.deep.equal(['no_account_matches', 'granted'])
    expect(events[0]?.request_id).to.equal(refused?.request_id)
    expect(project).to.include({ name: 'secret', visibility: 'restricted' })
    expect(answers).to.deep.equal([
      { decision: true, context: { project: 'ml/vision', reason: 'team_account' } },
      { decision: false, context: { project: 'ml/secret', reason: 'not_a_project_member' } },
    ])
    expect(readme).to.contain(JSON.stringify(answers[0])).and.to.contain('`not_a_project_member`')
  })
})
