/**
 * Pictures of every page, 1440 and 390 px wide, light and dark: `npm run screenshots`, into screenshots/. With --docs, the
 * few that docs and README show, into docs/pictures.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser } from '../support/browser.ts'
import { createConsoleWorld } from '../support/console-world.ts'
import { startProvider } from '../support/identity-provider.ts'
import { root, startService } from '../support/server.ts'

const isForDocs = process.argv.includes('--docs')
const shown = ['service-accounts', 'new-team-service-account', 'exchange', 'policy-from-refusal', 'exchanges', 'issuer']
const folder = join(root, isForDocs ? 'docs/pictures' : 'screenshots')
mkdirSync(folder, { recursive: true })

await ensureConsole()
const provider = await startProvider()
const service = await startService({ env: { ISSUER_NETWORK: 'any' } })
const world = await createConsoleWorld(service, provider)
const window = await openBrowser()

async function shoot(key: string | undefined, pages: Record<string, string>): Promise<void> {
  for (const scheme of isForDocs ? (['light'] as const) : (['light', 'dark'] as const))
    for (const width of isForDocs ? [1440] : [1440, 390]) {
      const tab = await window.tab(service, { scheme, width, ...(key === undefined ? {} : { key }) })
      for (const [name, path] of Object.entries(pages)) {
        if (isForDocs && !shown.includes(name)) continue
        const page = await tab.go(path)
        await page.evaluate('document.fonts.ready')
        const file = isForDocs ? `${name}.png` : `${name}-${width}-${scheme}.png`
        await page.screenshot({ path: join(folder, file), fullPage: !isForDocs })
        process.stdout.write(`${file}\n`)
      }
      await tab.close()
    }
}

await shoot(world.adminKey, world.pages)
await shoot(service.operatorKey, { installation: '/installation' })
await shoot(undefined, { 'sign-in': '/sign-in' })
await window.close()
await service.close()
await provider.close()
process.exit(0)
