/** Tokens in files, for programs that start often. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ConfigError, type TokenProviderOptions } from '../../src/client/index.ts'
import { type ClientWorld, startClientWorld } from '../support/client-world.ts'
import { tempDir } from '../support/temp-dir.ts'

describe('client: the file cache', () => {
  let job: ClientWorld
  before(async () => {
    job = await startClientWorld()
    await job.world.external('second', 'job-2')
  })
  after(() => job?.close())
  const folder = tempDir()
  const directory = () => join(folder(), 'cache')
  /** A program of its own each time. */
  const start = (options: TokenProviderOptions = {}) => job.provider({ cache: { directory: directory() }, ...options })
  const only = () => {
    const [name, ...others] = readdirSync(directory())
    expect(others).to.deep.equal([])
    return join(directory(), String(name))
  }
  const tokenOf = async (options: TokenProviderOptions = {}) => (await start(options).getToken()).token

  it('serves the next program what this one got, as long as it is fresh', async () => {
    const first = await start().getToken()
    const second = await start().getToken()
    expect(second.token).to.equal(first.token)
    expect(second).to.deep.include({
      expiresAt: first.expiresAt,
      refreshAt: first.refreshAt,
      scopes: first.scopes,
      requestId: first.requestId,
    })
    job.pass(760_000)
    expect(await tokenOf()).to.not.equal(first.token)
  })

  it('is readable by its owner alone, in a folder that is, and holds nothing of the subject token', async () => {
    await tokenOf()
    expect(statSync(only()).mode & 0o777).to.equal(0o600)
    expect(statSync(directory()).mode & 0o777).to.equal(0o700)
    expect(Object.keys(JSON.parse(readFileSync(only(), 'utf8')))).to.have.members([
      'token',
      'scope',
      'times',
      'requestId',
      'source',
    ])
  })

  it('is no other identity’s, and of no other wish', async () => {
    const second = { name: 'test', getSubjectToken: async () => ({ token: job.signed({ sub: 'job-2' }) }) }
    const key = { name: 'test', getSubjectToken: async () => ({ token: job.world.apiKey, type: 'api_key' as const }) }
    const wishes: TokenProviderOptions[] = [
      {},
      { source: second },
      { source: key },
      { scope: 'projects:read' },
      { ttl: 600 },
      { serviceAccount: 'ml/trainer' },
      { target: job.service.publicUrl },
    ]
    const tokens: string[] = []
    for (const wish of wishes) tokens.push(await tokenOf(wish))
    expect(new Set(tokens).size).to.equal(wishes.length)
    for (const [at, wish] of wishes.entries()) expect(await tokenOf(wish)).to.equal(tokens[at])
  })

  it('is of all that the identity says but its times: a policy may tell two jobs of one subject by any claim', async () => {
    const saying = (claims: object) => ({
      name: 'test',
      getSubjectToken: async () => ({ token: job.signed({ jti: crypto.randomUUID(), ...claims }) }),
    })
    const main = await tokenOf({ source: saying({ ref: 'refs/heads/main' }) })
    expect(await tokenOf({ source: saying({ ref: 'refs/pull/7/merge' }) })).to.not.equal(main)
    expect(await tokenOf({ source: saying({ ref: 'refs/heads/main' }) })).to.equal(main)
  })

  it('minTtlSeconds is not served what lives shorter', async () => {
    const provider = start()
    const old = await provider.getToken()
    job.pass(600_000)
    try {
      const longer = await provider.getToken({ minTtlSeconds: 310 })
      expect(longer.token).to.not.equal(old.token)
      expect(await tokenOf(), 'and the next program has it').to.equal(longer.token)
    } finally {
      job.pass(-600_000)
    }
  })

  it('is not read when others may read or write it, when it leads elsewhere, or when it is no token', async () => {
    let last = await tokenOf()
    const file = only()
    for (const spoil of [
      () => chmodSync(file, 0o640),
      () => chmodSync(file, 0o604),
      () => writeFileSync(file, '{"token":', { mode: 0o600 }),
      () => writeFileSync(file, JSON.stringify({ token: 'x', scope: '' })),
      () => {
        writeFileSync(join(folder(), 'elsewhere'), readFileSync(file), { mode: 0o600 })
        unlinkSync(file)
        symlinkSync(join(folder(), 'elsewhere'), file)
      },
    ]) {
      spoil()
      const next = await tokenOf()
      expect(next).to.not.equal(last)
      expect(await tokenOf(), 'and is put right').to.equal(next)
      last = next
    }
  })

  it('forceRefresh and invalidate do not take from it, and replace what is there', async () => {
    const first = await tokenOf()
    const provider = start()
    expect((await provider.getToken()).token).to.equal(first)
    const forced = await provider.getToken({ forceRefresh: true })
    expect(forced.token).to.not.equal(first)
    expect(await tokenOf()).to.equal(forced.token)
    provider.invalidate()
    const next = await provider.getToken()
    expect(next.token).to.not.equal(forced.token)
    expect(await tokenOf()).to.equal(next.token)
  })

  it('what was revoked is gone from it', async () => {
    const provider = start()
    await provider.getToken()
    await provider.revoke()
    expect(readdirSync(directory())).to.deep.equal([])
  })

  it('gets nothing of an exchange that was overtaken', async () => {
    let release = () => {}
    let calls = 0
    const here = {
      ...job.here,
      fetch: (async (input: string, init: RequestInit) => {
        const answer = await fetch(input, init)
        if (++calls === 1) await new Promise<void>((resolve) => (release = resolve))
        return answer
      }) as typeof fetch,
    }
    const provider = start({ surroundings: here })
    const overtaken = provider.getToken()
    while (calls === 0) await new Promise((resolve) => setImmediate(resolve))
    provider.invalidate()
    release()
    expect((await overtaken).token).to.be.a('string')
    expect(existsSync(directory()) ? readdirSync(directory()) : []).to.deep.equal([])
  })

  it('keeps nothing that is older than any token, whoever has left it', async () => {
    await tokenOf()
    const file = only()
    const left = [`${file}.of-a-killed-one`, file.replace(/[0-9a-f]{4}\.json$/, '0000.json')]
    const yesterday = new Date(job.here.now() - 90_000_000)
    for (const path of [...left, join(directory(), 'somebody-else’s')]) {
      writeFileSync(path, '{}', { mode: 0o600 })
      utimesSync(path, yesterday, yesterday)
    }
    await tokenOf({ scope: 'projects:read' })
    const names = readdirSync(directory())
    expect(names).to.have.length(3)
    expect(names).to.include('somebody-else’s')
  })

  it('twenty programs at once leave one whole file', async () => {
    await Promise.all(Array.from({ length: 20 }, () => tokenOf()))
    expect(JSON.parse(readFileSync(only(), 'utf8'))).to.have.property('token')
  })

  it('what is wrong with the disk costs an exchange, and nothing else', async () => {
    writeFileSync(directory(), 'a file where the folder should be')
    expect(await tokenOf()).to.be.a('string')
  })

  it('lies in the user’s cache folder, which has to be known', async () => {
    const surroundings = { ...job.here, env: { XDG_CACHE_HOME: folder() } }
    await job.provider({ cache: 'file', surroundings }).getToken()
    expect(readdirSync(join(folder(), 'countersign'))).to.have.length(1)
    const home = { ...job.here, env: { HOME: join(folder(), 'home') } }
    mkdirSync(join(folder(), 'home'))
    await job.provider({ cache: 'file', surroundings: home }).getToken()
    expect(readdirSync(join(folder(), 'home/.cache/countersign'))).to.have.length(1)
    expect(() => job.provider({ cache: 'file' })).to.throw(ConfigError, /cache folder/)
  })
})
