/** `npm start` builds what is missing; what runs is never older than the sources. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { countersign } from '../support/command.ts'
import { bareEnv, root } from '../support/server.ts'

describe('bin/build.js', () => {
  let at: string
  before(() => {
    at = mkdtempSync(join(tmpdir(), 'countersign-built-'))
    for (const path of ['bin', 'src', 'config', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
      cpSync(join(root, path), join(at, path), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(at, 'node_modules'))
  })
  after(() => rmSync(at, { recursive: true, force: true }))

  const build = () => spawnSync(process.execPath, [join(at, 'bin/build.js')], { env: bareEnv, encoding: 'utf8' })
  const version = async () => (await countersign(['version'], {}, undefined, at)).stdout.trim()
  /** Puts a mark into one of the two, so that it shows which of them runs. */
  const mark = (path: string, word: string) => {
    const file = join(at, path)
    const text = readFileSync(file, 'utf8')
    const marked = text.replace(
      /(function versionText\(\)[\s\S]{0,200}?)return (version|'[^']*'|"[^"]*")/,
      `$1return '${word}'`,
    )
    writeFileSync(file, marked)
    return marked !== text
  }
  /** Wherever it stands: a build joins files. */
  const markBuilt = (word: string) => {
    const files = readdirSync(join(at, 'dist/cli')).filter((name) => name.endsWith('.js'))
    expect(files.filter((name) => mark(`dist/cli/${name}`, word))).to.have.length.above(0)
  }
  const touch = (path: string, time: Date) => utimesSync(join(at, path), time, time)

  it('runs the sources while nothing is built', async () => {
    mark('src/cli/version.ts', 'source')
    expect(await version()).to.equal('source')
  })

  it('builds once, and what was built runs', async () => {
    const { status, stderr } = build()
    expect([status, stderr]).to.deep.equal([0, 'building dist/ …\n'])
    markBuilt('built')
    expect(await version()).to.equal('built')
    expect(build().stderr).to.equal('')
    expect(await version()).to.equal('built')
  }).timeout(180_000)

  it('packs what a job installs: the three commands and what was built, without the sources', async () => {
    mkdirSync(join(at, 'dist/packages'))
    writeFileSync(join(at, 'config/local.yaml'), 'port: 1\n')
    const packed = join(at, 'packed')
    const job = join(packed, 'node_modules/countersign')
    mkdirSync(job, { recursive: true })
    const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', packed]
    expect(spawnSync('npm', pack, { cwd: at, env: { ...bareEnv, HOME: packed } }).status).to.equal(0)
    const [tarball = ''] = readdirSync(packed).filter((name) => name.endsWith('.tgz'))
    expect(spawnSync('tar', ['-xzf', join(packed, tarball), '-C', job, '--strip-components', '1']).status).to.equal(0)
    symlinkSync(join(root, 'node_modules'), join(job, 'node_modules'))
    expect(readdirSync(job).sort()).to.deep.equal(['bin', 'config', 'dist', 'node_modules', 'package.json'])
    expect(existsSync(join(job, 'dist/packages'))).to.equal(false)
    expect(existsSync(join(job, 'config/local.yaml'))).to.equal(false)
    const { bin } = JSON.parse(readFileSync(join(job, 'package.json'), 'utf8')) as { bin: Record<string, string> }
    for (const file of Object.values(bin)) expect(existsSync(join(job, file)), file).to.equal(true)
    // Below node_modules Node strips no types: only what was built can run there.
    expect((await countersign(['version'], {}, undefined, job)).stdout.trim()).to.equal('built')
    expect((await countersign(['ambient'], {}, undefined, job)).stdout).to.include('nothing here says who this job is')
    rmSync(packed, { recursive: true })
    rmSync(join(at, 'config/local.yaml'))
  }).timeout(180_000)

  it('runs the sources again as soon as one of them is another, newer or older, and builds anew', async () => {
    for (const time of [new Date(Date.now() + 60_000), new Date(Date.now() - 86_400_000)]) {
      touch('src/server/main.ts', time)
      expect(await version()).to.equal('source')
    }
    expect(build().stderr).to.equal('building dist/ …\n')
    markBuilt('built anew')
    expect(await version()).to.equal('built anew')
    expect(build().stderr).to.equal('')
  }).timeout(180_000)

  it('leaves the sources running when it cannot build, and says why', async () => {
    writeFileSync(join(at, 'src/broken.ts'), 'const n: number = "text"\n')
    const { status, stderr } = build()
    expect(status).to.equal(0)
    expect(stderr).to.match(/not built \(the compiler ended with \d+\): the sources run as they are/)
    expect(await version()).to.equal('source')
    expect(existsSync(join(at, 'dist/broken.js'))).to.equal(false)
    rmSync(join(at, 'src/broken.ts'))
  }).timeout(180_000)

  it('npm start builds, serves, and ends the service when it is told to end itself', async () => {
    const env = { ...bareEnv, HOME: at, PORT: '0', DATA_DIR: join(at, 'data'), DRAIN_SECONDS: '0' }
    const npm = spawn('npm', ['start'], { cwd: at, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const closed = once(npm, 'close')
    let url = ''
    for await (const line of createInterface({ input: npm.stdout })) {
      if (!line.startsWith('{')) continue
      const read = JSON.parse(line) as Record<string, string>
      if (read.msg === 'ready') {
        url = String(read.url)
        expect((await fetch(`${url}/readyz`)).status).to.equal(200)
        npm.kill('SIGTERM')
      }
    }
    // The pipe ends with the last who writes to it: the service has ended.
    await closed
    expect(await fetch(`${url}/readyz`).catch(() => 'nobody')).to.equal('nobody')
  }).timeout(180_000)
})
