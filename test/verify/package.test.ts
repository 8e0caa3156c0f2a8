/** What is published of @countersign/verify: installed as a user installs it, and its README's example pasted. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { verifyErrorCodes } from '../../src/verify/verify-error.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type ResourceServer, resourceServer } from '../support/resource-server.ts'
import { bareEnv, root, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const readme = readFileSync(join(root, 'src/verify/README.md'), 'utf8')
const [example = '', fetched = ''] = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, block]) => block as string)

describe('verify: the package', () => {
  let folder: string
  let provider: Provider
  let service: Service
  let world: World
  let server: ResourceServer
  /** As it is installed: what came out of the tarball. */
  let packed: string

  before(async function () {
    this.timeout(120_000)
    folder = mkdtempSync(join(tmpdir(), 'countersign-verify-'))
    const said = execFileSync(process.execPath, [join(root, 'bin/pack.js'), 'verify', join(folder, 'packages')], {
      stdio: 'pipe',
      encoding: 'utf8',
    })
    packed = join(folder, 'node_modules/@countersign/verify')
    mkdirSync(packed, { recursive: true })
    const tarball = join(folder, 'packages', said.trim().split('\n').at(-1) as string)
    execFileSync('tar', ['-xzf', tarball, '-C', packed, '--strip-components', '1'])
    for (const name of ['jose', 'express', '@types', 'undici-types'])
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    server = await resourceServer(world, 'tracker')
  })
  after(async () => {
    await service?.close()
    await provider?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  it('holds JavaScript, types and the README, and depends on jose alone', () => {
    const names = readdirSync(packed)
    expect(names).to.include.members(['index.js', 'index.d.ts', 'README.md', 'package.json'])
    expect(names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))).to.deep.equal([])
    const manifest = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8'))
    expect(Object.keys(manifest.dependencies)).to.deep.equal(['jose'])
    const ours = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(manifest.version, 'one version for the whole').to.equal(ours.version)
    expect(readme, 'and its README says so').to.contain(`countersign-verify-${ours.version}.tgz`)
    expect(manifest.dependencies.jose, 'and the tests run on what it asks for').to.equal(ours.devDependencies.jose)
    const imported = names
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) =>
        [...readFileSync(join(packed, name), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from),
      )
    expect(new Set(imported.filter((from) => !from?.startsWith('./')))).to.deep.equal(new Set(['jose']))
    expect(imported.filter((from) => from?.endsWith('.ts'))).to.deep.equal([])
  })

  it('runs its README’s example, which is of 15 lines', async () => {
    const lines = example.split('\n').filter((line) => line.trim() !== '')
    expect(lines.length).to.be.at.most(15)
    writeFileSync(join(folder, 'api.js'), example.replace('https://tracker.example.com', server.audience))
    const child = spawn(process.execPath, ['api.js'], {
      cwd: folder,
      env: { ...bareEnv, PORT: '0', COUNTERSIGN_URL: service.publicUrl, COUNTERSIGN_KEY: server.secret },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [port] = await once(createInterface({ input: child.stdout }), 'line')
      const run = async (credential: string, project: string) => {
        const response = await fetch(`http://127.0.0.1:${port}/${project}/runs`, {
          method: 'POST',
          headers: { authorization: `Bearer ${credential}` },
        })
        return { status: response.status, body: (await response.json()) as Record<string, unknown> }
      }
      const token = await world.granted(world.token(), { resource: server.audience })
      expect(await run(token, 'ml/vision')).to.deep.equal({ status: 201, body: { by: 'trainer', in: 'ml/vision' } })
      expect((await run(world.apiKey, 'ml/vision')).body.by).to.equal('robot')
      expect((await run(world.apiKey, 'ops/vision')).status).to.equal(403)
      expect((await run('nothing', 'ml/vision')).status).to.equal(401)
    } finally {
      child.kill()
    }
  })

  it('runs its README’s example for fetch-style handlers', async () => {
    writeFileSync(join(folder, 'handler.js'), fetched.replace('https://tracker.example.com', server.audience))
    writeFileSync(
      join(folder, 'asks.js'),
      `import { handle } from './handler.js'
for (const authorization of [\`Bearer \${process.env.TOKEN}\`, 'Bearer nothing', undefined]) {
  const response = await handle(new Request('https://tracker.example', authorization && { headers: { authorization } }))
  const { hello, reason } = await response.json()
  console.log(response.status, hello ?? reason, response.headers.get('www-authenticate'))
}
`,
    )
    const token = await world.granted(world.token(), { resource: server.audience })
    const env = { ...bareEnv, COUNTERSIGN_URL: service.publicUrl, TOKEN: token }
    const said = execFileSync(process.execPath, ['asks.js'], { cwd: folder, env, encoding: 'utf8' })
    const challenge = `Bearer realm="${server.audience}"`
    expect(said.trim().split('\n')).to.deep.equal([
      '200 trainer null',
      `401 token_malformed ${challenge}, error="invalid_token"`,
      `401 credential_missing ${challenge}`,
    ])
  })

  it('has types, with and without Express', function () {
    this.timeout(180_000)
    writeFileSync(
      join(folder, 'consumer.ts'),
      `import { createServer } from 'node:http'
import { type Caller, createVerifier, credentialIn, type Decision, type Problem, problemOf, type Seen, VerifyError } from '@countersign/verify'
import express, { type Request } from 'express'

const { verify, evaluate, requireAccess } = createVerifier({ url: 'https://id.example', organization: 'acme', fetch })
const app = express()
const project = (req: Request) => req.params.project as string
app.get('/:project', requireAccess<Request>({ action: 'read', project }), (req, res) => {
  const caller: Caller | undefined = req.caller
  const access: Decision | undefined = req.access
  res.json({ caller, access })
})
const guard = requireAccess({ action: ({ headers }) => (headers.authorization ? 'write' : 'read') })
createServer((req, res) => void guard(req, res, () => res.end((req as Seen).caller?.name)))
export const problem = (error: VerifyError): Problem => problemOf(error, 'https://api.example')
export const shown: string | undefined = credentialIn(new Headers().get('authorization'))
export const who = async (credential?: string): Promise<string> => {
  try {
    const { allowed } = await evaluate(credential ?? '', { action: 'read', project: 'x' })
    return allowed ? (await verify(credential, { scope: 'projects:read' })).name : ''
  } catch (error) {
    if (error instanceof VerifyError && error.code === 'token_expired') return String(error.status)
    throw error
  }
}
// @ts-expect-error an action that is not known
requireAccess({ action: 'delete' })
// @ts-expect-error whose callers?
createVerifier({ url: 'https://id.example' })
`,
    )
    const options = {
      strict: true,
      exactOptionalPropertyTypes: true,
      module: 'nodenext',
      target: 'es2024',
      noEmit: true,
    }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, types: ['node'] }, files: ['consumer.ts'] }),
    )
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    try {
      execFileSync(process.execPath, [compiler, '-p', folder], { stdio: 'pipe' })
    } catch (error) {
      expect.fail(String((error as { stdout: Buffer }).stdout))
    }
  })

  it('ends the process that has used it: nothing of it goes on in the background', async () => {
    const token = await world.granted(world.token(), { resource: server.audience })
    writeFileSync(
      join(folder, 'once.js'),
      `import { createVerifier } from '@countersign/verify'
const { URL: url, AUDIENCE: audience, KEY: key, TOKEN: token } = process.env
for (const more of [{}, { key }]) {
  const { verify } = createVerifier({ url, organization: 'acme', audience, timeout: 60_000, ...more })
  console.log((await verify(token)).name)
}
`,
    )
    const { publicUrl: URL } = service
    const env = { ...bareEnv, URL, AUDIENCE: server.audience, KEY: server.secret, TOKEN: token }
    const said = execFileSync(process.execPath, ['once.js'], { cwd: folder, env, encoding: 'utf8', timeout: 10_000 })
    expect(said).to.equal('trainer\ntrainer\n')
  })

  it('lists every error, and every option, in its README', () => {
    for (const code of verifyErrorCodes) expect(readme).to.contain(`\`${code}\``)
    const source = readFileSync(join(root, 'src/verify/verifier-options.ts'), 'utf8')
    const [, options = ''] = /export type VerifierOptions = \{([\s\S]*?)\n\}/.exec(source) ?? []
    const names = [...options.matchAll(/^ {2}(\w+)\??: /gm)].map(([, name]) => name as string)
    expect(names).to.include.members(['url', 'organization', 'fetch'])
    for (const name of names.filter((name) => !['now', 'elapsed'].includes(name)))
      expect(readme).to.contain(`| \`${name}\` |`)
  })
})
