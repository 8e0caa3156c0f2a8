/** The console of an installation whose PUBLIC_URL has a path, reached directly and by its own provider. */
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Window } from '../support/browser.ts'
import { freePort } from '../support/free-port.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

describe('browser: below a path', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let world: World
  let window: Window
  before(async () => {
    await ensureConsole()
    provider = await startProvider()
    const port = await freePort()
    service = await startService({
      env: { ISSUER_NETWORK: 'any', PORT: `${port}`, PUBLIC_URL: `http://127.0.0.1:${port}/identity` },
    })
    world = await createWorld(service, provider)
    window = await openBrowser()
  })
  after(async () => {
    await window?.close()
    await service?.close()
    await provider?.close()
  })

  it('lets in to where one wanted to go, and stays below it', async () => {
    const tab = await window.tab(service)
    const page = await tab.go('/identity/acme/service-accounts?q=tr')
    await page.getByLabel('API key').first().fill(world.adminKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Service accounts', level: 1 }).waitFor()
    await settled(page)
    expect(page.url()).to.equal(`${service.url}/identity/acme/service-accounts?q=tr`)
    await page.getByRole('link', { name: 'trainer' }).click()
    await page.getByRole('heading', { name: 'trainer', level: 1 }).waitFor()
    expect(page.url()).to.match(/\/identity\/acme\/ml\/service-accounts\/trainer/)
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('A page, a name, or a request id').fill('users')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/identity/acme/users')
    await tab.close()
  })

  it('is found from the root, too', async () => {
    const tab = await window.tab(service, { key: world.adminKey })
    const page = await tab.go('/')
    await page.getByRole('heading', { name: 'acme', level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).to.equal('/identity/acme')
    await tab.close()
  })
})
