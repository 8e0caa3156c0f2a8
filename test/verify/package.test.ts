/** What is published of @countersign/verify: installed as a user installs it, and its README's example pasted. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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
const [example = ''] = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, block]) => block as string)

describe('verify: the package', () => {
  let folder: string
  let provider: Provider
  let service: Service
  let world: World
  let server: ResourceServer
  const packed = join(root, 'dist/packages/verify')

  before(async function () {
    this.timeout(120_000)
    execFileSync(process.execPath, [join(root, 'bin/pack.js'), 'verify'], { stdio: 'pipe' })
    folder = mkdtempSync(join(tmpdir(), 'countersign-verify-'))
    mkdirSync(join(folder, 'node_modules/@countersign'), { recursive: true })
    cpSync(packed, join(folder, 'node_modules/@countersign/verify'), { recursive: true })
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
    const imported = names
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) =>
        [...readFileSync(join(packed, name), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from),
      )
    expect(new Set(imported.filter((from) => !from?.startsWith('./')))).to.deep.equal(new Set(['jose']))
    expect(imported.filter((from) => from?.endsWith('.ts'))).to.deep.equal([])
  })

  it('runs its README’s example, which is of 15 lines', async () => {
    const lines = example.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('import '))
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

  it('has types, with and without Express', function () {
    this.timeout(60_000)
    writeFileSync(
      join(folder, 'consumer.ts'),
      `import { createServer } from 'node:http'
import { type Caller, createVerifier, type Decision, type Seen, VerifyError } from '@countersign/verify'
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

  it('is what npm packs', () => {
    const listed = execFileSync('npm', ['pack', '--dry-run', '--json', packed], { stdio: 'pipe', encoding: 'utf8' })
    expect(listed).to.contain('@countersign/verify').and.to.contain('index.d.ts')
  })

  it('lists every error, and every option, in its README', () => {
    for (const code of verifyErrorCodes) expect(readme).to.contain(`\`${code}\``)
    const source = readFileSync(join(root, 'src/verify/verifier.ts'), 'utf8')
    const [, options = ''] = /export type VerifierOptions = \{([\s\S]*?)\n\}/.exec(source) ?? []
    const names = [...options.matchAll(/^ {2}(\w+)\??: /gm)].map(([, name]) => name as string)
    expect(names).to.include.members(['url', 'organization', 'fetch'])
    for (const name of names.filter((name) => !['now', 'elapsed'].includes(name)))
      expect(readme).to.contain(`| \`${name}\` |`)
  })
})
