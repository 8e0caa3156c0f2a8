/** Python's google-auth, unmodified, and the page about it: docs/how-to/google-auth-python.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { orSkipped } from '../support/absent.ts'
import { documented, replaced } from '../support/documented.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Python, pythonPackages } from '../support/python.ts'
import { root, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const page = 'docs/how-to/google-auth-python.md'
// While other files run.
void pythonPackages()

describe('google-auth (Python)', () => {
  let python: Python
  let provider: Provider
  let service: Service
  let world: World
  let home: string
  before(async function () {
    this.timeout(installing)
    python = await orSkipped(this, pythonPackages())
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    await world.external('next', 'job-2')
    home = mkdtempSync(join(tmpdir(), 'countersign-python-'))
  })
  after(async () => {
    await service?.close()
    await provider?.close()
    if (home) rmSync(home, { recursive: true })
  })

  /** The configuration of the page, for this service; its token file, with a last newline as platforms write it. */
  function configured(token: string, source?: unknown): { config: string; file: string } {
    const [json = ''] = documented(page, 'json')
    const file = join(home, 'token')
    writeFileSync(file, `${token}\n`)
    const text = replaced(json, { 'https://id.example': service.publicUrl, '/var/run/secrets/countersign/token': file })
    const config = join(home, 'countersign.json')
    const read = JSON.parse(text)
    writeFileSync(config, JSON.stringify({ ...read, ...(source ? { credential_source: source } : {}) }))
    return { config, file }
  }
  const pageProgram = () => {
    const [code = ''] = documented(page, 'python')
    const program = join(home, 'page.py')
    writeFileSync(program, replaced(code, { 'https://id.example': service.publicUrl }))
    return program
  }

  it('reads the file, keeps the token and renews it from the rotated file; a refusal says why', async () => {
    const { config, file } = configured(world.token())
    const next = world.token({ sub: 'job-2' })
    const script = join(root, 'test/interop/google_auth.py')
    const ran = await python.run('python3', [script, config, `${service.url}/oauth/userinfo`, file, next], { home })
    expect(ran.code, ran.stderr).to.equal(0)
    const { refused, lifetime, ...said } = JSON.parse(ran.stdout)
    expect(said).to.deep.equal({
      valid_before: false,
      valid_after: true,
      scope: 'projects:read projects:write',
      statuses: [200],
      name: 'trainer',
      kept: true,
      name_of_next: 'next',
      renewed: true,
      narrow_scope: 'projects:read',
      default_scope: 'projects:read projects:write',
    })
    expect(lifetime).to.be.within(895, 900)
    expect(refused).to.match(/^\('Error code invalid_request: the signature /)
  })

  it('the page’s program, pasted', async () => {
    configured(world.token())
    const ran = await python.run('python3', [pageProgram()], { home })
    expect(ran.code, ran.stderr).to.equal(0)
    expect(ran.stdout).to.equal('trainer\n')
  })

  it('the page’s source by URL, as GitHub Actions serves it', async () => {
    const asked: string[] = []
    const platform = createServer((req, res) => {
      const url = new URL(req.url ?? '', 'http://platform')
      const audience = url.searchParams.get('audience') ?? ''
      if (req.headers.authorization !== 'bearer of-the-job') return void res.writeHead(401).end()
      asked.push(audience)
      res.writeHead(200, { 'content-type': 'application/json' })
      res.end(JSON.stringify({ count: 1, value: world.token({ aud: audience }) }))
    })
    await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve))
    try {
      const [, json = ''] = documented(page, 'json')
      const source = replaced(json, {
        'ACTIONS_ID_TOKEN_REQUEST_URL&': `http://127.0.0.1:${(platform.address() as AddressInfo).port}/token?api-version=2.0&`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job',
        'https%3A%2F%2Fid.example': encodeURIComponent(service.publicUrl),
      })
      configured('unused', JSON.parse(source))
      const ran = await python.run('python3', [pageProgram()], { home })
      expect(ran.code, ran.stderr).to.equal(0)
      expect(ran.stdout).to.equal('trainer\n')
      expect(asked).to.deep.equal([world.audience])
    } finally {
      await new Promise((resolve) => platform.close(resolve))
    }
  })
})
