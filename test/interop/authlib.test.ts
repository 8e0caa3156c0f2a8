/** Python's Authlib, unmodified, and the page about it: docs/how-to/authlib.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { orSkipped } from '../support/absent.ts'
import { documented, replaced } from '../support/documented.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Python, pythonPackages } from '../support/python.ts'
import { resourceServer } from '../support/resource-server.ts'
import { root, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const page = 'docs/how-to/authlib.md'
// While other files run.
void pythonPackages()

describe('Authlib (Python)', () => {
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
    home = mkdtempSync(join(tmpdir(), 'countersign-python-'))
  })
  after(async () => {
    await service?.close()
    await provider?.close()
    if (home) rmSync(home, { recursive: true })
  })

  /** It wants https otherwise. */
  const insecure = { AUTHLIB_INSECURE_TRANSPORT: '1' }

  it('both grants and API keys, renewal, revocation and introspection; a refusal says why', async () => {
    const server = await resourceServer(world, 'tracker')
    const paths = ['/oauth/token', '/oauth/userinfo', '/oauth/revoke', '/oauth/introspect']
    const args = [join(root, 'test/interop/authlib_client.py'), ...paths.map((path) => service.url + path)]
    const secrets = { SUBJECT_TOKEN: world.token(), API_KEY: world.apiKey, SERVER_KEY: server.secret }
    const ran = await python.run('python3', args, { home, env: { ...insecure, ...secrets } })
    expect(ran.code, ran.stderr).to.equal(0)
    const { refused, ...said } = JSON.parse(ran.stdout)
    const whole = ['Bearer', 900, 'projects:read projects:write']
    expect(said).to.deep.equal({
      jwt_bearer: [...whole, 'trainer'],
      ended: 'InvalidTokenError',
      token_exchange: ['Bearer', 900, 'projects:read', 'trainer'],
      client_secret_basic: [...whole, 'robot', true],
      client_secret_post: [...whole, 'robot', true],
      httpx: [...whole, 'trainer'],
      active: [true, 200, false],
    })
    expect(refused.map(([error]: string[]) => error)).to.deep.equal([
      'invalid_grant',
      'invalid_request',
      'invalid_client',
    ])
    for (const [, description] of refused) expect(description).to.match(/^[a-z].{15,}/)
  })

  /** A program of the page, for this service. */
  async function pasted(code: string, names: Record<string, string>, env: Record<string, string> = {}) {
    const program = join(home, 'page.py')
    writeFileSync(program, replaced(code, { 'https://id.example': service.publicUrl, ...names }))
    const ran = await python.run('python3', [program], { home, env: { ...insecure, ...env } })
    expect(ran.code, ran.stderr).to.equal(0)
    return ran.stdout
  }

  it('the page’s programs, pasted', async () => {
    const file = join(home, 'token')
    writeFileSync(file, `${world.token()}\n`)
    const [federated = '', withKey = ''] = documented(page, 'python')
    expect(await pasted(federated, { '/var/run/secrets/countersign/token': file })).to.equal('trainer\n')
    expect(await pasted(withKey, {}, { COUNTERSIGN_API_KEY: world.apiKey })).to.equal('robot\n')
  })
})
