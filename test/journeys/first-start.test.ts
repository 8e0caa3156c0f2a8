/** The first start: a link, a page, an organization, a key; once. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, type Shown } from '../support/browser-session.ts'
import { itEmbedded } from '../support/embedded.ts'
import { call, type Service, startService } from '../support/server.ts'

const form = { name: 'acme', username: 'ada', email: 'ada@acme.example' }

describe('journey: the first start', () => {
  let service: Service
  let link: string
  before(async () => {
    await ensureConsole()
    service = await startService({ env: { OPERATOR_KEY: '' } })
    link = String(service.lines.find(({ setup_url }) => setup_url)?.setup_url).replace(service.publicUrl, '')
  })
  after(() => service?.close())

  itEmbedded('keeps its secrets to itself', () => {
    expect(statSync(join(service.dataDir, 'master.key')).mode & 0o777).to.equal(0o600)
  })

  it('opens the console, which runs nothing but its own script', async () => {
    const page = await call(service, 'GET', link)
    expect(page.status).to.equal(200)
    expect(page.body.text).to.match(/<script type="module"[^>]* src="\/assets\/[\w-]+\.js"><\/script>/)
    expect(page.body.text).to.not.contain(link.split('/').at(-1))
    const policy = page.headers.get('content-security-policy')
    expect(policy).to.contain("default-src 'none'").and.contain("script-src 'self';").and.not.contain('unsafe')
    expect(page.headers.get('referrer-policy')).to.equal('no-referrer')
    expect((await call(service, 'GET', '/setup/style.css')).status).to.equal(200)
  })

  it('is a page for browsers alone: a program that asks for what is not there is told so', async () => {
    const asked = async (path: string, accept: string) => {
      const { status, headers } = await call(service, 'GET', path, { headers: { accept } })
      return `${status} ${headers.get('content-type')?.split(';')[0]}`
    }
    expect(await asked('/acme/teams', 'text/html,application/xhtml+xml,*/*;q=0.8')).to.equal('200 text/html')
    for (const [path, accept] of [
      ['/acme/teams', '*/*'],
      ['/acme/teams', 'application/json, text/html;q=0'],
      ['/api/v1/typo', 'text/html'],
      ['/API/v1/typo', 'text/html'],
      ['/assets/..%2findex.html', 'text/html'],
    ] as const)
      expect(await asked(path, accept), `${path} ${accept}`).to.equal('404 application/problem+json')
  })

  it('keeps what was typed, escaped, when something does not fit, and the link lives', async () => {
    const answer = await call(service, 'POST', link, { form: { ...form, name: '"><b>Bad' } })
    expect(answer.status).to.equal(422)
    expect(answer.body.text).to.contain('&#34;&#62;&#60;b&#62;Bad').and.contain('role="alert"').and.not.contain('<b>')
  })

  it('says what is missing when nothing was sent at all', async () => {
    for (const type of ['text/plain', 'application/json']) {
      const response = await fetch(service.url + link, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{}',
      })
      expect(response.status, type).to.equal(422)
    }
  })

  it('says no to a wrong link', async () => {
    expect((await call(service, 'GET', '/setup/wrong')).body).to.include({ status: 404, reason: 'setup_link_invalid' })
    expect((await call(service, 'POST', '/setup/wrong', { form })).status).to.equal(409)
  })

  it('makes the organization and its admin once, of many who try at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => call(service, 'POST', link, { form: { ...form, name: `acme-${i}` } })),
    )
    const done = answers.filter(({ status }) => status === 200)
    expect(done).to.have.length(1)
    const key = /csk_[0-9A-Za-z]{49}/.exec(String(done[0]?.body.text))?.[0] as string
    // Whoever has no script is signed in too, and none of the others is.
    const cookies = answers.flatMap(({ headers }) => headers.getSetCookie())
    const port = new URL(service.publicUrl).port
    expect(cookies).to.have.length(1)
    expect(cookies[0]).to.match(
      new RegExp(`^countersign-${port}=[\\w-]{43}; Max-Age=43200; Path=/; HttpOnly; SameSite=Lax$`),
    )
    const browser = openBrowser(service)
    if (done[0]) browser.keep(done[0])
    expect(await browser.session())
      .to.include({ signed_in_by: 'set_up_link' })
      .and.have.nested.include({ 'me.name': 'ada' })
    const me = await call(service, 'GET', '/api/v1/me', { secret: key })
    expect(me.body).to.include({ type: 'user', name: 'ada', role: 'admin' })
    expect((await call(service, 'GET', link)).status).to.equal(404)
    const events = await call(service, 'GET', `/api/v1/orgs/${me.body.org}/audit-events`, { secret: key })
    expect((events.body.items as { type: string }[]).map(({ type }) => type)).to.include.members([
      'organization.create',
      'user.create',
      'api_key.create',
    ])
  })

  it('is no way in any more once the operator has made an organization', async () => {
    const first = await startService({ env: { OPERATOR_KEY: '' } })
    const early = String(first.lines.find(({ setup_url }) => setup_url)?.setup_url).replace(first.publicUrl, '')
    await first.stop()
    const second = await startService({ dataDir: first.dataDir })
    try {
      await call(second, 'POST', '/api/v1/orgs', { secret: second.operatorKey, json: { name: 'prod' } })
      expect((await call(second, 'GET', early)).status).to.equal(404)
      expect((await call(second, 'POST', early, { form })).body.text).to.not.contain('csk_')
    } finally {
      await second.close()
    }
  })

  it('offers no link at the next start', async () => {
    await service.stop()
    const again = await startService({ env: { OPERATOR_KEY: '' }, dataDir: service.dataDir })
    await call(again, 'GET', '/readyz')
    expect(again.lines.some(({ setup_url }) => setup_url)).to.equal(false)
    expect(await again.stop()).to.equal(0)
  })
})

