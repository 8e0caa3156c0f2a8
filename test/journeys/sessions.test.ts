/** Somebody signs in with a browser by an API key: the cookie, who they are from then on, and how it ends. */
import { expect } from 'chai'
import { openBrowser, type Shown } from '../support/browser-session.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { stepClock, steppingClock } from '../support/stepping-clock.ts'
import { createWorld, must, type World } from '../support/world.ts'

const wrongKey = `csk_${'a'.repeat(49)}`

describe('journey: signed in with a browser', () => {
  let provider: Provider
  let service: Service
  let world: World
  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  let people = 0
  async function person(role = 'admin') {
    const name = `p${people++}`
    const { id } = await world.make('/users', { username: name, email: `${name}@acme.example`, role })
    const key = await world.make(`/users/${name}/keys`, { name: 'first' })
    return { id, name, key: String(key.secret), keyId: key.id }
  }
  async function signedIn(key: string) {
    const browser = openBrowser(service)
    const { session } = await must(browser.signIn(key))
    return { browser, session: session as Shown }
  }

  it('says that nobody is, and how one could be', async () => {
    const { status, body, headers } = await openBrowser(service).ask('GET', '/session')
    expect([status, headers.get('cache-control'), headers.getSetCookie()]).to.deep.equal([200, 'no-store', []])
    expect(body).to.deep.equal({ session: null, methods: { sso: null, set_up: false } })
  })

  it('begins with a key: a cookie that no script reads, and a token that no other page knows', async () => {
    const ada = await person()
    const browser = openBrowser(service)
    const answer = await browser.signIn(ada.key)
    expect(answer.status).to.equal(201)
    const port = new URL(service.publicUrl).port
    const [cookie = '', ...others] = answer.headers.getSetCookie()
    expect(others).to.deep.equal([])
    expect(cookie).to.match(
      new RegExp(`^countersign-${port}=[\\w-]{43}; Max-Age=43200; Path=/; HttpOnly; SameSite=Lax$`),
    )
    const session = answer.body.session as Shown
    expect(session).to.have.keys(
      ...['id', 'csrf_token', 'signed_in_by', 'created_at', 'last_seen_at', 'expires_at', 'idle_expires_at'],
      ...['client', 'me', 'organizations'],
    )
    expect(session.id).to.match(/^ses_[0-9a-z]{26}$/)
    expect(session.signed_in_by).to.equal('api_key')
    expect(session.client).to.deep.equal({ ip: '127.0.0.1', user_agent: 'a browser' })
    expect(session.me).to.deep.equal((await call(service, 'GET', '/api/v1/me', { secret: ada.key })).body)
    expect(session.organizations).to.have.length(1)
    expect((session.organizations as object[])[0]).to.include({ name: 'acme' })
    expect((await browser.me()).body).to.include({ id: ada.id, name: ada.name })
    expect(await browser.session()).to.include({ id: session.id, csrf_token: session.csrf_token })

    const [event] = await world.auditOf(answer.headers.get('x-request-id'))
    expect(event).to.deep.include({
      type: 'session.start',
      actor: { type: 'user', id: ada.id, name: ada.name },
      target: { type: 'session', id: session.id },
      detail: { signed_in_by: 'api_key' },
    })
  })

  it('is the operator’s, by their key', async () => {
    const { browser, session } = await signedIn(service.operatorKey)
    expect(session).to.include({ signed_in_by: 'operator_key' })
    expect([session.me, session.organizations]).to.deep.equal([{ type: 'operator' }, []])
    expect((await browser.ask('GET', '/api/v1/signing-keys')).status).to.equal(200)
  })

  it('does what its owner may, and no more', async () => {
    const { browser } = await signedIn((await person()).key)
    expect((await browser.ask('POST', `${world.path}/teams`, { json: { name: 'by-hand' } })).status).to.equal(201)
    const { browser: looking } = await signedIn((await person('viewer')).key)
    expect((await looking.ask('POST', `${world.path}/teams`, { json: { name: 'more' } })).status).to.equal(403)
  })

  it('takes no key that is wrong, no token, and no key of a resource server', async () => {
    const server = await world.make('/resource-servers', { name: 'tracker', audience: 'https://tracker.example' })
    const token = await world.granted(world.token())
    for (const key of [wrongKey, 'x', String(server.api_key), token]) {
      const { status, body, headers } = await openBrowser(service).signIn(key)
      expect([status, body.reason, headers.getSetCookie()]).to.deep.equal([401, 'unauthenticated', []])
    }
    for (const json of [{}, { api_key: 7 }, { api_key: 'x', more: 1 }])
      expect((await call(service, 'POST', '/session', { json })).status).to.equal(422)
    expect((await call(service, 'POST', '/session', { form: { api_key: world.adminKey } })).status).to.equal(415)
  })

  it('is nothing beside an Authorization header', async () => {
    const kept = await signedIn(world.adminKey)
    for (const method of ['GET', 'DELETE'])
      expect((await kept.browser.ask(method, '/session', { secret: wrongKey })).headers.getSetCookie()).to.deep.equal(
        [],
      )
    expect((await kept.browser.me()).status).to.equal(200)
    const { browser } = await signedIn((await person()).key)
    expect((await browser.ask('GET', '/api/v1/me', { secret: world.adminKey })).body).to.include({ name: 'acme-root' })
    expect((await browser.ask('GET', '/api/v1/me', { secret: wrongKey })).status).to.equal(401)
    expect((await browser.ask('GET', '/session', { secret: wrongKey })).body.session).to.equal(null)
  })

  it('opens no other door than the API', async () => {
    const { browser } = await signedIn(world.adminKey)
    for (const [method, path] of [
      ['POST', '/oauth/introspect'],
      ['GET', '/oauth/userinfo'],
      ['POST', '/access/v1/evaluation'],
      ['GET', '/access/v1/verify'],
    ] as const)
      expect(
        (await browser.ask(method, path, method === 'POST' ? { form: { token: 'x' } } : {})).status,
        path,
      ).to.be.oneOf([401, 415])
  })

  describe('what may change something', () => {
    type Headers = Record<string, string>
    const own = () => ({ origin: service.publicUrl, 'sec-fetch-site': 'same-origin' })
    const refused: Record<string, (token: string) => Headers> = {
      'without its token': () => ({ 'x-csrf-token': '' }),
      'with another session’s': () => ({ 'x-csrf-token': another }),
      'with one cut short': (token) => ({ 'x-csrf-token': token.slice(1) }),
      'of another origin': (token) => ({ 'x-csrf-token': token, origin: 'https://evil.example' }),
      'of another site': (token) => ({ 'x-csrf-token': token, 'sec-fetch-site': 'cross-site' }),
      'of a neighbour': (token) => ({ 'x-csrf-token': token, 'sec-fetch-site': 'same-site' }),
    }
    const tries = [
      ['POST', () => `${world.path}/teams`],
      ['PATCH', () => `${world.path}/teams/ml`],
      ['DELETE', () => `${world.path}/teams/ml`],
      ['PUT', () => `${world.path}/teams/ml/members/nobody`],
      ['PUT', () => '/session/organization'],
      ['DELETE', () => '/session'],
      ['DELETE', () => '/sessions'],
    ] as const
    let another: string
    before(async () => {
      another = (await signedIn(world.adminKey)).session.csrf_token
    })
    for (const [what, headersOf] of Object.entries(refused))
      it(`${what}: 403, and nothing happens`, async () => {
        const { browser, session } = await signedIn(world.adminKey)
        for (const [method, path] of tries) {
          const { status, body } = await browser.ask(method, path(), {
            json: { name: 'evil' },
            headers: { ...own(), ...headersOf(session.csrf_token) },
          })
          expect([status, body.reason], `${method} ${path()}`).to.deep.equal([403, 'cross_site'])
        }
        expect((await browser.me()).status).to.equal(200)
        expect((await world.api('GET', '/teams/evil')).status).to.equal(404)
      })

    it('of ours is heard; looking needs no token', async () => {
      const { browser } = await signedIn(world.adminKey)
      const made = await browser.ask('POST', `${world.path}/teams`, { json: { name: 'ours' }, headers: own() })
      expect(made.status).to.equal(201)
      for (const site of ['cross-site', 'same-site'])
        expect(
          (await browser.ask('GET', '/api/v1/me', { headers: { 'x-csrf-token': '', 'sec-fetch-site': site } })).status,
        ).to.equal(200)
    })

    it('and the sign-in itself is for our own page alone', async () => {
      const browser = openBrowser(service)
      const { status, body, headers } = await browser.signIn(world.adminKey, {
        headers: { origin: 'https://evil.example' },
      })
      expect([status, body.reason, headers.getSetCookie()]).to.deep.equal([403, 'cross_site', []])
    })
  })

  it('takes no cookie over that was there before', async () => {
    const planted = 'A'.repeat(43)
    const name = `countersign-${new URL(service.publicUrl).port}`
    const browser = openBrowser(service, new Map([[name, planted]]))
    expect((await browser.me()).status).to.equal(401)
    await must(browser.signIn(world.adminKey))
    expect(browser.jar.get(name)).to.not.equal(planted)
    expect((await openBrowser(service, new Map([[name, planted]])).me()).status).to.equal(401)
  })

  it('leaves the session that was there, when somebody signs in anew', async () => {
    const ada = await person()
    const { browser } = await signedIn(ada.key)
    const before = new Map(browser.jar)
    await must(browser.signIn(ada.key))
    expect((await openBrowser(service, before).me()).status).to.equal(401)
    expect((await browser.me()).status).to.equal(200)
  })

  it('of two cookies of one name takes neither', async () => {
    const { browser } = await signedIn(world.adminKey)
    const [[name, value]] = [...browser.jar] as [[string, string]]
    const headers = { cookie: `${name}=${value}; ${name}=x` }
    expect((await call(service, 'GET', '/api/v1/me', { headers })).status).to.equal(401)
    // One that can be dropped is, so that nobody is kept out for as long as both live.
    for (const [method, says] of [
      ['GET', { session: null, methods: { sso: null, set_up: false } }],
      ['DELETE', { logout_url: null }],
    ] as const) {
      const answer = await call(service, method, '/session', { headers })
      expect([answer.status, answer.body]).to.deep.equal([200, says])
      expect(answer.headers.getSetCookie()).to.deep.equal([`${name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax`])
    }
  })

  it('ends when its owner signs out: the cookie is worth nothing any more', async () => {
    const { browser, session } = await signedIn((await person()).key)
    const before = new Map(browser.jar)
    const out = await browser.ask('DELETE', '/session')
    expect([out.status, out.body]).to.deep.equal([200, { logout_url: null }])
    expect(out.headers.getSetCookie()[0]).to.match(/=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(browser.jar.size).to.equal(0)
    expect((await openBrowser(service, before).me()).status).to.equal(401)
    expect((await openBrowser(service, before).ask('GET', '/session')).body.session).to.equal(null)
    const [event] = await world.auditOf(out.headers.get('x-request-id'))
    expect(event).to.deep.include({ type: 'session.end', target: { type: 'session', id: session.id } })
    expect((await browser.ask('DELETE', '/session')).status).to.equal(200)
  })

  it('is listed with the others of its owner, who ends them', async () => {
    const [ada, bob] = [await person(), await person()]
    const [one, two, three] = [await signedIn(ada.key), await signedIn(ada.key), await signedIn(ada.key)]
    const other = await signedIn(bob.key)
    const listed = (await one.browser.ask('GET', '/sessions')).body.items as Record<string, unknown>[]
    expect(listed.map(({ id, current }) => [id, current])).to.deep.equal([
      [three.session.id, false],
      [two.session.id, false],
      [one.session.id, true],
    ])
    expect(listed[0]).to.have.keys(
      ...['id', 'signed_in_by', 'created_at', 'last_seen_at', 'expires_at', 'idle_expires_at', 'client', 'current'],
    )
    const del = (id: string) => one.browser.ask('DELETE', `/sessions/${id}`)
    expect((await del(two.session.id)).status).to.equal(204)
    expect((await two.browser.me()).status).to.equal(401)
    for (const id of [two.session.id, other.session.id, 'x']) expect((await del(id)).status).to.equal(404)
    expect((await other.browser.me()).status).to.equal(200)
    expect((await one.browser.ask('DELETE', '/sessions')).status).to.equal(204)
    expect([(await one.browser.me()).status, (await three.browser.me()).status]).to.deep.equal([200, 401])
    expect((await del(one.session.id)).status).to.equal(204)
    expect((await one.browser.me()).status).to.equal(401)
    expect((await one.browser.ask('GET', '/sessions')).status).to.equal(401)
  })

  describe('ends with what it was proven with', () => {
    type Someone = Awaited<ReturnType<typeof person>>
    const deeds: Record<string, (ada: Someone) => Promise<unknown>> = {
      'the key is deleted': (ada) => world.api('DELETE', `/users/${ada.name}/keys/${ada.keyId}`),
      'the key is rotated': (ada) => world.api('POST', `/users/${ada.name}/keys/${ada.keyId}/rotate`, {}),
      'the key is revoked by its bearer': (ada) => world.post({ token: ada.key }, '/oauth/revoke'),
      'all of the user is revoked': (ada) => world.api('POST', `/users/${ada.name}/revoke`, {}),
      'the user is deleted': (ada) => world.api('DELETE', `/users/${ada.name}`),
    }
    for (const [what, deed] of Object.entries(deeds))
      it(`${what}: at once`, async () => {
        const ada = await person()
        const { browser } = await signedIn(ada.key)
        expect((await browser.me()).status).to.equal(200)
        await deed(ada)
        expect((await browser.me()).status).to.equal(401)
        expect(await browser.session()).to.equal(null)
      })

    it('the account is disabled, and is not revived when that is taken back', async () => {
      const account = await world.make('/service-accounts', { name: `bot${people++}`, default_team: 'ml', admin: true })
      const { browser, session } = await signedIn(String(account.api_key))
      expect(session.me).to.include({ type: 'service_account', admin: true })
      await must(world.api('PATCH', `/service-accounts/${account.id}`, { enabled: false }))
      expect((await browser.me()).status).to.equal(401)
      await must(world.api('PATCH', `/service-accounts/${account.id}`, { enabled: true }))
      expect((await browser.me()).status).to.equal(401)
    })

    it('all of the account is revoked', async () => {
      const account = await world.make('/service-accounts', { name: `bot${people++}`, default_team: 'ml', admin: true })
      const { browser } = await signedIn(String(account.api_key))
      await must(world.api('POST', `/service-accounts/${account.id}/revoke`, {}))
      expect((await browser.me()).status).to.equal(401)
    })

    it('all of the installation is revoked', async () => {
      const other = await startService()
      try {
        const browser = openBrowser(other)
        await must(browser.signIn(other.operatorKey))
        const json = { before: new Date().toISOString() }
        await must(call(other, 'POST', '/api/v1/installation/revoke', { secret: other.operatorKey, json }))
        expect((await browser.me()).status).to.equal(401)
      } finally {
        await other.close()
      }
    })
  })
})

describe('journey: how long somebody is signed in', () => {
  const minute = 60_000
  it('so long, and so long without asking for anything; and it is noticed once a minute', async () => {
    const clock = steppingClock([0.5 * minute, 2 * minute, 44 * minute, 61 * minute, 107 * minute])
    const env = { SESSION_HOURS: '1', SESSION_IDLE_MINUTES: '45', ...clock }
    const service = await startService({ env })
    try {
      const browser = openBrowser(service)
      const { session } = await must(browser.signIn(service.operatorKey))
      const at = (name: string, of: unknown) => Date.parse(String((of as Shown)[name]))
      /** Until the clock of the service shows so many minutes. */
      const step = async (minutes: number) => {
        stepClock(service.process)
        for (let shown = 0; shown < at('created_at', session) + minutes * minute - 5_000; ) {
          const { session: other } = await must(openBrowser(service).signIn(service.operatorKey))
          shown = at('created_at', other)
        }
      }
      expect(at('expires_at', session) - at('created_at', session)).to.equal(60 * minute)
      expect(at('idle_expires_at', session) - at('last_seen_at', session)).to.equal(45 * minute)
      await step(0.5)
      expect(at('last_seen_at', await browser.session())).to.equal(at('created_at', session))
      await step(2)
      const seen = await browser.session()
      expect(at('last_seen_at', seen) - at('created_at', session)).to.be.within(2 * minute - 5_000, 2 * minute + 30_000)
      expect(at('last_seen_at', await browser.session())).to.equal(at('last_seen_at', seen))
      await step(44)
      expect((await browser.me()).status, 'after 44 minutes').to.equal(200)
      await step(61)
      expect((await browser.me()).status, 'after an hour').to.equal(401)
      const gone = await browser.ask('GET', '/session')
      expect([gone.body.session, browser.jar.size]).to.deep.equal([null, 0])
      await must(browser.signIn(service.operatorKey))
      await step(107)
      expect((await browser.me()).status, 'idle for 46 minutes').to.equal(401)
    } finally {
      await service.close()
    }
  })

  it('the operator: until there is another key', async () => {
    const service = await startService()
    try {
      const browser = openBrowser(service)
      await must(browser.signIn(service.operatorKey))
      const env = { PORT: new URL(service.url).port }
      for (const [OPERATOR_KEY, status] of [
        [service.operatorKey, 200],
        ['another-operator-key-of-the-tests-Zk4mQ8sV', 401],
        ['', 401],
      ] as const) {
        await service.stop()
        const next = await startService({ env: { ...env, OPERATOR_KEY }, dataDir: service.dataDir })
        try {
          expect((await browser.me()).status, OPERATOR_KEY === '' ? 'none' : String(status)).to.equal(status)
        } finally {
          await next.stop()
        }
      }
    } finally {
      await service.close()
    }
  })

  it('over https the cookie is of a name that no other host can set', async () => {
    const service = await startService({ env: { PUBLIC_URL: 'https://id.example/base' } })
    try {
      for (const base of ['', '/base']) {
        const json = { api_key: service.operatorKey }
        const { headers } = await call(service, 'POST', `${base}/session`, { json })
        expect(headers.getSetCookie()[0]).to.match(
          /^__Host-countersign=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
        )
      }
    } finally {
      await service.close()
    }
  })

  it('and in fifty places at the most: one more ends the oldest', async () => {
    const service = await startService()
    try {
      const first = openBrowser(service)
      await must(first.signIn(service.operatorKey))
      const second = openBrowser(service)
      await must(second.signIn(service.operatorKey))
      for (let i = 0; i < 49; i++) await must(openBrowser(service).signIn(service.operatorKey))
      expect([(await first.me()).status, (await second.me()).status]).to.deep.equal([401, 200])
    } finally {
      await service.close()
    }
  })

  it('wrong keys are counted', async () => {
    const service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '2' } })
    try {
      const statuses: number[] = []
      for (let i = 0; i < 4; i++) statuses.push((await openBrowser(service).signIn(wrongKey)).status)
      expect(statuses).to.deep.equal([401, 401, 429, 429])
      expect((await openBrowser(service).signIn(service.operatorKey)).status).to.equal(201)
    } finally {
      await service.close()
    }
  })
})
