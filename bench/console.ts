/**
 * The console in a real Chromium, over an organization of 100,000 service accounts: when a page can be used with a cold
 * cache, how much script it loads, what shifts while it loads, and how far frames are apart while one scrolls and searches.
 *
 *   npm run bench:console -- [--accounts 100000] [--times 5] [--check]
 *
 * Beside it what an empty page does on the same machine in the same run: frames of a busy machine are late by themselves.
 */
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, signIn } from '../test/support/browser.ts'
import { shiftOf, still, watchingShifts } from '../test/support/shifts.ts'
import { startLarge } from './organization.ts'
import { median } from './table.ts'
import { type Frames, framesDuring, scripts, until, usable, watching } from './watched-page.ts'

const { values: options } = parseArgs({
  options: {
    accounts: { type: 'string', default: '100000' },
    times: { type: 'string', default: '5' },
    check: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
})
const times = Number(options.times)
const kilobytes = (list: readonly { bytes: number }[]) => list.reduce((sum, { bytes }) => sum + bytes, 0) / 1000
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const line = (name: string, ...cells: (string | number)[]) =>
  say(name.padEnd(44) + cells.map((one) => (typeof one === 'number' ? one.toFixed(1) : one).padStart(12)).join(''))
const does = (part: string) => part.includes(options.only)

const window = await openBrowser()
const service = await startLarge(Number(options.accounts))
const missed: string[] = []
const target = (name: string, is: boolean) => void (is || missed.push(name))

type Ask = { key?: string | undefined; width?: number; selectors: readonly string[] }
/** A browser that has seen nothing yet. */
async function fresh(browser: Browser, { key, width = 1440, selectors }: Ask): Promise<Page> {
  const context = await browser.newContext({ baseURL: service.url, viewport: { width, height: 900 } })
  if (key !== undefined) await signIn(context, service, key)
  const page = await context.newPage()
  await page.addInitScript(watching(selectors))
  await page.addInitScript(watchingShifts)
  return page
}
const rows = ['h1', 'table.list tr.row a']
const key = service.adminKey

async function firstPages() {
  line('with a cold cache, ms until usable (median)', 'it', 'empty page', 'longest', 'CPU ms', 'KB script')
  const pages = [
    { name: 'sign-in', path: '/sign-in', ask: { selectors: ['h1', 'form button[type=submit]'] } },
    { name: 'service accounts', path: '/large/service-accounts', ask: { key, selectors: rows } },
  ]
  for (const { name, path, ask } of pages) {
    const took: number[] = []
    const empty: number[] = []
    const computed: number[] = []
    let loaded: { name: string; bytes: number }[] = []
    for (let i = 0; i < times; i++) {
      const page = await fresh(window.browser, ask)
      await page.goto('/livez')
      empty.push(await page.evaluate<number>('performance.timing.domComplete - performance.timing.navigationStart'))
      // What was computed in the page's main thread, on however busy a machine.
      const { all } = await framesDuring(page, async () => {
        await page.goto(path)
        took.push(await usable(page))
      })
      computed.push(all)
      loaded = await scripts(page)
      await page.context().close()
    }
    line(name, median(took), median(empty), Math.max(...took), median(computed), kilobytes(loaded))
    target(`${name}: usable within 1 s`, median(took) < 1000)
    target(`${name}: 250 KB of script`, kilobytes(loaded) <= 250)
  }
}

const routes = [
  '',
  '/service-accounts',
  '/teams',
  '/users',
  '/issuers',
  '/resource-servers',
  '/exchanges',
  '/audit',
  '/hygiene',
  '/settings',
  '/team-1/service-accounts',
  '/team-1/projects',
  '/team-1/members',
]
async function eachRoute() {
  line('by route', 'KB script', 'shift', 'narrow')
  for (const route of routes) {
    const shifts: number[] = []
    let loaded = 0
    for (const width of [1440, 390]) {
      const page = await fresh(window.browser, { key, width, selectors: ['h1'] })
      await page.goto(`/large${route}`)
      await usable(page)
      await page.waitForLoadState('networkidle')
      await page.locator('main [role="status"][aria-label*="oading" i]').first().waitFor({ state: 'detached' })
      const { score, of } = await shiftOf(page)
      shifts.push(score)
      loaded = kilobytes(await scripts(page))
      if (score >= still) say(`  ${of.join('\n  ')}`)
      await page.context().close()
    }
    line(`/large${route}`, loaded, ...shifts.map((one) => one.toFixed(3)))
    target(
      `${route}: nothing shifts`,
      shifts.every((one) => one < still),
    )
  }
}

const shownFrames = (name: string, { frames, p50, longest, task, computed }: Frames) =>
  line(name, `${frames}`, p50, longest, task, computed)

async function scrolling(width: number) {
  const page = await fresh(window.browser, { key, width, selectors: rows })
  await page.goto('/livez')
  const wheel = async (turns: number, by: number) => {
    await page.mouse.move(width / 2, 500)
    for (let i = 0; i < turns; i++) await page.mouse.wheel(0, by)
  }
  line(`${width} px: frames`, 'frames', 'p50 ms', 'longest ms', 'task ms', 'CPU ms')
  shownFrames('an empty page', await framesDuring(page, () => wheel(150, 400)))
  await page.goto('/large/service-accounts')
  await usable(page)
  const during = async (name: string, work: () => Promise<void>) => {
    const found = await framesDuring(page, work)
    shownFrames(name, found)
    target(`${width} px, ${name}: no task of 100 ms`, found.computed < 100)
  }
  const height = () => page.evaluate<number>('document.documentElement.scrollHeight')
  await during('by the wheel, 600 notches', () => wheel(600, 400))
  await during('to the end of what is loaded, 40 times', async () => {
    for (let i = 0; i < 40; i++) {
      const before = await height()
      await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)')
      await until(page, `document.documentElement.scrollHeight > ${before}`)
    }
  })
  await during('by the wheel, 100 notches, far down', () => wheel(100, 400))
  await during('up and down again at once', async () => {
    await page.evaluate('window.scrollTo(0, 0)')
    await wheel(20, 400)
    await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight / 2)')
    await wheel(20, -400)
  })
  const loaded = await page.locator('table.list').getAttribute('aria-rowcount')
  say(`  in the page: ${await page.locator('tr.row').count()} rows, ${await height()} px, aria-rowcount ${loaded}`)
  await page.evaluate('window.scrollTo(0, 0)')
  await during('a search is typed', async () => {
    await page.getByRole('searchbox').pressSequentially('needle', { delay: 60 })
    await page
      .getByRole('link', { name: /^needle-/ })
      .first()
      .waitFor()
  })
  await during('and taken back', async () => {
    await page.getByRole('searchbox').fill('')
    await page
      .getByRole('link', { name: /^deploy-/ })
      .first()
      .waitFor()
  })
  await page.context().close()
}

try {
  if (does('first')) await firstPages()
  if (does('routes')) await eachRoute()
  if (does('scroll')) for (const width of [1440, 390]) await scrolling(width)
  for (const one of missed) say(`MISSED: ${one}`)
  if (options.check && missed.length > 0) process.exitCode = 1
} finally {
  await window.close()
  await service.close()
}