describe('journey: the first start, in the console', () => {
  let service: Service
  let link: string
  before(async () => {
    service = await startService({ env: { OPERATOR_KEY: '' } })
    link = String(service.lines.find(({ setup_url }) => setup_url)?.setup_url).replace(service.publicUrl, '')
  })
  after(() => service?.close())

  it('is waited for', async () => {
    expect((await call(service, 'GET', '/session')).body).to.deep.equal({
      session: null,
      methods: { sso: null, set_up: true },
    })
  })

  it('says which fields do not fit, and the link lives', async () => {
    const { status, body } = await call(service, 'POST', link, { json: { ...form, email: 'x' } })
    expect([status, body.reason]).to.deep.equal([422, 'body_invalid'])
    expect((body.errors as { path: string }[]).map(({ path }) => path)).to.deep.equal(['email'])
    const wrong = await call(service, 'POST', '/setup/wrong', { json: form })
    expect([wrong.status, wrong.body.reason]).to.deep.equal([404, 'setup_link_invalid'])
  })

  it('makes the organization, and its admin is signed in; as long as the key that was made lives', async () => {
    const browser = openBrowser(service)
    const { status, body } = await browser.ask('POST', link, { json: form })
    expect(status).to.equal(201)
    expect(body).to.have.keys('organization', 'api_key', 'session', 'methods')
    expect(body.organization).to.include({ name: 'acme' })
    expect(body.methods).to.deep.equal({ sso: null, set_up: false })
    const session = (await browser.session()) as Shown
    expect(session).to.include({ signed_in_by: 'set_up_link', id: (body.session as Shown).id })
    expect(session.me).to.include({ type: 'user', name: 'ada', role: 'admin', org: 'acme' })
    expect((await browser.ask('POST', '/api/v1/orgs/acme/teams', { json: { name: 'ml' } })).status).to.equal(201)
    const again = await call(service, 'POST', link, { json: form })
    expect([again.status, again.body.reason]).to.deep.equal([404, 'setup_link_invalid'])
    const keys = (await browser.ask('GET', '/api/v1/orgs/acme/users/ada/keys')).body.items as { id: string }[]
    await browser.ask('DELETE', `/api/v1/orgs/acme/users/ada/keys/${keys[0]?.id}`)
    expect((await browser.me()).status).to.equal(401)
  })
})
