/** A form while the service is away, busy, or has lost what is being changed: what was typed stays, and goes through later. */
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, signIn, type Tab, type Window } from '../support/browser.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

describe('browser: while the service is away', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let world: World
  let window: Window
  let tab: Tab
  let page: Page
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
  beforeEach(async () => {
    // The browser says so of every answer that failed; the page does too, which is looked at.
    tab = await window.tab(service, { key: world.adminKey, expected: /ERR_INTERNET_DISCONNECTED|status of 503/ })
    page = tab.page
  })
  afterEach(() => tab.close())

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const name = () => page.getByRole('dialog').getByRole('textbox', { name: 'Name', exact: true })

  it('a new account keeps its name through a lost network, a limit and an overload, and is made after them', async () => {
    await tab.go('/acme/ml/service-accounts?new=1')
    await name().fill('patient')
    await page.getByLabel('Description').fill('waits')
    await tab.context.setOffline(true)
    await button('Create').click()
    await page.getByText(/cannot be reached/).waitFor()
    expect(await tab.axe()).to.equal('')
    await tab.context.setOffline(false)
    for (const [status, title] of [
      [429, 'too many requests'],
      [503, 'the service is overloaded'],
    ] as const) {
      await page.route('**/api/v1/**/service-accounts', (route) =>
        route.request().method() === 'POST'
          ? route.fulfill({
              status,
              json: { reason: 'busy', title, detail: title, status },
              headers: { 'retry-after': '1' },
            })
          : route.continue(),
      )
      await button('Create').click()
      await page.getByText(title).waitFor()
      await page.unroute('**/api/v1/**/service-accounts')
      expect(await name().inputValue()).to.equal('patient')
      expect(await page.getByLabel('Description').inputValue()).to.equal('waits')
    }
    await button('Create').click()
    await page.getByRole('heading', { name: 'patient is created' }).waitFor()
    expect(await must(world.api('GET', '/teams/ml/service-accounts/patient'))).to.include({ description: 'waits' })
  })

  it('what was deleted meanwhile says so, and leads back', async () => {
    await world.make('/teams/ml/service-accounts', { name: 'fleeting', method: 'api_key' })
    await tab.go('/acme/ml/service-accounts/fleeting')
    await button('Edit').click()
    await page.getByLabel('Description').fill('typed too late')
    await must(world.api('DELETE', '/teams/ml/service-accounts/fleeting'))
    await button('Save').click()
    await page.getByRole('dialog').getByRole('alert').waitFor()
    expect(await page.getByLabel('Description').inputValue()).to.equal('typed too late')
    await button('Cancel').click()
    await page.reload()
    await page.getByRole('alert').waitFor()
    await settled(page)
    await page.getByRole('link', { name: 'Service accounts of ml' }).click()
    await page.getByRole('link', { name: 'robot', exact: true }).waitFor()
    expect(await page.getByRole('link', { name: 'fleeting', exact: true }).count()).to.equal(0)
  })

  it('a panel has an address: the way back closes it, Escape does, and the focus is where it was', async () => {
    await tab.go('/acme/ml/service-accounts')
    const open = page.getByRole('link', { name: 'New service account' })
    await open.focus()
    await page.keyboard.press('Enter')
    await name().waitFor()
    expect(await name().evaluate((it) => it === it.ownerDocument.activeElement)).to.equal(true)
    await page.goBack()
    await name().waitFor({ state: 'detached' })
    expect(new URL(page.url()).search).to.equal('')
    await page.goForward()
    await name().waitFor()
    await page.keyboard.press('Escape')
    await name().waitFor({ state: 'detached' })
    expect(new URL(page.url()).search).to.equal('')
    await open.focus()
    await page.keyboard.press('Enter')
    await name().waitFor()
    await page.keyboard.press('Escape')
    await name().waitFor({ state: 'detached' })
    await page.locator('a:focus', { hasText: 'New service account' }).waitFor()
    // A dialog too.
    await tab.go('/acme/ml/service-accounts/robot')
    await button('Rotate first').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.locator('[aria-label="Rotate first"]:focus').waitFor()
  })

  it("a tab that is another's now shows nothing of whoever was there before", async () => {
    await tab.go('/acme/ml/service-accounts')
    await page.getByRole('link', { name: 'robot', exact: true }).waitFor()
    const { api_key } = (await must(
      world.api('POST', '/teams/ml/service-accounts', { name: 'visitor', method: 'api_key' }),
    )) as { api_key: string }
    const other = await tab.second()
    await signIn(tab.context, service, api_key)
    await other.goto('/acme')
    await other.getByText('Your teams').waitFor()
    // As the console of the tab says it that has signed somebody in.
    await other.evaluate(`new BroadcastChannel('countersign-session').postMessage('changed')`)
    await page.getByText('Your teams').waitFor()
    expect(await page.getByRole('link', { name: 'robot', exact: true }).count()).to.equal(0)
  })
})
