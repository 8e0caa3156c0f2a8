/** What is published of @countersign/client: as it is installed, with its README's examples pasted. */
import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { expect } from 'chai'
import { build } from 'esbuild'
import { type ClientWorld, startClientWorld } from '../support/client-world.ts'
import { bareEnv, root } from '../support/server.ts'

const readme = readFileSync(join(root, 'src/client/README.md'), 'utf8')
const [line = '', asked = '', own = ''] = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(
  ([, block]) => block as string,
)

describe('client: the package', () => {
  let folder: string
  let packed: string
  let job: ClientWorld
  let api: Server
  let env: Record<string, string>

  before(async function () {
    this.timeout(120_000)
    folder = mkdtempSync(join(tmpdir(), 'countersign-client-'))
    execFileSync(process.execPath, [join(root, 'bin/pack.js'), 'client', join(folder, 'packages')], { stdio: 'pipe' })
    packed = join(folder, 'node_modules/@countersign/client')
    mkdirSync(packed, { recursive: true })
    const tarball = readdirSync(join(folder, 'packages')).find((name) => name.endsWith('.tgz'))
    execFileSync('tar', ['-xzf', join(folder, 'packages', String(tarball)), '-C', packed, '--strip-components', '1'])
    for (const name of ['@types', 'undici-types'])
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    job = await startClientWorld()
    api = createServer(async (req, res) => {
      const { status } = await fetch(`${job.service.url}/oauth/userinfo`, {
        headers: { authorization: req.headers.authorization ?? '' },
      })
      res.writeHead(status === 200 ? 201 : 401).end('kept')
    }).listen(0, '127.0.0.1')
    await once(api, 'listening')
    writeFileSync(join(folder, 'token'), job.signed())
    env = {
      ...bareEnv,
      COUNTERSIGN_URL: job.url,
      COUNTERSIGN_IDENTITY_TOKEN_FILE: join(folder, 'token'),
      TRACKER_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    }
  })
  after(async () => {
    api?.closeAllConnections()
    api?.close()
    await job?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })
  async function run(text: string, more: Record<string, string | undefined> = {}, program = process.execPath) {
    writeFileSync(join(folder, 'job.js'), text)
    const { stdout } = await promisify(execFile)(program, ['job.js'], { cwd: folder, env: { ...env, ...more } })
    return stdout
  }

  it('depends on nothing, and loads nothing of a runtime before it is needed', () => {
    const manifest = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8'))
    expect(manifest).to.not.have.any.keys('dependencies', 'peerDependencies', 'optionalDependencies', 'scripts')
    const ours = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(manifest.version, 'one version for the whole').to.equal(ours.version)
    expect(readme, 'and its README says so').to.contain(`countersign-client-${ours.version}.tgz`)
    const names = readdirSync(packed, { recursive: true, encoding: 'utf8' })
    expect(names).to.include.members(['index.js', 'index.d.ts', 'README.md'])
    expect(names.filter((name) => /(?<!\.d)\.ts$/.test(name))).to.deep.equal([])
    const imported = names
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) => [
        ...readFileSync(join(packed, name), 'utf8').matchAll(/^(?:import|export)\b.*? from '([^']+)'/gm),
      ])
    expect(imported).to.not.have.length(0)
    expect(imported.map(([, from]) => from).filter((from) => !from?.startsWith('.'))).to.deep.equal([])
  })

  for (const name of ['client', 'verify'])
    it(`@countersign/${name} passes publint and attw`, async function () {
      this.timeout(120_000)
      const packages = join(folder, `checked-${name}`)
      execFileSync(process.execPath, [join(root, 'bin/pack.js'), name, packages], { stdio: 'pipe' })
      const { publint } = await import('publint')
      const { messages } = await publint({ pkgDir: join(packages, name), strict: true })
      expect(messages).to.deep.equal([])
      const tarball = join(packages, String(readdirSync(packages).find((file) => file.endsWith('.tgz'))))
      const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
      execFileSync(process.execPath, [attw, tarball, '--profile', 'esm-only', '--no-definitely-typed'], {
        stdio: 'pipe',
      })
    })

  it('runs its README’s examples', async () => {
    expect(await run(line)).to.equal('201 kept\n')
    expect(await run(asked)).to.match(/^\d{3,} true\n$/)
    expect(
      await run(own, { MY_TOKEN_FILE: join(folder, 'token'), COUNTERSIGN_IDENTITY_TOKEN_FILE: undefined }),
    ).to.equal(`${job.world.account.id}\n`)
  })

  it('has types that its README’s examples compile with', async () => {
    for (const [at, text] of [line, asked, own].entries()) writeFileSync(join(folder, `typed-${at}.ts`), text)
    const options = {
      target: 'es2022',
      lib: ['es2023', 'esnext.disposable'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      noEmit: true,
    }
    // The environment's variables may be missing; nothing else is loosened.
    writeFileSync(
      join(folder, 'env.d.ts'),
      'declare namespace NodeJS { interface ProcessEnv { TRACKER_URL: string; MY_TOKEN_FILE: string } }\n',
    )
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, include: ['env.d.ts', 'typed-0.ts', 'typed-1.ts'] }),
    )
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch((error) => {
      throw new Error(error.stdout)
    })
  })

  it('runs where there is no process, no file and no timer object: in a worker', async () => {
    const { outputFiles } = await build({
      stdin: { contents: "export { createTokenProvider } from '@countersign/client'", resolveDir: folder },
      bundle: true,
      write: false,
      platform: 'neutral',
      format: 'iife',
      globalName: 'client',
      external: ['node:*'],
    })
    let timers = 0
    const pending = new Map<number, NodeJS.Timeout>()
    const standard = {
      fetch,
      URL,
      URLSearchParams,
      Headers,
      Request,
      Response,
      ReadableStream,
      AbortController,
      AbortSignal,
      TextEncoder,
      TextDecoder,
      atob,
      crypto,
    }
    const context = createContext({
      ...standard,
      setTimeout: (work: () => void, ms: number) => {
        pending.set(++timers, setTimeout(work, ms))
        return timers
      },
      clearTimeout: (id: number) => clearTimeout(pending.get(id)),
    })
    runInContext(outputFiles[0]?.text ?? '', context)
    Object.assign(context, { url: job.url, subject: job.signed() })
    const script = `client.createTokenProvider({ url, source: { name: 'env', getSubjectToken: async () => ({ token: subject }) } }).getToken()`
    const token = (await runInContext(script, context)) as { token: string; source: string }
    expect(token.source).to.equal('env')
    expect((await job.world.introspect(token.token)).body.active).to.equal(true)
    expect(await runInContext('typeof process', context)).to.equal('undefined')
  })
})
