/** The console's frame: signing in, finding one's way, and what holds for every page. */
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Window } from '../support/browser.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

describe('browser: the frame', function () {
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

  it('lets in who has a key, and shows where they wanted to go', async () => {
    const tab = await window.tab(service)
    const page = await tab.go('/acme/service-accounts')
    await page.getByLabel('API key').first().fill(world.adminKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Service accounts', level: 1 }).waitFor()
    await settled(page)
    expect(await page.getByRole('link', { name: 'trainer' }).count()).to.equal(1)
    expect(await tab.axe()).to.equal('')
    await tab.close()
  })

  for (const scheme of ['light', 'dark'] as const)
    it(`is gone through by a few letters, and by the menu of whoever is signed in, ${scheme}`, async () => {
      const tab = await window.tab(service, { key: world.adminKey, scheme })
      const page = await tab.go('/acme/users')
      await page.keyboard.press('Control+k')
      const field = page.getByPlaceholder('A page, a name, or a request id')
      await field.fill('trai')
      await page.getByText('Service account of ml').waitFor()
      expect(await tab.axe()).to.equal('')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'trainer', level: 1 }).waitFor()
      // An exchange, by the request id that a job has printed.
      const { body } = await world.exchange(world.token({ sub: 'nobody' }))
      await page.getByRole('button', { name: /^Go to/ }).click()
      await field.fill(`refused: ${body.request_id}`)
      await page.getByText('Exchange', { exact: true }).waitFor()
      await page.keyboard.press('Enter')
      await page.waitForURL(`**/acme/exchanges/${body.request_id}`)
      await settled(page)
      await page.getByRole('button', { name: 'acme-root' }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).waitFor()
      expect(await tab.axe()).to.equal('')
      await tab.close()
    })
})
