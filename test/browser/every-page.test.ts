/** What holds for every page of the console, in light and dark, wide and narrow. */
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, type Window } from '../support/browser.ts'
import { type ConsoleWorld, createConsoleWorld } from '../support/console-world.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'
import { shiftOf, still, watchingShifts } from '../support/shifts.ts'

const ways = [
  { scheme: 'light', width: 1440 },
  { scheme: 'dark', width: 390 },
  { scheme: 'dark', width: 1440 },
  { scheme: 'light', width: 390 },
] as const

describe('browser: every page', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let world: ConsoleWorld
  let window: Window
  before(async () => {
    await ensureConsole()
    provider = await startProvider()
    service = await startService({ env: { ISSUER_NETWORK: 'any' } })
    // Markup wherever somebody may write: whatever of it is not text would change the title.
    world = await createConsoleWorld(service, provider, { hostile: true })
    window = await openBrowser()
  })
  after(async () => {
    await window?.close()
    await service?.close()
    await provider?.close()
  })

  for (const { scheme, width } of ways)
    it(`is accessible, fits, moves nothing by itself, and shows markup as text: ${scheme}, ${width} px`, async () => {
      const wrong: string[] = []
      const look = async (key: string | undefined, pages: Record<string, string>) => {
        const tab = await window.tab(service, { scheme, width, ...(key === undefined ? {} : { key }) })
        await tab.page.addInitScript(watchingShifts)
        for (const [name, path] of Object.entries(pages)) {
          const page = await tab.go(path)
          const { score, of } = await shiftOf(page)
          if (score >= still) wrong.push(`${name}: moved by itself: ${of.join('; ')}`)
          const found = await tab.axe()
          if (found) wrong.push(`${name}: ${found}`)
          const over = await page.evaluate<number>(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          )
          if (over > 0) wrong.push(`${name}: ${over} px too wide`)
          if ((await page.title()) === 'pwned' || (await page.locator('img').count()) > 0) wrong.push(`${name}: markup`)
          if (!/ · Countersign$/.test(await page.title())) wrong.push(`${name}: its title is ${await page.title()}`)
          if ((await page.getByText('The page cannot be shown').count()) > 0) wrong.push(`${name}: cannot be shown`)
        }
        await tab.close()
      }
      await look(world.adminKey, world.pages)
      await look(service.operatorKey, { installation: '/installation' })
      await look(undefined, { 'sign-in': '/sign-in', 'sign-in-failed': '/sign-in?sso_error=sso_person_unknown' })
      expect(wrong.join('\n')).to.equal('')
    })
})
