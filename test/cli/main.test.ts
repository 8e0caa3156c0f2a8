/** What the command line says when it is called wrongly. Each case reads like a terminal: the call, what comes, the code. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { countersign } from '../support/command.ts'
import { root } from '../support/server.ts'

const hint = '(countersign --help lists the commands)'

describe('countersign', () => {
  for (const [args, complaint] of [
    [['launch'], "error: unknown command 'launch'"],
    [['--fast'], "error: unknown option '--fast'"],
    [['serve', 'now'], "error: too many arguments for 'serve'. Expected 0 arguments but got 1: now."],
    [['version', '--fast'], "error: unknown option '--fast'"],
    [['audit', 'burn'], "error: unknown command 'burn'"],
  ] as const) {
    it(`${args.join(' ')}: says what is wrong and where the help is, on stderr; code 2`, async () => {
      const { code, stdout, stderr } = await countersign(args)
      const [first, ...rest] = stderr.trim().split('\n')
      expect({ code, stdout, first }).to.deep.equal({ code: 2, stdout: '', first: complaint })
      expect(rest.join('\n').trim()).to.equal(hint)
    })
  }

  it('--help: lists the commands on stdout; code 0', async () => {
    const { code, stdout, stderr } = await countersign(['--help'])
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    for (const command of ['serve', 'demo', 'audit', 'backup', 'restore', 'version'])
      expect(stdout).to.match(new RegExp(`^  ${command}\\b`, 'm'))
  })

  it('without a command: the same on stderr; code 2', async () => {
    const { code, stdout, stderr } = await countersign([])
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' })
    expect(stderr).to.match(/^ {2}serve\b/m)
  })
})

describe('countersign serve, when the start fails later', () => {
  it('ends by itself, with one line', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
    try {
      const busy = await countersign(['serve'], { DATA_DIR: dataDir, PORT: String(port) })
      expect(busy).to.deep.include({ code: 1, stdout: '' })
      expect(busy.stderr).to.match(/^countersign: PORT: something else listens there already .*\n$/)
      const other = Buffer.alloc(32, 1).toString('base64')
      const sealed = await countersign(['serve'], { DATA_DIR: dataDir, PORT: '0', MASTER_KEY: other })
      expect(sealed).to.deep.include({ code: 1, stdout: '' })
      expect(sealed.stderr).to.match(/^countersign: MASTER_KEY: .*\n$/)
    } finally {
      taken.close()
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
})

describe('countersign serve', () => {
  let dataDir: string
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
  })
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

  for (const [env, complaint] of [
    [{ PORT: 'abc' }, 'PORT: must be a whole number from 0 to 65535, not "abc"'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent, not "loud"'],
    [{ WORKERS: '2' }, 'WORKERS: more than one process needs PostgreSQL (DATABASE_URL) and Redis (REDIS_URL)'],
    [{ OPERATOR_KEY: 'short' }, 'OPERATOR_KEY: must be 32 to 256 printable characters without spaces'],
  ] as const) {
    it(`${Object.entries(env).join().replace(',', '=')}: one line that names it, code 2, nothing written`, async () => {
      const said = await countersign(['serve'], { DATA_DIR: dataDir, ...env })
      expect(said).to.deep.equal({ code: 2, stdout: '', stderr: `countersign: ${complaint}\n` })
      expect(readdirSync(dataDir)).to.deep.equal([])
    })
  }
})

describe('countersign serve where no folder can be made', () => {
  it('DATA_DIR is named, in one line, and the start ends', async function () {
    if (!existsSync('/proc/self')) this.skip()
    const { code, stderr } = await countersign(['serve'], { DATA_DIR: '/proc/none/here' })
    expect(code).to.equal(1)
    expect(stderr).to.match(
      /^countersign: DATA_DIR or DATABASE_URL: the database cannot be opened \(.*\/proc\/none.*\)\n$/,
    )
  })
})

describe('countersign on a Node.js that is too old', () => {
  it('says which it needs: one line, code 2', () => {
    const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`
    const args = ['--import', `data:text/javascript,${encodeURIComponent(older)}`, join(root, 'bin/countersign.js')]
    const { status, stdout, stderr } = spawnSync(process.execPath, [...args, 'version'], { encoding: 'utf8' })
    expect([status, stdout]).to.deep.equal([2, ''])
    expect(stderr).to.match(/^countersign: needs Node\.js 24 or newer, and this is 20\.20\.2; .*npx countersign.*\n$/)
  })
})
