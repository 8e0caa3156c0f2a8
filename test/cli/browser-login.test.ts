/** `countersign login` by a browser: against the service as it runs, and against one that answers as it should not. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { keyByBrowser, type Wish } from '../../src/cli/browser-login.ts'
import type { Failure } from '../../src/cli/failure.ts'
import { browserFor } from '../../src/cli/open-browser.ts'
import { createSession } from '../../src/cli/session.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { bareEnv, call, root, type Service, startService } from '../support/server.ts'
import { tempDir } from '../support/temp-dir.ts'
import { createWorld, must, type World } from '../support/world.ts'

describe('countersign login by browser', () => {
  const dir = tempDir()
  let provider: Provider
  let service: Service
  let world: World
  let key: string
  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    await world.make('/users', { username: 'ada', email: 'ada@acme.example' })
    key = String((await world.make('/users/ada/keys', {})).secret)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  const decide = (code: string, decision: string) =>
    call(service, 'POST', '/login/approve', { form: { user_code: code, decision, api_key: key } })

  /** In this process: `waited` is what happens while the terminal waits, instead of time. */
  function terminal(waited: (code: string, time: number) => Promise<unknown>, url = service.url, isTTY = false) {
    let [said, now, turn] = ['', 0, 0]
    const waits: number[] = []
    const env = { ...bareEnv, COUNTERSIGN_CONFIG_DIR: dir(), COUNTERSIGN_API_KEY: 'not-for-browsers' }
    const io = {
      stdout: { write: () => {}, isTTY },
      stderr: {
        write(text: string) {
          said += text
        },
        isTTY,
      },
      stdin: { text: async () => '', line: async () => '', isTTY: false },
      env,
      home: dir(),
      cwd: dir(),
      now: () => now,
    }
    return {
      io,
      waits,
      said: () => said,
      login: (wish: Omit<Wish, 'url'>, more: Record<string, string> = {}) => {
        Object.assign(env, more)
        return keyByBrowser(createSession(io, {}), { url, ...wish }, async (ms) => {
          waits.push(ms / 1000)
          now += ms
          await waited(/code is (\S+)\./.exec(said)?.[1] ?? '', ++turn)
        })
      },
    }
  }
  const failing = (work: Promise<unknown>): Promise<Failure> =>
    work.then(
      () => Promise.reject(new Error('it did not fail')),
      (error) => error,
    )

  it('shows a code and where to go, and has a key once that is approved', async () => {
    const { login, said, waits } = terminal((code, turn) => (turn === 2 ? decide(code, 'approve') : Promise.resolve()))
    const { secret, expiresAt } = await login({ browser: true, days: 2 })
    expect(said()).to.contain(`${service.publicUrl}/login/device?user_code=`)
    expect(waits).to.deep.equal([5, 5])
    expect(Date.parse(String(expiresAt))).to.be.closeTo(Date.now() + 2 * 86_400_000, 60_000)
    expect((await call(service, 'GET', '/api/v1/me', { secret })).body.name).to.equal('ada')
  })

  it('is refused when it is denied: 5', async () => {
    const failure = await failing(terminal((code) => decide(code, 'deny')).login({ browser: false }))
    expect({ exit: failure.exit, code: failure.code }).to.deep.equal({ exit: 5, code: 'login_denied' })
  })

  it('waits longer when it is told that it asks too often, and ends when nobody approves: 4', async () => {
    const { login, waits } = terminal(async () => {})
    const failure = await failing(login({ browser: false }))
    expect({ exit: failure.exit, code: failure.code }).to.deep.equal({ exit: 4, code: 'login_expired' })
    expect(waits.slice(0, 4)).to.deep.equal([5, 5, 10, 15])
    expect(waits.reduce((sum, each) => sum + each, 0)).to.be.at.most(600)
  })

  it('opens the page where somebody looks, without a shell and without the key of the environment', async () => {
    const [program, told] = [join(dir(), 'a browser'), join(dir(), 'told')]
    writeFileSync(
      program,
      `#!/bin/sh\nprintf '%s|%s|%s' "$#" "$1" "$COUNTERSIGN_API_KEY" > '${told}.new' && mv '${told}.new' '${told}'\n`,
    )
    chmodSync(program, 0o755)
    const changes = watch(dir())
    const opened = async () => {
      while (!existsSync(told)) await once(changes, 'change')
      changes.close()
      return readFileSync(told, 'utf8')
    }
    let seen = ''
    const { login } = terminal(
      async (code) => {
        seen = await opened()
        await decide(code, 'approve')
      },
      service.url,
      true,
    )
    await login({ browser: true }, { BROWSER: program })
    expect(seen).to.match(/^1\|http:\/\/127\.0\.0\.1:\d+\/login\/device\?user_code=[A-Z]{4}-[A-Z]{4}\|$/)
  })

  it('says so when no browser can be opened, and waits all the same', async () => {
    const { login, said } = terminal((code) => decide(code, 'approve'), service.url, true)
    await login({ browser: true }, { BROWSER: join(dir(), 'nothing') })
    expect(said()).to.contain('no browser could be opened')
    const other = terminal((code) => decide(code, 'approve'), service.url, true)
    await other.login({ browser: false }, { BROWSER: join(dir(), 'nothing') })
    expect(other.said()).to.not.contain('no browser')
  })

  for (const [platform, env, program] of [
    ['darwin', {}, ['open']],
    ['win32', {}, ['rundll32', 'url.dll,FileProtocolHandler']],
    ['linux', { DISPLAY: ':0' }, ['xdg-open']],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open']],
    ['linux', {}, undefined],
    ['linux', { BROWSER: 'firefox' }, ['firefox']],
  ] as const)
    it(`knows what opens a page on ${platform} with ${JSON.stringify(env)}`, () => {
      expect(browserFor(platform, env)).to.deep.equal(program)
    })

  describe('against a service that answers as it should not', () => {
    const answers: (readonly [status: number, body: unknown, headers?: Record<string, string>])[] = []
    const server = createServer((_req, res) => {
      const [status, body, headers] = answers.shift() ?? [500, {}]
      res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    })
    before(async () => void (await once(server.listen(0, '127.0.0.1'), 'listening')))
    after(() => void server.close())
    const asking = () => terminal(async () => {}, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const good = {
      device_code: 'd',
      user_code: 'WDJB-MJHT',
      verification_uri_complete: 'https://id.example/login/device?user_code=WDJB-MJHT',
      expires_in: 600,
      interval: 5,
    }

    for (const [what, answer] of [
      ['another page', [404, 'Not found']],
      ['no codes', [200, {}]],
      ['a list', [200, []]],
      ['nothing', [200, null]],
      ['a code that is for the terminal', [200, { ...good, user_code: '\u001b[2J' }]],
      ['an address that is no page', [200, { ...good, verification_uri_complete: 'file:///etc/passwd' }]],
      ['an address that is an option', [200, { ...good, verification_uri_complete: '--help' }]],
    ] as const)
      it(`${what}: says that there is no such login there, and shows nothing of it`, async () => {
        answers.push(answer)
        const { login, said } = asking()
        const failure = await failing(login({ browser: false }))
        expect({ code: failure.code, said: said() }).to.deep.equal({ code: 'no_browser_login', said: '' })
      })

    it('shows an address as a parser writes it', async () => {
      answers.push([200, { ...good, verification_uri_complete: 'https://id.example/\u001b[2J\n$(x)' }], [400, {}])
      const { login, said } = asking()
      await failing(login({ browser: false }))
      expect(said()).to.contain('https://id.example/%1B[2J$(x)').and.not.contain('\u001b')
    })

    it('ends when the service knows it no longer: 4', async () => {
      answers.push([200, good], [400, { error: 'expired_token' }])
      const { exit, code } = await failing(asking().login({ browser: false }))
      expect({ exit, code }).to.deep.equal({ exit: 4, code: 'login_expired' })
    })

    it('asks less and less often while it is away or too busy, and goes on', async () => {
      answers.push(
        [200, good],
        [503, {}],
        [500, {}],
        [429, { error: 'slow_down' }, { 'retry-after': '40' }],
        [400, { error: 'authorization_pending' }],
        [200, { api_key: 'made', expires_at: '2030-01-01T00:00:00Z' }],
      )
      const { login, waits } = asking()
      expect(await login({ browser: false })).to.deep.equal({ secret: 'made', expiresAt: '2030-01-01T00:00:00Z' })
      expect(waits).to.deep.equal([5, 10, 20, 40, 10])
    })
  })

  it('as a program runs it, without a terminal: keeps the key for this service, and nobody else may read it', async () => {
    const config = join(dir(), 'config')
    const args = ['login', service.url, '-o', 'json']
    const child = spawn(process.execPath, [join(root, 'bin/countersign.js'), ...args], {
      env: { ...bareEnv, COUNTERSIGN_CONFIG_DIR: config, BROWSER: join(dir(), 'nothing') },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
    })
    let approving: Promise<unknown> | undefined
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
      const code = /user_code=([A-Z-]{9})/.exec(stderr)?.[1]
      if (code) approving ??= decide(code, 'approve')
    })
    const [code] = await once(child, 'close')
    await approving
    expect({ code, stderr: stderr.replace(/[A-Z]{4}-[A-Z]{4}/g, 'CODE') }).to.deep.equal({
      code: 0,
      stderr: `Your code is CODE. Compare it with what this page shows, and approve there:\n  ${service.publicUrl}/login/device?user_code=CODE\nwaiting for it to be approved …\n`,
    })
    expect(JSON.parse(stdout)).to.include({ url: service.url, org: 'acme', type: 'user', name: 'ada' })
    expect(stdout).to.not.contain('csk_')
    const file = join(config, 'contexts.json')
    expect(statSync(file).mode & 0o777).to.equal(0o600)
    const { contexts, current } = JSON.parse(readFileSync(file, 'utf8'))
    expect(contexts[current].expires_at).to.be.a('string')
    await must(call(service, 'GET', '/api/v1/me', { secret: contexts[current].secret }))
  })

  for (const [what, args] of [
    ['two services', ['login', 'http://127.0.0.1:1', '--url', 'http://127.0.0.1:2']],
    ['days that are none', ['login', 'http://127.0.0.1:1', '--days', '91']],
    ['days of a key that is given', ['login', '--with-key', '--days', '3']],
    ['nobody to be asked', ['login', 'http://127.0.0.1:1', '--no-input']],
  ] as const)
    it(`${what}: called wrongly`, async () => {
      const child = spawn(process.execPath, [join(root, 'bin/countersign.js'), ...args], {
        env: { ...bareEnv, COUNTERSIGN_CONFIG_DIR: dir() },
        stdio: 'ignore',
      })
      expect((await once(child, 'exit'))[0]).to.equal(2)
    })
})
