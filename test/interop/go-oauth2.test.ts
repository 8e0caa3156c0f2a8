/** Go's golang.org/x/oauth2/google/externalaccount, unmodified, and the page about it: docs/how-to/go-oauth2.md. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { orSkipped } from '../support/absent.ts'
import { documented, replaced } from '../support/documented.ts'
import { type GoPrograms, goModules, goPrograms } from '../support/go.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { runProgram } from '../support/run-program.ts'
import { bareEnv, root, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const page = 'docs/how-to/go-oauth2.md'
// While other files run.
void goModules()

describe('golang.org/x/oauth2 (Go)', () => {
  let programs: GoPrograms
  let provider: Provider
  let service: Service
  let world: World
  let home: string
  let file: string
  before(async function () {
    this.timeout(installing)
    await orSkipped(this, goModules())
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    home = mkdtempSync(join(tmpdir(), 'countersign-go-'))
    file = join(home, 'token')
    writeFileSync(file, `${world.token()}\n`)
    const [code = ''] = documented(page, 'go')
    const names = { 'https://id.example': service.publicUrl, '/var/run/secrets/countersign/token': file }
    const sources = {
      interop: readFileSync(join(root, 'test/interop/go/main.go'), 'utf8'),
      page: replaced(code, names),
    }
    programs = await goPrograms(sources)
  })
  after(async () => {
    programs?.close()
    await service?.close()
    await provider?.close()
    if (home) rmSync(home, { recursive: true })
  })

  it('reads the file, keeps the token for many, takes a supplier; a refusal says why', async () => {
    const at = (path: string) => service.url + path
    const args = [at('/v1/token'), world.audience, at('/oauth/userinfo'), file, 'projects:read']
    const ran = await runProgram(programs.path('interop'), args, { env: bareEnv })
    expect(ran.code, ran.stderr).to.equal(0)
    const { refused, seconds, ...said } = JSON.parse(ran.stdout)
    expect(said).to.deep.equal({
      token_type: 'Bearer',
      same: true,
      statuses: Array(8).fill(200),
      name: 'trainer',
      supplied: 'trainer',
      scope: 'projects:read',
    })
    expect(seconds).to.be.within(895, 900)
    expect(refused).to.have.lengthOf(2)
    expect(refused[0]).to.include('status code 400').and.include('"reason":"token_malformed"')
    expect(refused[1]).to.include('status code 400').and.include('"reason":"target_unknown"')
  })

  it('the page’s program, pasted', async () => {
    const ran = await runProgram(programs.path('page'), [], { env: bareEnv })
    expect(ran.code, ran.stderr).to.equal(0)
    expect(JSON.parse(ran.stdout)).to.include({ name: 'trainer', org: 'acme' })
  })
})
