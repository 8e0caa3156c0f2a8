/** A terminal is let in by a person with a browser: RFC 8628, over HTTP, with the page that the person sees. */
import { expect } from 'chai'
import { itEmbedded } from '../support/embedded.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { leaks } from '../support/leaks.ts'
import { resourceServer } from '../support/resource-server.ts'
import { type Answer, call, type Service, startService } from '../support/server.ts'
import { stepClock, steppingClock } from '../support/stepping-clock.ts'
import { createWorld, type Event, must, type World } from '../support/world.ts'

const day = 86_400_000
const agent = { 'user-agent': 'countersign-cli/test' }

describe('journey: a terminal is let in by a browser', () => {
  let provider: Provider
  let service: Service
  let world: World
  /** Of a person who is no admin: for thirty days and more. */
  let ada: { id: string; key: string }
  before(async () => {
    provider = await startProvider()
    // Twice: past the life of a login, and back.
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0', ...steppingClock([601_000, 0]) } })
    world = await createWorld(service, provider)
    ada = await person('ada')
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  async function person(name: string, expiresAt?: number) {
    const { id } = await world.make('/users', { username: name, email: `${name}@acme.example` })
    const more = expiresAt === undefined ? {} : { expires_at: new Date(expiresAt).toISOString() }
    const made = await world.make(`/users/${name}/keys`, { name: 'first', ...more })
    return { id, key: String(made.secret), keyId: made.id }
  }
  type Begun = { device_code: string; user_code: string; verification_uri: string; verification_uri_complete: string }
  const begin = async (form: Record<string, string> = { client_name: 'ada@laptop' }) => {
    const begun = await must(call(service, 'POST', '/login/device', { form, headers: agent }))
    leaks.learn('a chosen secret', String(begun.device_code))
    return begun as Begun & Answer['body']
  }
  const poll = (device_code: string) => call(service, 'POST', '/login/device/token', { form: { device_code } })
  const look = (code: string) => call(service, 'GET', `/login/device?user_code=${encodeURIComponent(code)}`)
  const decide = (user_code: string, decision: string, api_key = '', headers: Record<string, string> = {}) =>
    call(service, 'POST', '/login/approve', { form: { user_code, decision, api_key }, headers })
  const approve = (code: string, key = ada.key) => decide(code, 'approve', key)
  const stateOf = async (device_code: string) => {
    const { status, body } = await poll(device_code)
    return [status, body.error, body.reason]
  }
  const text = ({ body }: Answer) => String(body.text)
  const meOf = (secret: unknown) => call(service, 'GET', '/api/v1/me', { secret: String(secret) })

  it('begins with two codes, and where to go with one of them', async () => {
    const begun = await begin()
    expect(begun).to.include({
      verification_uri: `${service.publicUrl}/login/device`,
      verification_uri_complete: `${service.publicUrl}/login/device?user_code=${begun.user_code}`,
      expires_in: 600,
      interval: 5,
    })
    expect(begun.user_code).to.match(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    expect(Buffer.from(begun.device_code, 'base64url')).to.have.length(32)
    expect((await begin({})).device_code).to.not.equal(begun.device_code)
  })

  it('gives a key of whoever approved, once, and says in the trail who let whom in', async () => {
    const { device_code, user_code } = await begin()
    expect(await stateOf(device_code)).to.deep.equal([400, 'authorization_pending', 'login_pending'])
    const approved = await approve(user_code)
    expect(approved.status).to.equal(200)
    expect(text(approved)).to.contain('<strong>ada</strong> of <strong>acme</strong>').and.not.contain('csk_')
    const answer = await poll(device_code)
    expect(answer.status).to.equal(200)
    expect(answer.headers.get('cache-control')).to.equal('no-store')
    const { api_key, name, expires_at, user, org } = answer.body
    expect({ user, org }).to.deep.equal({ user: 'ada', org: 'acme' })
    expect(name).to.match(/^cli-ada-laptop-[0-9a-z]{6}$/)
    expect(Date.parse(String(expires_at))).to.be.closeTo(Date.now() + 30 * day, 60_000)
    expect((await meOf(api_key)).body).to.include({ type: 'user', name: 'ada', role: 'member' })
    expect(await stateOf(device_code)).to.deep.equal([400, 'expired_token', 'login_expired'])
    expect((await look(user_code)).status).to.equal(404)

    const [letIn] = await world.auditOf(approved.headers.get('x-request-id'))
    expect(letIn).to.deep.include({ type: 'login.approve', actor: { type: 'user', id: ada.id, name: 'ada' } })
    expect(letIn?.detail.started).to.include({ client_name: 'ada@laptop', ...{ user_agent: agent['user-agent'] } })
    const events = await world.auditOf(answer.headers.get('x-request-id'))
    expect(events.map(({ type }) => type).sort()).to.deep.equal(['api_key.create', 'login.finish'])
    const finish = events.find(({ type }) => type === 'login.finish') as Event
    expect(finish.actor).to.deep.equal({ type: 'user', id: ada.id, name: 'ada' })
    expect(finish.detail.started).to.include({ client_name: 'ada@laptop' })
    expect(finish.detail.approved).to.have.keys(['at', 'ip', 'user_agent', 'key'])
  })

  it('may do no more than the person: theirs is no admin’s', async () => {
    const { device_code, user_code } = await begin()
    await approve(user_code)
    const { api_key } = await must(poll(device_code))
    const made = await call(service, 'POST', `${world.path}/teams`, { secret: String(api_key), json: { name: 'more' } })
    expect(made.status).to.equal(403)
  })

  it('takes the code in any case, with or without its dash', async () => {
    const { device_code, user_code } = await begin()
    const typed = ` ${user_code.toLowerCase().replace('-', ' ')} `
    expect(text(await look(typed))).to.contain(user_code)
    expect((await approve(typed)).status).to.equal(200)
    expect((await poll(device_code)).status).to.equal(200)
  })

  it('is denied without a key, by whoever has the code; that is final, and in the installation’s trail', async () => {
    const { device_code, user_code } = await begin()
    const denied = await decide(user_code, 'deny')
    expect([denied.status, text(denied).includes('It got nothing')]).to.deep.equal([200, true])
    for (let i = 0; i < 2; i++) expect(await stateOf(device_code)).to.deep.equal([400, 'access_denied', 'login_denied'])
    expect((await approve(user_code)).status).to.equal(409)
    expect(await stateOf(device_code)).to.deep.equal([400, 'access_denied', 'login_denied'])
    const [event] = await world.installationAuditOf(denied.headers.get('x-request-id'))
    expect(event).to.deep.include({ type: 'login.deny', actor: { type: 'workload' } })
  })

  it('is told to slow down, while it waits and no longer', async () => {
    const { device_code, user_code } = await begin()
    const asked = [await stateOf(device_code), await stateOf(device_code), await stateOf(device_code)]
    expect(asked.map(([, error]) => error)).to.deep.equal(['authorization_pending', 'slow_down', 'slow_down'])
    await approve(user_code)
    expect((await poll(device_code)).status).to.equal(200)
  })

  it('makes one key, of however many who ask at once', async () => {
    const { device_code, user_code } = await begin()
    await approve(user_code)
    const answers = await Promise.all(Array.from({ length: 8 }, () => poll(device_code)))
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1)
    expect(new Set(answers.map(({ body }) => body.reason))).to.deep.equal(new Set([undefined, 'login_expired']))
  })

  it('is decided once, of however many who decide at once', async () => {
    const eve = await person('eve')
    const { device_code, user_code } = await begin()
    const deciding = [approve(user_code), approve(user_code, eve.key), decide(user_code, 'deny'), approve(user_code)]
    const statuses = (await Promise.all(deciding)).map(({ status }) => status)
    expect(statuses.sort()).to.deep.equal([200, 409, 409, 409])
    const { status, body } = await poll(device_code)
    expect(status === 200 || body.reason === 'login_denied', JSON.stringify(body.reason)).to.equal(true)
  })

  it('does not prolong what somebody was given: the key ends with the one that was shown', async () => {
    const until = Date.now() + 3_600_000
    const guest = await person('guest', until)
    const { device_code, user_code } = await begin({ key_lifetime: '7776000' })
    await approve(user_code, guest.key)
    const { expires_at, name } = await must(poll(device_code))
    expect(Date.parse(String(expires_at))).to.equal(until)
    expect(name).to.match(/^cli-[0-9a-z]{6}$/)
  })

  it('gives nothing any more when the key that was shown, or its person, is gone meanwhile', async () => {
    for (const what of ['/users/leaver/keys/first', '/users/leaver']) {
      const leaver = await person('leaver')
      const { device_code, user_code } = await begin()
      expect((await approve(user_code, leaver.key)).status).to.equal(200)
      await must(world.api('DELETE', what))
      expect(await stateOf(device_code), what).to.deep.equal([400, 'access_denied', 'login_denied'])
      await world.api('DELETE', '/users/leaver')
    }
  })

  describe('ends, and what it let in itself, when the key that let it in', () => {
    for (const [how, end] of [
      ['is deleted', (name: string) => world.api('DELETE', `/users/${name}/keys/first`)],
      [
        'is rotated at once',
        (name: string) => world.api('POST', `/users/${name}/keys/first/rotate`, { overlap_seconds: 0 }),
      ],
      [
        'is ended by whoever holds it',
        (_: string, token: string) => call(service, 'POST', '/oauth/revoke', { form: { token } }),
      ],
    ] as const)
      it(how, async () => {
        const name = `let-in-${how.replaceAll(' ', '-')}`
        const { key } = await person(name)
        const letIn = async (by: string) => {
          const { device_code, user_code } = await begin()
          await approve(user_code, by)
          return String((await must(poll(device_code))).api_key)
        }
        const first = await letIn(key)
        const second = await letIn(first)
        const token = String((await must(world.withKey(second))).access_token)
        await must(end(name, key))
        for (const secret of [key, first, second, token]) expect((await meOf(secret)).status).to.equal(401)
      })

    it('is rotated with an overlap: by its end', async () => {
      const { key } = await person('overlapping')
      const { device_code, user_code } = await begin()
      await approve(user_code, key)
      const { name } = await must(poll(device_code))
      await must(world.api('POST', '/users/overlapping/keys/first/rotate', { overlap_seconds: 3_600 }))
      const { expires_at } = await must(world.api('GET', `/users/overlapping/keys/${name}`))
      expect(Date.parse(String(expires_at))).to.be.closeTo(Date.now() + 3_600_000, 60_000)
    })
  })

  it('takes a key that lives shorter when the terminal asks for that, and refuses what is no such time', async () => {
    const { device_code, user_code } = await begin({ key_lifetime: '3600' })
    expect(text(await look(user_code))).to.contain('60 minutes')
    await approve(user_code)
    const { expires_at } = await must(poll(device_code))
    expect(Date.parse(String(expires_at))).to.be.closeTo(Date.now() + 3_600_000, 60_000)
    for (const key_lifetime of ['0', '299', '7776001', 'soon', '-300', '1e5'])
      expect((await call(service, 'POST', '/login/device', { form: { key_lifetime } })).body).to.include({
        error: 'invalid_request',
        reason: 'malformed_request',
      })
  })

  describe('the page', () => {
    it('runs no script, is in no frame, and sends its address nowhere else', async () => {
      const { user_code } = await begin()
      for (const answer of [await look(user_code), await call(service, 'GET', '/login/device')]) {
        expect(answer.status).to.equal(200)
        expect(text(answer)).to.contain('<form').and.not.contain('<script')
        const csp = String(answer.headers.get('content-security-policy'))
        expect(csp).to.contain("frame-ancestors 'none'").and.contain("form-action 'self'").and.not.contain('unsafe')
        expect(answer.headers.get('referrer-policy')).to.equal('same-origin')
        expect(answer.headers.get('cache-control')).to.equal('no-store')
      }
      expect((await call(service, 'GET', '/login/style.css')).headers.get('content-type')).to.contain('text/css')
    })

    it('says who asks, from where, what they get, and when not to approve', async () => {
      const { user_code } = await begin({ client_name: '<b>ada</b> & co' })
      const page = text(await look(user_code))
      for (const says of [user_code, 'only if you started this yourself', '127.0.0.1', agent['user-agent'], '30 days'])
        expect(page).to.contain(says)
      expect(page).to.contain('&#60;b&#62;ada').and.not.contain('<b>')
      expect(page).to.contain('type="password"').and.contain('autocomplete="off"')
      expect(page).to.not.contain('role="alert"')
    })

    it('takes no name that hides something, and none that is a secret', async () => {
      for (const client_name of ['a\u202eb', 'a\nb', 'a\u200bb', 'x'.repeat(81)]) {
        const { status, body } = await call(service, 'POST', '/login/device', { form: { client_name } })
        expect([status, body.reason], JSON.stringify(client_name)).to.deep.equal([400, 'malformed_request'])
      }
      const { user_code } = await begin({ client_name: ada.key })
      expect(text(await look(user_code))).to.contain('[redacted]')
    })

    it('asks for the code where there is none, and says when nothing waits under it', async () => {
      for (const code of ['BBBB-BBBB', 'AEIO-UUUU', 'x', 'B'.repeat(500), '<b>']) {
        const answer = await look(code)
        expect(answer.status, code).to.equal(404)
        expect(text(answer)).to.contain('role="alert"').and.contain('name="user_code"').and.not.contain('<b>')
      }
    })

    it('refuses a wrong key, and keys that are nobody’s, and the login waits on', async () => {
      const { device_code, user_code } = await begin()
      const wrong = `csk_${'a'.repeat(49)}`
      const server = await resourceServer(world, 'tracker')
      const token = String((await must(world.withKey(ada.key))).access_token)
      for (const [key, says] of [
        ['', 'Type an API key of yours'],
        [wrong, 'This API key is unknown, expired or revoked'],
        ['x', 'This API key is unknown, expired or revoked'],
        [world.apiKey, 'Only a person can let a terminal in'],
        [server.secret, 'Only a person can let a terminal in'],
        [service.operatorKey, 'Only a person can let a terminal in'],
        [token, 'This is an access token'],
      ] as const) {
        const answer = await approve(user_code, key)
        expect(answer.status, says).to.equal(403)
        expect(text(answer)).to.contain(says).and.contain(user_code)
        if (key.length > 1) expect(text(answer)).to.not.contain(key)
      }
      expect(await stateOf(device_code)).to.deep.equal([400, 'authorization_pending', 'login_pending'])
    })

    it('decides nothing that was not asked', async () => {
      const { device_code, user_code } = await begin()
      expect((await decide(user_code, 'perhaps', ada.key)).status).to.equal(400)
      expect(
        (await call(service, 'POST', '/login/approve', { form: { user_code, api_key: ada.key } })).status,
      ).to.equal(400)
      expect((await call(service, 'POST', '/login/approve', { json: { user_code } })).status).to.equal(404)
      expect(await stateOf(device_code)).to.deep.equal([400, 'authorization_pending', 'login_pending'])
    })

    it('is heard from no other site', async () => {
      const { device_code, user_code } = await begin()
      for (const headers of [
        { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
      ]) {
        const answer = await decide(user_code, 'approve', ada.key, headers)
        expect([answer.status, answer.body.reason]).to.deep.equal([403, 'cross_site'])
        expect((await decide(user_code, 'deny', '', headers)).status).to.equal(403)
        const began = await call(service, 'POST', '/login/device', { form: {}, headers })
        expect([began.status, began.body.reason]).to.deep.equal([403, 'cross_site'])
      }
      expect(await stateOf(device_code)).to.deep.equal([400, 'authorization_pending', 'login_pending'])
      const own = { origin: service.url, 'sec-fetch-site': 'same-origin' }
      expect((await decide(user_code, 'approve', ada.key, own)).status).to.equal(200)
    })
  })

  it('knows no other device code, and reads each request as one', async () => {
    for (const [form, status, error] of [
      [{ device_code: 'x' }, 400, 'expired_token'],
      [{}, 400, 'invalid_request'],
    ] as const)
      expect((await call(service, 'POST', '/login/device/token', { form })).body).to.include({ error }, String(status))
    const twice = {
      text: 'device_code=a&device_code=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }
    expect((await call(service, 'POST', '/login/device/token', twice)).body.reason).to.equal('parameter_repeated')
    for (const path of ['/login/device/token', '/login/approve'])
      expect((await call(service, 'GET', path)).status).to.equal(405)
    expect((await call(service, 'PUT', '/login/device')).status).to.equal(405)
  })

  // On PostgreSQL its clock counts, and a step of ours is taken back within seconds.
  itEmbedded('ends after ten minutes, approved or not', async () => {
    const [waiting, approved] = [await begin(), await begin()]
    expect((await approve(approved.user_code)).status).to.equal(200)
    stepClock(service.process)
    await until(async () => (await look(waiting.user_code)).status === 404)
    for (const { device_code } of [waiting, approved])
      expect(await stateOf(device_code)).to.deep.equal([400, 'expired_token', 'login_expired'])
    expect((await approve(waiting.user_code)).status).to.equal(404)
    stepClock(service.process)
  })
})

describe('journey: guessing at logins', () => {
  const limit = 20
  let service: Service
  beforeEach(async () => {
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: String(limit), TRUST_PROXY: '127.0.0.1' } })
  })
  afterEach(() => service?.close())
  const from = (ip: string) => ({ 'x-forwarded-for': ip })
  const begin = (ip = '203.0.113.1') => call(service, 'POST', '/login/device', { form: {}, headers: from(ip) })

  for (const [what, ask] of [
    ['logins begun', begin],
    [
      'device codes',
      () => call(service, 'POST', '/login/device/token', { form: { device_code: 'x' }, headers: from('203.0.113.1') }),
    ],
    [
      'codes of persons',
      () => call(service, 'GET', '/login/device?user_code=BBBBBBBB', { headers: from('203.0.113.1') }),
    ],
    [
      'keys on the page',
      async () => {
        const { body } = await begin(`203.0.113.${10 + Math.floor(Math.random() * 200)}`)
        const form = { user_code: String(body.user_code), decision: 'approve', api_key: 'x' }
        return call(service, 'POST', '/login/approve', { form, headers: from('203.0.113.1') })
      },
    ],
  ] as const)
    it(`${what}: 429 after so many of one address, and no other address is told so`, async () => {
      const statuses = []
      for (let i = 0; i <= limit; i++) statuses.push((await ask()).status)
      expect(statuses.slice(0, limit)).to.not.include(429)
      expect(statuses.at(-1)).to.equal(429)
      expect((await begin('203.0.113.2')).status).to.equal(200)
    })

  it('warns on the page of a login that was begun at another address', async () => {
    const { body } = await begin('203.0.113.7')
    const page = async (ip: string) =>
      String((await call(service, 'GET', `/login/device?user_code=${body.user_code}`, { headers: from(ip) })).body.text)
    expect(await page('203.0.113.7')).to.not.contain('role="alert"')
    expect(await page('198.51.100.9'))
      .to.contain('role="alert"')
      .and.contain('198.51.100.9')
  })
})

describe('journey: a flood of logins', () => {
  it('a hundred of one address wait at once, and no more; others still begin theirs', async () => {
    const service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0', TRUST_PROXY: '127.0.0.1' } })
    try {
      const begin = (ip: string) =>
        call(service, 'POST', '/login/device', { form: {}, headers: { 'x-forwarded-for': ip } })
      for (let i = 0; i < 100; i++) expect((await begin('2001:db8::1')).status).to.equal(200)
      const full = await begin('2001:db8::2')
      expect([full.status, full.body.reason]).to.deep.equal([429, 'rate_limited'])
      expect(full.headers.get('retry-after')).to.equal('60')
      expect((await begin('2001:db8:0:1::1')).status).to.equal(200)
    } finally {
      await service.close()
    }
  })
})

async function until(is: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) if (await is()) return
  throw new Error('it did not come about')
}
