/**
 * The console in a real Chromium, as a person meets it. Whatever a page should not do is written down while it is open
 * and fails the test when it is closed: violations of its own policy, errors in the browser's console, requests elsewhere.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core'
import { ensureConsole } from '../../bin/build-console.js'
import { faintEdges } from './edges.ts'
import { leaks } from './leaks.ts'
import { findProgram } from './program.ts'
import type { Service } from './server.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** WCAG 2.2 AA, and what axe holds to be good practice. */
const axeTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

type Served = Pick<Service, 'url'>
type TabOptions = {
  /** Signed in with it before the first page. */
  key?: string
  scheme?: 'light' | 'dark'
  width?: number
  height?: number
  /** Errors in the browser's console that are meant to be there, besides answers of 4xx. */
  expected?: RegExp
}

export type Tab = Awaited<ReturnType<Window['tab']>>
export type Window = Awaited<ReturnType<typeof openBrowser>>

export async function openBrowser() {
  await ensureConsole()
  const executablePath = await findProgram('chromium')
  const browser: Browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  return {
    browser,
    /** A browser of its own for somebody: no cookie is shared with another's. */
    async tab(service: Served, options: TabOptions = {}) {
      const { key, scheme = 'light', width = 1440, height = 900, expected } = options
      const context = await browser.newContext({
        baseURL: service.url,
        colorScheme: scheme,
        viewport: { width, height },
        reducedMotion: 'reduce',
      })
      await context.grantPermissions(['clipboard-read', 'clipboard-write'])
      if (key !== undefined) await signIn(context, service, key)
      const faults: string[] = []
      const page = await context.newPage()
      await watch(page, service, faults, expected)
      return {
        context,
        page,
        faults,
        /** The same person in a second tab. */
        async second(): Promise<Page> {
          const other = await context.newPage()
          await watch(other, service, faults, expected)
          return other
        },
        async go(path: string): Promise<Page> {
          await page.goto(path)
          // A panel that has an address is fetched after its page.
          if (/[?&](new|add|explain)=/.test(path)) await page.getByRole('dialog').waitFor()
          await settled(page)
          return page
        },
        axe: () => axe(page),
        /** Throws for whatever happened that should not. */
        async close() {
          await context.close()
          if (faults.length > 0) throw new Error(`in the browser:\n${faults.join('\n')}`)
        },
      }
    },
    close: () => browser.close(),
  }
}

/** Over the wire, as the sign-in page does it. */
export async function signIn(context: BrowserContext, { url }: Served, key: string): Promise<void> {
  const answer = await context.request.post(`${url}/session`, { data: { api_key: key } })
  if (answer.status() !== 201) throw new Error(`not signed in: ${answer.status()} ${await answer.text()}`)
}

/** What a page has asked for and not got yet, with those who wait for it. */
const asked = new WeakMap<Page, { open: Set<Request>; waiting: Set<() => void> }>()

/** The page is there, nothing in it waits for an answer, and what came is on the screen. */
export async function settled(page: Page): Promise<void> {
  const waiting = page.locator('[role="status"][aria-label*="oading" i]')
  for (let isStill = false; !isStill; ) {
    // Every page has its heading from the moment that it is there; until then there is a frame, with nothing in it.
    await page.locator('h1').first().waitFor()
    while ((await waiting.count()) > 0) await waiting.first().waitFor({ state: 'detached' })
    await answered(page)
    // What an answer changes may ask for more, once it is drawn.
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))')
    isStill = (asked.get(page)?.open.size ?? 0) === 0 && (await waiting.count()) === 0
  }
}

/** Once nothing is asked for any more. A page that is not watched has nothing to say. */
async function answered(page: Page): Promise<void> {
  const { open, waiting } = asked.get(page) ?? { open: new Set(), waiting: new Set<() => void>() }
  if (open.size > 0) await new Promise<void>((resolve) => void waiting.add(resolve))
}

function noteRequests(page: Page): void {
  const open = new Set<Request>()
  const waiting = new Set<() => void>()
  asked.set(page, { open, waiting })
  const over = (request: Request) => {
    open.delete(request)
    if (open.size > 0) return
    for (const resolve of waiting) resolve()
    waiting.clear()
  }
  page.on('request', (request) => {
    // Of a page that is left no answer is told.
    if (request.isNavigationRequest()) open.clear()
    if (['fetch', 'xhr', 'script'].includes(request.resourceType())) open.add(request)
  })
  page.on('requestfinished', over)
  page.on('requestfailed', over)
}

async function watch(page: Page, { url }: Served, faults: string[], expected?: RegExp): Promise<void> {
  const note = (fault: string) => {
    if (!expected?.test(fault)) faults.push(fault)
  }
  page.on('console', (message) => {
    if (message.type() !== 'error') return
    const text = message.text()
    // The browser says so of every refusal, which the page shows and tests look at.
    if (/status of 4\d\d/.test(text)) return
    note(`console: ${text} (${message.location().url})`)
  })
  noteRequests(page)
  page.on('pageerror', (error) => note(`error: ${error.stack ?? error.message}`))
  page.on('request', (request) => {
    const at = request.url()
    if (!at.startsWith(url) && !/^(data|blob|about):/.test(at)) note(`request elsewhere: ${at}`)
    for (const { kind } of leaks.search('an address', at)) note(`${kind} in an address that the browser asked for`)
  })
  await page.exposeFunction('noteViolation', (text: string) => note(`policy violated: ${text}`))
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
    window.noteViolation([event.violatedDirective, event.blockedURI, event.sample].join(' ')))`)
}

/** What axe finds, and edges that are too faint, one a line; '' when there is nothing. */
export async function axe(page: Page): Promise<string> {
  // As the debugger does it, which the page's policy does not hold: it is no script of the page.
  await page.evaluate(axeSource)
  const { violations } = await page.evaluate<Found>(
    `window.axe.run(document, { runOnly: ${JSON.stringify(axeTags)}, resultTypes: ['violations'] })`,
  )
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(({ html }) => html.slice(0, 300)).join('\n  ')}`,
  )
  return [...found, ...(await faintEdges(page))].join('\n')
}

type Found = { violations: { id: string; help: string; nodes: { html: string }[] }[] }
