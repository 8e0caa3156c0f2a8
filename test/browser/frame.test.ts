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
    it(`is accessible, ${scheme}, wide and narrow`, async () => {
      for (const width of [1440, 390]) {
        const tab = await window.tab(service, { key: world.adminKey, scheme, width })
        for (const path of ['/acme/service-accounts', '/acme']) {
          await tab.go(path)
          expect(await tab.axe(), `${path} ${width}`).to.equal('')
        }
        await tab.close()
      }
      const tab = await window.tab(service, { scheme })
      await tab.go('/sign-in')
      expect(await tab.axe()).to.equal('')
      await tab.close()
    })
})
