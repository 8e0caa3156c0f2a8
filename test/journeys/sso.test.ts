/** People sign in by the operator's provider: there and back with an OpenID provider that we did not write. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect } from 'chai'
import { openBrowser, type Shown } from '../support/browser-session.ts'
import { itEmbedded } from '../support/embedded.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { leaks } from '../support/leaks.ts'
import { type Answer, call, type Service, startService } from '../support/server.ts'
import { goThrough, type SignInProvider, startSignInProvider } from '../support/sign-in-provider.ts'
import { stepClock, steppingClock } from '../support/stepping-clock.ts'
import { createWorld, must, type World } from '../support/world.ts'

const people = {
  ada: { email: 'Ada@acme.example', email_verified: true },
  both: { email: 'both@acme.example', email_verified: true },
  unverified: { email: 'ada@acme.example', email_verified: false },
  stringly: { email: 'ada@acme.example', email_verified: 'true' },
  silent: {},
  many: { email: 'many@acme.example', email_verified: true },
  stranger: { email: 'stranger@elsewhere.example', email_verified: true },
  kelvin: { email: '\u212aate@acme.example', email_verified: true },
}

describe('journey: people sign in by OpenID Connect', () => {
  let issuing: Provider
  let provider: SignInProvider
  let service: Service
  let world: World
  let other: World
  let ada: { id: string }
  before(async () => {
    issuing = await startProvider()
    provider = await startSignInProvider(people)
    service = await startService({ env: { ...provider.env, LIMIT_FAILED_PER_MINUTE: '0' } })
    provider.knows(service.publicUrl)
    world = await createWorld(service, issuing)
    other = await createWorld(service, issuing, { org: 'other' })
    ada = await world.make('/users', { username: 'ada', email: 'ada@ACME.example' })
    for (const each of [world, other])
      await each.make('/users', {
        username: 'both',
        email: 'both@acme.example',
        role: each === world ? 'member' : 'admin',
      })
    await world.make('/users', { username: 'kate', email: 'kate@acme.example' })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
    await issuing?.close()
  })
  afterEach(() => provider.instead.clear())

  type Browser = ReturnType<typeof openBrowser>
  const begin = (browser: Browser, returnTo?: string) =>
    browser.ask('GET', `/session/sso${returnTo === undefined ? '' : `?return_to=${encodeURIComponent(returnTo)}`}`)
  const locationOf = ({ headers }: Answer) => String(headers.get('location'))
  /** Where the provider sends the browser back to. */
  async function there(browser: Browser, sub: string | undefined, returnTo?: string): Promise<string> {
    provider.sits(sub)
    const begun = await begin(browser, returnTo)
    expect(begun.status, locationOf(begun)).to.equal(302)
    const back = await goThrough(locationOf(begun))
    expect(back.startsWith(`${service.publicUrl}/session/sso/callback?`), back).to.equal(true)
    const code = new URL(back).searchParams.get('code')
    if (code !== null) leaks.learn('a chosen secret', code)
    return back.slice(service.publicUrl.length)
  }
  async function signIn(
    sub: string | undefined,
    { returnTo, browser = openBrowser(service) }: { returnTo?: string; browser?: Browser } = {},
  ) {
    const answer = await browser.ask('GET', await there(browser, sub, returnTo))
    expect(answer.status).to.equal(303)
    await browser.session()
    return { browser, answer, to: locationOf(answer).slice(service.publicUrl.length) }
  }
  const reasonIn = (to: string) => new URL(to, service.publicUrl).searchParams.get('sso_error')
  async function refused(answer: Promise<Answer> | Answer, reason: string) {
    const { status, headers } = await answer
    const to = new URL(String(headers.get('location')))
    expect([status, to.origin + to.pathname]).to.deep.equal([303, `${service.publicUrl}/sign-in`])
    expect([...to.searchParams.keys()]).to.deep.equal(['sso_error', 'request_id'])
    expect(to.searchParams.get('sso_error')).to.equal(reason)
    expect(to.searchParams.get('request_id')).to.equal(headers.get('x-request-id'))
    const kept = headers.getSetCookie().filter((set) => !/; Max-Age=0;/.test(set))
    expect(kept, 'cookies').to.deep.equal([])
    return String(to.searchParams.get('request_id'))
  }

  it('is offered to whoever asks how', async () => {
    const { body } = await call(service, 'GET', '/session')
    expect(body.methods).to.deep.equal({ sso: { name: '127.0.0.1' }, set_up: false })
  })

  it('goes there with PKCE, a state and a nonce, and keeps what it needs in a sealed cookie of ten minutes', async () => {
    const browser = openBrowser(service)
    const begun = await begin(browser)
    const url = new URL(locationOf(begun))
    expect(url.origin).to.equal(provider.issuer)
    const { state, nonce, code_challenge, ...rest } = Object.fromEntries(url.searchParams)
    expect(rest).to.deep.equal({
      response_type: 'code',
      client_id: 'countersign',
      redirect_uri: `${service.publicUrl}/session/sso/callback`,
      scope: 'openid email',
      code_challenge_method: 'S256',
    })
    const port = new URL(service.publicUrl).port
    const [cookie = '', ...more] = begun.headers.getSetCookie()
    expect(more).to.deep.equal([])
    expect(cookie).to.match(new RegExp(`^countersign-${port}-sso=[^;]+; Max-Age=600; Path=/; HttpOnly; SameSite=Lax$`))
    const kept = Buffer.from(String([...browser.jar.values()][0]), 'base64').toString('latin1')
    for (const word of [state, nonce, code_challenge]) {
      expect(word).to.match(/^[\w-]{43}$/)
      expect(kept).to.not.contain(word)
    }
  })

  it('comes back as the user of that e-mail address, in whatever case', async () => {
    const { browser, answer, to } = await signIn('ada', { returnTo: '/acme/service-accounts?q=x#y' })
    expect(to).to.equal('/acme/service-accounts?q=x#y')
    expect([...browser.jar.keys()]).to.deep.equal([`countersign-${new URL(service.publicUrl).port}`])
    const session = (await browser.session()) as Shown
    expect(session).to.include({ signed_in_by: 'sso' })
    expect(session.me).to.include({ type: 'user', id: ada.id, name: 'ada', role: 'member' })
    expect((session.organizations as { name: string }[]).map(({ name }) => name)).to.deep.equal(['acme'])
    expect((await browser.me()).body).to.include({ id: ada.id })
    const [event] = await world.auditOf(answer.headers.get('x-request-id'))
    expect(event).to.deep.include({ type: 'session.start', detail: { signed_in_by: 'sso' } })
    expect(event?.actor).to.deep.equal({ type: 'user', id: ada.id, name: 'ada' })
  })

  it('reads the address in the ID token too, of another algorithm of signing', async () => {
    provider.knows(service.publicUrl, { inIdToken: true })
    try {
      const before = provider.asked.filter((path) => path.endsWith(' /me')).length
      expect((await (await signIn('ada')).browser.session())?.me).to.include({ id: ada.id })
      expect(provider.asked.filter((path) => path.endsWith(' /me')).length).to.equal(before)
    } finally {
      provider.knows(service.publicUrl)
    }
  })

  const nobodies: [who: keyof typeof people, reason: string][] = [
    ['unverified', 'sso_email_unverified'],
    ['stringly', 'sso_email_unverified'],
    ['silent', 'sso_email_unverified'],
    ['stranger', 'sso_person_unknown'],
    ['kelvin', 'sso_person_unknown'],
  ]
  for (const [who, reason] of nobodies)
    it(`is nobody’s: ${who} is refused, and on record with the installation`, async () => {
      const browser = openBrowser(service)
      const requestId = await refused(browser.ask('GET', await there(browser, who)), reason)
      expect(await browser.session()).to.equal(null)
      const [event, ...more] = await world.installationAuditOf(requestId)
      expect(more).to.deep.equal([])
      expect(event).to.deep.include({ type: 'session.start', result: 'refused', reason })
      expect(event?.detail).to.include({ signed_in_by: 'sso', issuer: provider.issuer, subject: who })
    })

  describe('one person in several organizations', () => {
    it('chooses first, and is nobody until then', async () => {
      const { browser } = await signIn('both')
      const session = (await browser.session()) as Shown
      expect(session.me).to.equal(null)
      const names = (session.organizations as { name: string }[]).map(({ name }) => name)
      expect(names).to.have.members(['acme', 'other'])
      const asked = await browser.me()
      expect([asked.status, asked.body.detail]).to.deep.equal([
        401,
        'choose an organization first (PUT /session/organization)',
      ])
      expect(((await browser.ask('GET', '/sessions')).body.items as object[]).length).to.equal(1)
    })

    it('is then whoever they are there, and may go over to the other', async () => {
      const { browser } = await signIn('both')
      const choose = (organization: string) => browser.ask('PUT', '/session/organization', { json: { organization } })
      const inAcme = await choose('acme')
      expect((inAcme.body.session as Shown).me).to.include({ org: 'acme', role: 'member' })
      expect((await browser.ask('POST', `${world.path}/teams`, { json: { name: 'no' } })).status).to.equal(403)
      const inOther = await choose('other')
      expect((inOther.body.session as Shown).me).to.include({ org: 'other', role: 'admin' })
      expect((await browser.ask('POST', `${other.path}/teams`, { json: { name: 'yes' } })).status).to.equal(201)
      expect((await browser.ask('GET', `${world.path}/teams`)).status).to.equal(404)
      const events = async (of: World, answer: Answer) =>
        (await of.auditOf(answer.headers.get('x-request-id'))).map(({ type }) => type)
      expect(await events(world, inAcme)).to.deep.equal(['session.start'])
      expect(await events(other, inOther)).to.deep.equal(['session.start'])
      expect(await events(world, inOther)).to.deep.equal(['session.end'])
      const third = await createWorld(service, issuing, { org: 'third' })
      for (const name of [third.org, 'nowhere', 'x'.repeat(64)]) expect((await choose(name)).status).to.equal(404)
    })

    it('of whom one is deleted, is nobody there any more', async () => {
      const { browser } = await signIn('both')
      await must(browser.ask('PUT', '/session/organization', { json: { organization: 'other' } }))
      await must(other.api('DELETE', '/users/both'))
      expect((await browser.me()).status).to.equal(401)
      const { browser: again } = await signIn('both')
      expect((await again.session())?.me).to.include({ org: 'acme' })
    })
  })

  it('is not revived by going over to an organization that revoked all of the person meanwhile', async () => {
    const email = 'many@acme.example'
    for (const each of [world, other]) await each.make('/users', { username: 'many', email, role: 'admin' })
    const choose = (browser: Browser, organization: string) =>
      browser.ask('PUT', '/session/organization', { json: { organization } })
    const { browser: undecided } = await signIn('many')
    const { browser } = await signIn('many')
    await must(choose(browser, 'other'))
    await must(world.api('POST', '/users/many/revoke', {}))
    for (const each of [browser, undecided]) {
      const { status, body } = await choose(each, 'acme')
      expect([status, body.reason]).to.deep.equal([401, 'unauthenticated'])
      expect((await each.ask('GET', `${world.path}/users`)).status).to.be.oneOf([401, 404])
    }
    expect((await browser.me()).body, 'elsewhere').to.include({ org: 'other' })
    await must(choose(undecided, 'other'))
    // Of several replicas a revocation reaches two seconds ahead.
    const anew = async () => choose((await signIn('many')).browser, 'acme')
    let answer = await anew()
    for (const end = Date.now() + 10_000; answer.status === 401 && Date.now() < end; ) answer = await anew()
    expect(answer.body.session).to.have.nested.include({ 'me.org': 'acme' })
    for (const each of [world, other]) await must(each.api('DELETE', '/users/many'))
  })

  it('ends with the provider that vouched for it: another one is not asked for whom this one let in', async function () {
    this.timeout(60_000)
    const elsewhere = await startSignInProvider({})
    const of = await startService({ env: provider.env })
    const again = (env: NodeJS.ProcessEnv) =>
      startService({ env: { ...env, PORT: new URL(of.url).port }, dataDir: of.dataDir })
    try {
      provider.knows(of.publicUrl)
      const { adminKey } = await createWorld(of, issuing)
      const json = { username: 'ada', email: 'ada@acme.example' }
      await must(call(of, 'POST', '/api/v1/orgs/acme/users', { secret: adminKey, json }))
      const browser = openBrowser(of)
      provider.sits('ada')
      const back = await goThrough(locationOf(await browser.ask('GET', '/session/sso')))
      await browser.ask('GET', back.slice(of.publicUrl.length))
      const kept = new Map(browser.jar)
      const statuses: number[] = []
      await of.stop()
      for (const env of [provider.env, elsewhere.env, {}]) {
        const started = await again(env)
        statuses.push((await openBrowser(started, new Map(kept)).me()).status)
        await started.stop()
      }
      expect(statuses).to.deep.equal([200, 401, 401])
    } finally {
      provider.knows(service.publicUrl)
      await elsewhere.close()
      await of.close()
    }
  })

  it('ends when the user has another e-mail address', async () => {
    await world.make('/users', { username: 'gone', email: 'stranger@elsewhere.example' })
    const { browser } = await signIn('stranger')
    expect((await browser.me()).status).to.equal(200)
    await must(world.api('PATCH', '/users/gone', { email: 'else@elsewhere.example' }))
    expect((await browser.me()).status).to.equal(401)
    await must(world.api('DELETE', '/users/gone'))
  })

  it('ends when all of the user is revoked', async () => {
    const { browser } = await signIn('ada')
    await must(world.api('POST', '/users/ada/revoke', {}))
    expect((await browser.me()).status).to.equal(401)
  })

  it('ends there too: the provider is shown its ID token, and sends the browser back', async () => {
    const { browser } = await signIn('ada')
    const { body } = await browser.ask('DELETE', '/session')
    const url = new URL(String(body.logout_url))
    expect(url.origin).to.equal(provider.issuer)
    expect(url.searchParams.get('post_logout_redirect_uri')).to.equal(`${service.publicUrl}/sign-in`)
    expect(url.searchParams.get('id_token_hint')).to.match(/^eyJ/)
    const page = await fetch(url)
    expect(page.status).to.equal(200)
    const cookie = page.headers
      .getSetCookie()
      .map((set) => set.split(';')[0])
      .join('; ')
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.text())?.[1] as string
    const done = await fetch(`${provider.issuer}/session/end/confirm`, {
      method: 'POST',
      headers: { cookie },
      body: new URLSearchParams({ xsrf, logout: 'yes' }),
      redirect: 'manual',
    })
    expect(done.headers.get('location')).to.equal(`${service.publicUrl}/sign-in`)
  })

  describe('return_to is a path of ours', () => {
    const hostile = [
      '//evil.example',
      '/\\evil.example',
      '\\/evil.example',
      'https://evil.example/',
      'javascript:alert(1)',
      '/\t/evil.example',
      '/\n/evil.example',
      '/%0d%0aSet-Cookie: a=b\r\nSet-Cookie: a=b',
      'evil.example',
      '.evil.example',
      '@evil.example',
      '',
      `/${'x'.repeat(3000)}`,
    ]
    it('and else the first page', async () => {
      for (const returnTo of hostile) {
        const { to, answer } = await signIn('ada', { returnTo })
        expect(to, JSON.stringify(returnTo)).to.equal('/')
        expect(new URL(locationOf(answer)).origin).to.equal(service.publicUrl)
      }
      expect((await signIn('ada', { returnTo: '/acme/x//y?z=//evil.example' })).to).to.equal(
        '/acme/x//y?z=//evil.example',
      )
    })
  })

  describe('whoever comes back is whoever went', () => {
    it('not in another browser', async () => {
      const back = await there(openBrowser(service), 'ada')
      await refused(openBrowser(service).ask('GET', back), 'sso_failed')
    })
    it('not with another’s state, and then nothing is asked of the provider', async () => {
      const [mine, theirs] = [openBrowser(service), openBrowser(service)]
      const back = await there(mine, 'ada')
      await there(theirs, 'both')
      const before = provider.asked.filter((path) => path === 'POST /token').length
      await refused(theirs.ask('GET', back), 'sso_failed')
      expect(provider.asked.filter((path) => path === 'POST /token').length).to.equal(before)
    })
    it('not with a code of another sign-in under the own state', async () => {
      const [mine, theirs] = [openBrowser(service), openBrowser(service)]
      const [stolen, back] = [await there(theirs, 'ada'), await there(mine, 'both')]
      const mixed = new URL(back, service.publicUrl)
      mixed.searchParams.set('code', String(new URL(stolen, service.publicUrl).searchParams.get('code')))
      await refused(mine.ask('GET', mixed.pathname + mixed.search), 'sso_failed')
    })
    it('not twice', async () => {
      const browser = openBrowser(service)
      const jar = new Map<string, string>()
      const back = await there(browser, 'ada')
      for (const [name, value] of browser.jar) jar.set(name, value)
      expect((await browser.ask('GET', back)).status).to.equal(303)
      await refused(openBrowser(service, jar).ask('GET', back), 'sso_failed')
    })
    it('not with an iss of another provider', async () => {
      const browser = openBrowser(service)
      const back = new URL(await there(browser, 'ada'), service.publicUrl)
      back.searchParams.set('iss', 'https://evil.example')
      await refused(browser.ask('GET', back.pathname + back.search), 'sso_failed')
    })
    it('not with a cookie of their own making', async () => {
      const name = `countersign-${new URL(service.publicUrl).port}-sso`
      for (const value of ['x', Buffer.from('{"state":"x"}').toString('base64')]) {
        const browser = openBrowser(service, new Map([[name, value]]))
        await refused(browser.ask('GET', '/session/sso/callback?code=x&state=x'), 'sso_failed')
        expect(browser.jar.size).to.equal(0)
      }
    })
    it('not when the provider says no', async () => {
      const browser = openBrowser(service)
      await refused(browser.ask('GET', await there(browser, undefined)), 'sso_failed')
    })
  })

  it('leaves the session that was there before', async () => {
    const { browser } = await signIn('ada')
    const before = new Map(browser.jar)
    await signIn('ada', { browser })
    expect((await openBrowser(service, before).me()).status).to.equal(401)
    expect((await browser.me()).status).to.equal(200)
  })

  describe('a provider that is not well', () => {
    type Act = (req: IncomingMessage, res: ServerResponse) => void
    const json =
      (status: number, body: unknown): Act =>
      (_req, res) =>
        void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const discovery = '/.well-known/openid-configuration'
    const metadata = async () => (await (await fetch(provider.issuer + discovery)).json()) as Record<string, unknown>

    const unwell: Record<string, (known: Record<string, unknown>) => Act> = {
      'is broken': () => json(500, {}),
      'answers a page': () => (_req, res) => void res.end('<html>'),
      'answers rubbish': () => json(200, [1]),
      'sends us elsewhere': () => (_req, res) => void res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'bears another issuer': (known) => json(200, { ...known, issuer: 'https://evil.example' }),
      'bears the issuer of everybody': (known) => json(200, { ...known, issuer: 'https://login.example/{tenantid}' }),
      'has no authorization endpoint': (known) => json(200, { ...known, authorization_endpoint: undefined }),
      'never answers': () => () => {},
      'answers for ever': () => (_req, res) => {
        res.writeHead(200, { 'content-type': 'application/json' })
        res.write(`{"a":"${'x'.repeat(300_000)}`)
      },
    }
    it('is said to be away, whatever it answers at first, and is asked again', async function () {
      this.timeout(60_000)
      const known = await metadata()
      const of = await startService({ env: provider.env })
      provider.knows(of.publicUrl)
      try {
        for (const [what, act] of Object.entries(unwell)) {
          provider.instead.set(discovery, act(known))
          const { status, headers } = await call(of, 'GET', '/session/sso')
          expect([status, reasonIn(String(headers.get('location')))], what).to.deep.equal([303, 'sso_unavailable'])
          // A failure is taken as it was for a second.
          await new Promise((resolve) => setTimeout(resolve, 1_050))
        }
        provider.instead.clear()
        expect(of.lines.filter(({ reason }) => reason === 'sso_unavailable')).to.have.length(Object.keys(unwell).length)
        const { status, headers } = await call(of, 'GET', '/session/sso')
        expect(status, String(headers.get('location')) + JSON.stringify(of.lines)).to.equal(302)
      } finally {
        provider.knows(service.publicUrl)
        await of.close()
      }
    })

    const later: [what: string, path: string, act: Act, reason: string][] = [
      ['never answers', '/token', () => {}, 'sso_unavailable'],
      ['never ends its answer', '/me', (_req, res) => void res.writeHead(200).write('{'), 'sso_unavailable'],
      ['gives no tokens', '/token', json(500, {}), 'sso_unavailable'],
      ['gives a page for tokens', '/token', (_req, res) => void res.end('<html>'), 'sso_unavailable'],
      ['hangs up', '/token', (req) => void req.socket.destroy(), 'sso_unavailable'],
      ['gives no ID token', '/token', json(200, { access_token: 'a', token_type: 'bearer' }), 'sso_failed'],
      [
        'gives what is no ID token',
        '/token',
        json(200, { access_token: 'a', token_type: 'bearer', id_token: 'a.b.c' }),
        'sso_unavailable',
      ],
      [
        'gives one that nobody signed',
        '/token',
        json(200, { access_token: 'a', token_type: 'bearer', id_token: unsigned() }),
        'sso_failed',
      ],
      ['gives no user info', '/me', json(500, {}), 'sso_unavailable'],
      ['says who somebody else is', '/me', json(200, { sub: 'both', ...people.both }), 'sso_failed'],
    ]
    for (const [what, path, act, reason] of later)
      it(`${what}: ${reason}`, async () => {
        const browser = openBrowser(service)
        const back = await there(browser, 'ada')
        provider.instead.set(path, act)
        await refused(browser.ask('GET', back), reason)
      }).timeout(15_000)

    it('does not keep anybody from signing out', async () => {
      const brief = await startSignInProvider(people)
      const of = await startService({ env: brief.env })
      try {
        brief.knows(of.publicUrl)
        const { adminKey } = await createWorld(of, issuing)
        await must(
          call(of, 'POST', '/api/v1/orgs/acme/users', {
            secret: adminKey,
            json: { username: 'ada', email: 'ada@acme.example' },
          }),
        )
        const browser = openBrowser(of)
        const back = await goThrough(locationOf(await browser.ask('GET', '/session/sso')))
        await browser.ask('GET', back.slice(of.publicUrl.length))
        expect(await browser.session()).to.include({ signed_in_by: 'sso' })
        await brief.close()
        await of.stop()
        const again = await startService({ env: { ...brief.env, PORT: new URL(of.url).port }, dataDir: of.dataDir })
        try {
          const out = await browser.ask('DELETE', '/session')
          expect([out.status, out.body]).to.deep.equal([200, { logout_url: null }])
          expect((await browser.me()).status).to.equal(401)
          const { status, headers } = await call(again, 'GET', '/session/sso')
          expect([status, reasonIn(String(headers.get('location')))]).to.deep.equal([303, 'sso_unavailable'])
        } finally {
          await again.stop()
        }
      } finally {
        await of.close()
      }
    })
  })

  // With PostgreSQL it is the clock of the database that counts, which no test steps.
  itEmbedded('takes ten minutes at the most', async () => {
    const slow = await startService({ env: { ...provider.env, ...steppingClock([200_000, 601_000]) } })
    try {
      provider.knows(slow.publicUrl)
      provider.sits('ada')
      const browser = openBrowser(slow)
      const back = await goThrough(locationOf(await browser.ask('GET', '/session/sso')))
      const come = async () => {
        const { headers } = await openBrowser(slow, new Map(browser.jar)).ask('GET', back.slice(slow.publicUrl.length))
        return reasonIn(String(headers.get('location')).slice(slow.publicUrl.length))
      }
      stepClock(slow.process)
      expect(await come()).to.equal('sso_person_unknown')
      const before = provider.asked.filter((path) => path === 'POST /token').length
      stepClock(slow.process)
      // Two answers later it has taken the signal, and the later time with it.
      for (let i = 0; i < 2; i++) await call(slow, 'GET', '/livez')
      expect(await come()).to.equal('sso_failed')
      expect(provider.asked.filter((path) => path === 'POST /token').length).to.equal(before)
    } finally {
      provider.knows(service.publicUrl)
      await slow.close()
    }
  })

  describe('a terminal is let in by whoever is signed in', () => {
    const start = async (client_name = 'ada@laptop') => {
      const begun = await must(call(service, 'POST', '/login/device', { form: { client_name, key_lifetime: '600' } }))
      leaks.learn('a chosen secret', String(begun.device_code))
      return begun as { device_code: string; user_code: string }
    }
    const collect = (device_code: string) => call(service, 'POST', '/login/device/token', { form: { device_code } })
    const approve = (browser: Browser, user_code: string, csrf_token: string | undefined, headers = {}) =>
      browser.ask('POST', '/login/approve', {
        form: { user_code, decision: 'approve', ...(csrf_token === undefined ? {} : { csrf_token }) },
        headers: { 'x-csrf-token': '', ...headers },
      })
    const pageOf = async (browser: Browser, code: string) =>
      String((await browser.ask('GET', `/login/device?user_code=${code}`)).body.text)

    it('by the provider: without a key, for the time that was asked for, let in by nobody’s key', async () => {
      const { browser } = await signIn('ada')
      const { device_code, user_code } = await start()
      const page = await pageOf(browser, user_code)
      expect(page).to.contain('signed in as <strong>ada</strong> of <strong>acme</strong>').and.not.contain('api_key')
      const token = /name="csrf_token" value="([\w-]{43})"/.exec(page)?.[1]
      expect(token).to.equal(browser.token())
      const approved = await approve(browser, user_code, token)
      expect(approved.status).to.equal(200)
      const answer = await collect(device_code)
      const { api_key, expires_at } = answer.body
      expect(Date.parse(String(expires_at))).to.be.closeTo(Date.now() + 600_000, 30_000)
      expect((await call(service, 'GET', '/api/v1/me', { secret: String(api_key) })).body).to.include({ id: ada.id })
      const [letIn] = await world.auditOf(approved.headers.get('x-request-id'))
      expect(letIn?.detail).to.include({ signed_in_by: 'sso' }).and.not.have.property('key')
      const finish = (await world.auditOf(answer.headers.get('x-request-id'))).find(
        ({ type }) => type === 'login.finish',
      )
      expect(finish?.detail.approved).to.include({ signed_in_by: 'sso' })
    })

    it('by a key: it ends with that key', async () => {
      const key = await world.make('/users/ada/keys', {
        name: 'short',
        expires_at: new Date(Date.now() + 60_000).toISOString(),
      })
      const browser = openBrowser(service)
      await must(browser.signIn(String(key.secret)))
      const { device_code, user_code } = await start()
      expect((await approve(browser, user_code, browser.token())).status).to.equal(200)
      const { api_key, expires_at } = await must(collect(device_code))
      expect(Date.parse(String(expires_at))).to.be.at.most(Date.now() + 60_000)
      await must(world.api('DELETE', `/users/ada/keys/${key.id}`))
      expect((await call(service, 'GET', '/api/v1/me', { secret: String(api_key) })).status).to.equal(401)
    })

    it('by nobody else’s page: the form has the token of the session', async () => {
      const { browser } = await signIn('ada')
      const { device_code, user_code } = await start()
      const token = browser.token()
      for (const [given, headers] of [
        [undefined, {}],
        ['', {}],
        ['A'.repeat(43), {}],
        [token, { origin: 'https://evil.example' }],
        [token, { 'sec-fetch-site': 'cross-site' }],
      ] as const)
        expect((await approve(browser, user_code, given, headers)).status).to.equal(403)
      expect((await collect(device_code)).body.reason).to.equal('login_pending')
    })

    it('by no service account and no operator, and by nobody who has yet to choose', async () => {
      const operator = openBrowser(service)
      await must(operator.signIn(service.operatorKey))
      const machine = openBrowser(service)
      await must(machine.signIn(world.apiKey))
      const { user_code } = await start()
      for (const browser of [operator, machine, openBrowser(service)]) {
        expect(await pageOf(browser, user_code))
          .to.contain('name="api_key"')
          .and.not.contain('csrf_token')
        const { status, body } = await approve(browser, user_code, browser.token())
        expect([status, String(body.text).includes('Type an API key of yours')]).to.deep.equal([403, true])
      }
    })

    it('and not after all of that person is revoked', async () => {
      const { browser } = await signIn('ada')
      const { device_code, user_code } = await start()
      await must(approve(browser, user_code, browser.token()))
      await must(world.api('POST', '/users/ada/revoke', {}))
      expect((await collect(device_code)).body.reason).to.equal('login_denied')
    })

    it('and not after that person is gone', async () => {
      await world.make('/users', { username: 'leaving', email: 'stranger@elsewhere.example' })
      const { browser } = await signIn('stranger')
      const { device_code, user_code } = await start()
      await must(approve(browser, user_code, browser.token()))
      await must(world.api('DELETE', '/users/leaving'))
      expect((await collect(device_code)).body.reason).to.equal('login_denied')
    })
  })

  it('is counted when it fails', async () => {
    const limited = await startService({ env: { ...provider.env, LIMIT_FAILED_PER_MINUTE: '2' } })
    try {
      const reasons: (string | null)[] = []
      for (let i = 0; i < 4; i++) {
        const { headers } = await call(limited, 'GET', '/session/sso/callback?code=x&state=x')
        reasons.push(reasonIn(String(headers.get('location'))))
      }
      expect(reasons).to.deep.equal(['sso_failed', 'sso_failed', 'rate_limited', 'rate_limited'])
    } finally {
      await limited.close()
    }
  })

  it('is not there where no provider is set', async () => {
    const without = await startService()
    try {
      expect((await call(without, 'GET', '/session')).body.methods).to.deep.equal({ sso: null, set_up: false })
      for (const path of ['/session/sso', '/session/sso/callback'])
        expect((await call(without, 'GET', path)).status).to.equal(404)
    } finally {
      await without.close()
    }
  })
})

function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: 'ada' })}.`
}
