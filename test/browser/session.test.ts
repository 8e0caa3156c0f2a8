/** Sessions as a person meets them: one that ends beneath a form, a second tab, another site that sends something. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Window } from '../support/browser.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

describe('browser: sessions', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let world: World
  let window: Window
  before(async () => {
    await ensureConsole()
    provider = await startProvider()
    service = await startService({ env: { ISSUER_NETWORK: 'any' } })
    world = await createWorld(service, provider)
    window = await openBrowser()
  })
  after(async () => {
    await window?.close()
    await service?.close()
    await provider?.close()
  })

  it('says no to a wrong key, and keeps who asks where they are', async () => {
    const tab = await window.tab(service)
    const page = await tab.go('/acme/users')
    await page
      .getByLabel('API key')
      .first()
      .fill(`csk_${'a'.repeat(49)}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    expect(await page.getByRole('alert').textContent()).to.match(/unknown, expired, revoked/)
    expect(await tab.axe()).to.equal('')
    await tab.close()
  })

  it('goes nowhere else after a sign-in, whatever the address asks for', async () => {
    for (const elsewhere of ['//evil.example/', '/\\evil.example', 'https://evil.example/', 'javascript:alert(1)']) {
      const tab = await window.tab(service)
      const page = await tab.go(`/sign-in?return_to=${encodeURIComponent(elsewhere)}`)
      await page.getByLabel('API key').first().fill(world.adminKey)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'acme', level: 1 }).waitFor()
      expect(page.url(), elsewhere).to.equal(`${service.url}/acme`)
      await tab.close()
    }
  })

  it('asks to sign in again over the page when the session ends, and keeps what was typed', async () => {
    const tab = await window.tab(service, { key: world.adminKey })
    const page = await tab.go('/acme/settings')
    await page.getByLabel('Display name').fill('Acme & Sons')
    // Ended somewhere else: by the API, as another browser of theirs would.
    const { session } = await (await tab.context.request.get('/session')).json()
    await tab.context.request.delete('/session', { headers: { 'X-CSRF-Token': session.csrf_token } })
    await page.getByRole('button', { name: 'Save' }).click()
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
    await dialog.waitFor()
    expect(await tab.axe()).to.equal('')
    await dialog.getByLabel('API key').first().fill(world.adminKey)
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
    await dialog.waitFor({ state: 'hidden' })
    expect(await page.getByLabel('Display name').inputValue()).to.equal('Acme & Sons')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The display name is saved.').waitFor()
    await world.api('PATCH', '', { display_name: null })
    await tab.close()
  })

  it('lists the sessions of whoever is signed in, and ends one in another browser at once', async () => {
    await world.make('/users', { username: 'bea', email: 'bea@acme.example', role: 'admin' })
    const key = String((await world.make('/users/bea/keys', {})).secret)
    const mine = await window.tab(service, { key })
    const other = await window.tab(service, { key })
    const there = await other.go('/acme/users')
    const page = await mine.go('/profile')
    const rows = page.getByRole('list', { name: 'Sessions' }).getByRole('listitem')
    expect(await rows.count()).to.equal(2)
    expect(await rows.filter({ hasText: 'This one' }).count()).to.equal(1)
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await page.getByText('All other sessions have ended.').waitFor()
    await rows.nth(1).waitFor({ state: 'detached' })
    await there.getByRole('link', { name: 'Service accounts' }).click()
    await there.getByRole('dialog', { name: 'Your session has ended' }).waitFor()
    await mine.close()
    await other.close()
  })

  it('signs out in every tab, and the way back shows nothing', async () => {
    const tab = await window.tab(service, { key: world.adminKey })
    const page = await tab.go('/acme/users')
    const second = await tab.second()
    await second.goto('/acme/issuers')
    await settled(second)
    await page.getByRole('button', { name: 'acme-root' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await page.getByText('root@acme.example').count()).to.equal(0)
    await second.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await second.getByRole('link', { name: 'Users' }).count()).to.equal(0)
    await tab.close()
  })

  it('does nothing for a page of another site, by form or by script', async () => {
    const tab = await window.tab(service, { key: world.adminKey, expected: /./ })
    const target = `${service.url}/api/v1/orgs/acme/teams`
    const site = createServer((_req, res) => {
      res.setHeader('Content-Type', 'text/html')
      res.end(`<!doctype html><title>evil</title>
<form method="post" action="${service.url}/session" enctype="text/plain"><input name='{"api_key":"x","y":"' value='"}'></form>
<form id="api" method="post" action="${target}" enctype="text/plain"><input name='{"name":"pwned"}' value=""></form>`)
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    const evil = `http://localhost:${(site.address() as AddressInfo).port}/`
    const page = tab.page
    const answers: number[] = []
    page.on('response', (response) => {
      if (response.url() === target) answers.push(response.status())
    })
    await page.goto(evil)
    await page.evaluate(
      `fetch(${JSON.stringify(target)}, { method: 'POST', credentials: 'include', mode: 'no-cors', body: '{"name":"pwned"}' }).catch(() => {})`,
    )
    await Promise.all([page.waitForNavigation(), page.evaluate(`document.getElementById('api').submit()`)])
    expect(answers.length).to.be.greaterThan(0)
    for (const status of answers) expect(status).to.be.within(400, 499)
    expect((await world.api('GET', '/teams/pwned')).status).to.equal(404)
    await new Promise((resolve) => site.close(resolve))
    await tab.close()
  })

  it('carries the token against other sites with every deed, and is refused without it', async () => {
    const tab = await window.tab(service, { key: world.adminKey })
    const page = await tab.go('/acme/settings')
    const sent = page.waitForRequest((request) => request.method() === 'PATCH')
    await page.getByLabel('Display name').fill('Acme')
    await page.getByRole('button', { name: 'Save' }).click()
    expect((await sent).headers()['x-csrf-token']).to.match(/^[\w-]{32,}$/)
    await page.getByText('The display name is saved.').waitFor()
    const answer = await page.evaluate<number>(
      `fetch('/api/v1/orgs/acme', { method: 'PATCH', headers: { 'Content-Type': 'application/merge-patch+json' }, body: '{"display_name":"by nobody"}' }).then((answer) => answer.status)`,
    )
    expect(answer).to.equal(403)
    expect((await world.api('GET', '')).body.display_name).to.equal('Acme')
    await tab.close()
  })

  it('shows hostile names as what they are', async () => {
    const hostile = '<img src=x onerror="document.title=\'pwned\'">'
    await world.api('PATCH', '', { display_name: hostile })
    await world.make('/teams', { name: 'hostile', display_name: hostile })
    const tab = await window.tab(service, { key: world.adminKey })
    for (const path of ['/acme', '/acme/settings', '/acme/teams', '/acme/hostile/service-accounts', '/profile']) {
      const page = await tab.go(path)
      expect(await page.title(), path).to.not.equal('pwned')
      expect(await page.locator('img').count(), path).to.equal(0)
    }
    await tab.close()
  })
})
