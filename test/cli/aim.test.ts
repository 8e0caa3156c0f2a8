import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Aim, aimOf } from '../../src/cli/aim.ts'
import { configDir, contextsFile, isOpenToOthers, readContexts, saveContext } from '../../src/cli/contexts.ts'

const work = { url: 'https://work.example', org: 'acme', secret: 'secret-of-work' }
const home = { url: 'https://home.example/auth', org: 'me', secret: 'secret-of-home' }
type Options = Parameters<typeof aimOf>[1]
type Case = [what: string, options: Options, env: Record<string, string>, expected: Partial<Aim>]

describe('cli/aim', () => {
  let dir: string
  const io = (env: Record<string, string> = {}) => ({ env: { COUNTERSIGN_CONFIG_DIR: dir, ...env }, home: dir })
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'countersign-'))
    saveContext(io(), 'home', home)
    saveContext(io(), 'work', work)
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const cases: Case[] = [
    ['the current context', {}, {}, { ...work, context: 'work' }],
    ['another context', { context: 'home' }, {}, { ...home, context: 'home' }],
    ['another context by the environment', {}, { COUNTERSIGN_CONTEXT: 'home' }, { ...home, context: 'home' }],
    [
      'the option before the environment before the context',
      { org: 'one' },
      { COUNTERSIGN_ORG: 'two' },
      { ...work, org: 'one' },
    ],
    [
      'the environment before the context',
      {},
      { COUNTERSIGN_API_KEY: ' k\n', COUNTERSIGN_ORG: 'two' },
      { org: 'two', secret: 'k' },
    ],
    ['a URL with its own context', { url: 'https://home.example/auth/' }, {}, { ...home, context: 'home' }],
    [
      'a URL that has none: no key, no organization',
      { url: 'https://evil.example' },
      {},
      { url: 'https://evil.example', org: undefined, secret: undefined, context: undefined },
    ],
    [
      'a URL of the environment that has none',
      {},
      { COUNTERSIGN_URL: 'http://work.example' },
      { url: 'http://work.example', org: undefined, secret: undefined },
    ],
    [
      'the URL of an organization',
      { url: 'https://home.example/auth/orgs/other' },
      {},
      { url: home.url, org: 'other', secret: home.secret },
    ],
    [
      'a context that is asked for before the environment',
      { context: 'home' },
      { COUNTERSIGN_URL: 'https://x.example', COUNTERSIGN_API_KEY: 'k', COUNTERSIGN_ORG: 'x' },
      home,
    ],
  ]
  for (const [what, options, env, expected] of cases)
    it(what, () => expect(aimOf(io(env), options)).to.deep.include(expected))

  for (const [what, options, says] of [
    ['a context that is not there', { context: 'constructor' }, 'there is no context constructor'],
    ['what is no URL', { url: 'countersign.example' }, 'a URL begins with https://'],
    ['a URL with a key in it', { url: 'https://k@work.example' }, 'no user, query or fragment'],
  ] as const)
    it(`refuses ${what}`, () => expect(() => aimOf(io(), options)).to.throw(says))

  it('keeps keys where nobody else can read, whatever was there', () => {
    writeFileSync(contextsFile(io()), '{"contexts":{}}', { mode: 0o666 })
    saveContext(io(), 'work', work)
    expect(statSync(contextsFile(io())).mode & 0o777).to.equal(0o600)
    expect(isOpenToOthers(io())).to.equal(false)
    expect(readContexts(io()).current).to.equal('work')
  })

  it('writes keys through nothing that somebody put in its way', () => {
    const others = join(dir, 'others')
    writeFileSync(others, 'theirs', { mode: 0o666 })
    symlinkSync(others, `${contextsFile(io())}.${process.pid}`)
    saveContext(io(), 'work', work)
    expect(readFileSync(others, 'utf8')).to.equal('theirs')
    expect(lstatSync(contextsFile(io())).isFile()).to.equal(true)
    expect(aimOf(io(), {}).secret).to.equal(work.secret)
  })

  it('says which file cannot be used', () => {
    for (const text of ['{', 'null', '{"current":"x"}']) {
      writeFileSync(contextsFile(io()), text)
      expect(() => aimOf(io(), {}), text).to.throw(`${contextsFile(io())} cannot be used`)
    }
  })

  it('takes no name that cannot be read', () => {
    expect(() => aimOf(io(), { url: 'https://id.example/orgs/%zz' })).to.throw('no organization has such a name')
  })

  it('looks in the folder of XDG, else in the one below the home', () => {
    expect(configDir({ env: { XDG_CONFIG_HOME: '/xdg' }, home: '/home/a' })).to.equal('/xdg/countersign')
    expect(configDir({ env: {}, home: '/home/a' })).to.equal('/home/a/.config/countersign')
  })
})
