/** What a page may cost: script that is loaded, rows that are in the page, questions that are asked. Nothing here is timed. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { ensureConsole } from '../../bin/build-console.js'
import { digestOf, formatApiKey } from '../../src/server/accounts/api-key.ts'
import { openStorage } from '../../src/server/storage/open.ts'
import { openBrowser, settled, type Window } from '../support/browser.ts'
import { accountOf, keyOf, organization, teamOf, userOf } from '../support/nouns.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'

const mostScript = 250_000
const accounts = 1_230
const perPage = 100

describe('browser: what a page may cost', function () {
  this.timeout(installing)
  let service: Service
  let window: Window
  const key = formatApiKey(randomBytes(32))
  before(async () => {
    await ensureConsole()
    const dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
    const storage = await openStorage({ dataDir })
    await storage.transaction(async ({ organizations, teams, users, keys, serviceAccounts }) => {
      const org = organization('acme')
      const team = teamOf(org.id)
      const admin = userOf(org.id, 'root', { role: 'admin' })
      await organizations.insert(org)
      await teams.insert(team)
      await users.insert(admin)
      await keys.insert(keyOf(org.id, 'user', admin.id, digestOf(key)))
      for (let i = 0; i < accounts; i++) await serviceAccounts.insert(accountOf(team, `deploy-${i}`))
    })
    await storage.close()
    service = await startService({ dataDir })
    window = await openBrowser()
  })
  after(async () => {
    await window?.close()
    await service?.close()
  })

  const list = '/acme/service-accounts'
  /** Whatever script the page has fetched: its text, and its bytes as they came. */
  async function loaded(path: string, secret?: string): Promise<{ bytes: number; names: string[]; plain: number }> {
    const tab = await window.tab(service, secret === undefined ? {} : { key: secret })
    const texts: Promise<string>[] = []
    tab.page.on('response', (answer) => {
      if (answer.url().endsWith('.js')) texts.push(answer.text())
    })
    await tab.go(path)
    await tab.page.waitForLoadState('networkidle')
    const found = await tab.page.evaluate<{ name: string; bytes: number }[]>(`performance.getEntriesByType('resource')
      .filter(({ name }) => name.endsWith('.js'))
      .map(({ name, encodedBodySize }) => ({ name, bytes: encodedBodySize }))`)
    const plain = (await Promise.all(texts)).join('').length
    await tab.close()
    return { bytes: found.reduce((sum, { bytes }) => sum + bytes, 0), names: found.map(({ name }) => name), plain }
  }

  const lists = ['teams', 'users', 'issuers', 'resource-servers', 'exchanges', 'audit', 'hygiene']
  it('the first page loads at most 250 KB of script, compressed, whichever it is', async () => {
    const pages = [['/sign-in'], ...['/acme', list, ...lists.map((one) => `/acme/${one}`)].map((one) => [one, key])]
    for (const [path = '', secret] of pages) {
      const { bytes, plain } = await loaded(path, secret)
      expect(bytes, path).to.be.within(50_000, mostScript)
      expect(plain, 'what it is uncompressed').to.be.greaterThan(2 * bytes)
    }
  })

  it('a page loads nothing that only others need', async () => {
    const others = /(?:new-account-panel|add-issuer|explain-token|exchanges-page|audit-page|policy-page|palette)-/
    for (const [path, secret] of [['/sign-in'], [list, key]] as const)
      expect((await loaded(path, secret)).names.join(' '), path).not.to.match(others)
    // They are where they are needed, under these names.
    const needed = {
      [`${list}?new=1`]: /new-account-panel-/,
      '/acme/issuers?add=1': /add-issuer-/,
      '/acme/exchanges': /exchanges-page-/,
      '/acme/exchanges?explain=1': /explain-token-/,
      '/acme/audit': /audit-page-/,
    }
    for (const [path, name] of Object.entries(needed))
      expect((await loaded(path, key)).names.join(' '), path).to.match(name)
  })

  const rowsIn = (page: Page) => page.locator('table.list tr.row').count()
  /** The names of the rows in sight, and how far each is from the top of the window. */
  const inSight = (page: Page) =>
    page.evaluate<string[]>(`[...document.querySelectorAll('tr.row')]
      .map((row) => [row.getBoundingClientRect(), row.querySelector('a').textContent])
      .filter(([{ top, bottom }]) => top > 60 && bottom < innerHeight)
      .map(([{ top }, name]) => name + ' ' + Math.round(top))`)
  const toEnd = (page: Page) => page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)')

  for (const width of [1440, 390])
    it(`a long list keeps few rows in the page, and asks for each page once, ${width} px wide`, async () => {
      const tab = await window.tab(service, { key, width })
      const { page } = tab
      const asked: string[] = []
      page.on('request', (request) => {
        const { pathname, search } = new URL(request.url())
        if (pathname === '/api/v1/orgs/acme/service-accounts') asked.push(search)
      })
      await page.clock.install()
      await tab.go(list)
      const table = page.locator('table.list')
      const most = [await rowsIn(page)]
      while ((await table.getAttribute('aria-rowcount')) === '-1') {
        const before = asked.length
        const more = page.waitForResponse((answer) => answer.url().includes('cursor='))
        await toEnd(page)
        if (asked.length === before) await more
        await page.locator(`tr[data-index="${asked.length * perPage - perPage - 1}"]`).waitFor()
        most.push(await rowsIn(page))
      }
      expect(await table.getAttribute('aria-rowcount')).to.equal(`${accounts + 1}`)
      await toEnd(page)
      await page.getByRole('link', { name: `deploy-${accounts - 1}`, exact: true }).waitFor()
      expect(Math.max(...most, await rowsIn(page))).to.be.within(5, 60)
      const pages = Math.ceil(accounts / perPage)
      expect(asked).to.have.lengthOf(pages)
      expect(new Set(asked).size).to.equal(pages)

      // Later, and back from a search: nothing was changed here, so that nothing is asked for anew.
      await page.clock.fastForward(60_000)
      await page.getByRole('searchbox').fill('deploy-77')
      await page.getByRole('link', { name: 'deploy-77', exact: true }).waitFor()
      await page.getByRole('searchbox').fill('')
      await page.getByRole('link', { name: 'deploy-0', exact: true }).waitFor()
      await settled(page)
      expect(asked.filter((search) => !search.includes('q='))).to.have.lengthOf(pages)
      await tab.close()
    })

  for (const width of [1440, 390])
    it(`what is read does not move when the next page arrives, ${width} px wide`, async () => {
      const tab = await window.tab(service, { key, width })
      const { page } = tab
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      await page.route(/cursor=/, async (route) => {
        await held
        await route.continue()
      })
      await tab.go(list)
      const asked = page.waitForRequest(/cursor=/)
      await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight * 0.85)')
      await asked
      await page.locator('tr[data-index="90"]').waitFor({ state: 'attached' })
      const height = () => page.evaluate<number>('document.documentElement.scrollHeight')
      const lower = await height()
      const seen = await inSight(page)
      expect(seen).to.have.lengthOf.above(2)
      release()
      while ((await height()) === lower) await page.evaluate('new Promise(requestAnimationFrame)')
      expect((await inSight(page)).slice(0, seen.length)).to.deep.equal(seen)
      await tab.close()
    })
})
