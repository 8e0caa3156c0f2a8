/** The console of those who look and change nothing: all that they may read, and no way to a deed that would be refused. */
import { expect } from 'chai'
import type { Page, Request } from 'playwright-core'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Tab, type Window } from '../support/browser.ts'
import { type ConsoleWorld, createConsoleWorld } from '../support/console-world.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { jwks } from '../support/rights.ts'
import { call, type Service, startService } from '../support/server.ts'
import { must } from '../support/world.ts'

/** What a button that changes nothing begins with. Whatever begins otherwise is held to be a deed. */
const looks = /^(?:All|Check|Clear|Copy|Details|Explain|Export|Its|Open|Pause|Preview|Resource|Send|Show)\b/

/** What unfolds something, chooses a tab or filters by what is charted. */
const noDeed = '[aria-expanded]:not([aria-haspopup]), [aria-pressed], [role="tablist"] *, [aria-hidden="true"] *'
/** The names of all buttons of the page and its panel, and of links that look like one; what is switched off, too. */
const buttons = (page: Page) =>
  page.evaluate<string[]>(`
    [...document.querySelectorAll('main, [role="dialog"]')]
      .flatMap((place) => [...place.querySelectorAll('button, [role="button"], [role="menuitem"], a.mantine-Button-root')])
      .filter((it) => !it.matches('${noDeed}') && it.checkVisibility())
      .map((it) => (it.getAttribute('aria-label') ?? it.textContent).trim())`)
/** Where the palette leads to a deed. */
const made = /^(?:New|Add) /
const deeds = async (page: Page) => (await buttons(page)).filter((name) => !looks.test(name))

describe('browser: who only looks', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let world: ConsoleWorld
  let window: Window
  /** Every page; and panels of pages, by the address that opens them. */
  let pages: Record<string, string>
  let panels: Record<string, string>
  let keys: Record<string, string>
  before(async () => {
    await ensureConsole()
    provider = await startProvider()
    service = await startService({ env: { ISSUER_NETWORK: 'any' } })
    world = await createConsoleWorld(service, provider)
    // A notice, a kept name and a member, each with something to do about it.
    await world.make('/issuers', { name: 'practice', issuer: 'https://practice.invalid', jwks })
    await world.make('/teams/ml/projects', { name: 'gone', visibility: 'restricted' })
    await must(world.api('DELETE', '/teams/ml/projects/gone'))
    const all = Object.entries(world.pages)
    const isPanel = ([, path]: [string, string]) => /[?&](?:new|add)=/.test(path)
    pages = {
      ...Object.fromEntries(all.filter((one) => !isPanel(one))),
      'kept-names': '/acme/ml/projects?deleted=1',
    }
    panels = {
      ...Object.fromEntries(all.filter(isPanel)),
      'new-project': '/acme/ml/projects?new=1',
      'new-member': '/acme/ml/members?new=1',
      'new-user': '/acme/users?new=1',
      'new-resource-server': '/acme/resource-servers?new=1',
      'edit-issuer': '/acme/issuers/ci?edit=1',
    }
    const account = async (below: string, more: object) =>
      String((await world.make(`${below}/service-accounts`, { ...more, admin: true, access: 'read' })).api_key)
    await world.make('/users', { username: 'vera', email: 'vera@acme.example', role: 'viewer' })
    await must(world.api('PUT', '/teams/ml/members/vera', { role: 'admin' }))
    keys = {
      'a read-only admin account': await account('', { name: 'auditor', default_team: 'ml' }),
      'a read-only admin account of a team': await account('/teams/ml', { name: 'watcher', method: 'api_key' }),
      'a viewer who is admin of a team': String((await world.make('/users/vera/keys', {})).secret),
    }
    window = await openBrowser()
  })
  after(async () => {
    await window?.close()
    await service?.close()
    await provider?.close()
  })

  /** What is asked besides the page comes after it: a panel, too. */
  async function open({ page }: Tab, path: string): Promise<void> {
    await page.goto(path)
    await settled(page)
    await page.waitForLoadState('networkidle')
  }

  it('is told apart by this: whoever may change things has deeds on all these pages, and all panels', async () => {
    const tab = await window.tab(service, { key: world.adminKey })
    const without: string[] = []
    for (const [name, path] of Object.entries(pages)) {
      await open(tab, path)
      if ((await deeds(tab.page)).length === 0) without.push(name)
    }
    expect(without).to.deep.equal(['exchanges', 'audit'])
    for (const [name, path] of Object.entries(panels)) {
      await tab.go(path)
      await tab.page.getByRole('dialog').waitFor()
      expect(await deeds(tab.page), name).to.not.deep.equal([])
    }
    await tab.go('/acme')
    const found = await destinations(tab, 'trainer')
    expect(found.filter((one) => made.test(one))).to.have.length(2)
    await tab.close()
  })

  const lookers = [
    'a read-only admin account',
    'a read-only admin account of a team',
    'a viewer who is admin of a team',
  ]
  for (const who of lookers)
    it(`${who} sees every page without a deed or panel, and asks for nothing that is refused`, async () => {
      const isOfOrg = who === lookers[0]
      const tab = await window.tab(service, { key: keys[who] as string })
      const wrong: string[] = []
      let at = ''
      tab.page.on('response', (response) => {
        if (response.status() === 403) wrong.push(`${at}: refused ${new URL(response.url()).pathname}`)
      })
      for (const [name, path] of Object.entries({ ...pages, ...panels })) {
        // Whose an account is, is known when it was asked for.
        if (name === 'organization-account' && !isOfOrg) continue
        at = name
        await open(tab, path)
        const { page } = tab
        for (const deed of await deeds(page)) wrong.push(`${name}: ${deed}`)
        if ((await page.getByRole('dialog').count()) > 0) wrong.push(`${name}: a panel`)
        if ((await page.getByRole('heading', { level: 1 }).count()) !== 1) wrong.push(`${name}: no page`)
      }
      at = 'palette'
      const found = await destinations(tab, 'trainer')
      for (const one of found) if (made.test(one)) wrong.push(`palette: ${one}`)
      await tab.close()
      expect(wrong.join('\n')).to.equal('')
    })

  /** What the palette offers, at first and for a word. */
  async function destinations({ page }: Tab, word: string): Promise<string[]> {
    await page.keyboard.press('Control+k')
    const actions = page.getByRole('dialog').getByRole('button')
    await actions.first().waitFor()
    const first = await actions.allTextContents()
    const asked: Request[] = []
    page.on('request', (request) => void (request.url().includes(`q=${word}`) && asked.push(request)))
    const teams = page.waitForResponse((response) => response.url().includes(`/teams?q=${word}`))
    await page.getByPlaceholder('A page, a name').fill(word)
    await teams
    // All were sent at once.
    await Promise.all(asked.map((request) => request.response()))
    return [...first, ...(await actions.allTextContents())]
  }

  it('reads what others change: members, kept names, a policy, and whom an issuer lets in', async () => {
    const said = (page: Page) => page.getByText('You may look here, and change nothing.').waitFor()
    const viewer = await window.tab(service, { key: keys['a viewer who is admin of a team'] as string })
    const { page } = viewer
    await viewer.go('/acme/ml/members')
    await page.getByRole('cell', { name: 'grace@acme.example' }).waitFor()
    await said(page)
    await viewer.go('/acme/ml/projects?deleted=1')
    await page.getByRole('cell', { name: 'gone' }).waitFor()
    await viewer.go(String(world.pages.policy))
    await said(page)
    await page.getByText('job-1', { exact: true }).waitFor()
    // What changes nothing is theirs, too.
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText(/exchanges of this issuer in the last 14 days/).waitFor()
    await viewer.close()
    const account = await window.tab(service, { key: keys['a read-only admin account'] as string })
    await account.go('/acme/issuers/ci')
    await account.page
      .getByRole('table', { name: 'Who depends on it' })
      .getByRole('link', { name: 'ml/trainer' })
      .waitFor()
    await account.page.getByRole('button', { name: 'Check now' }).click()
    await account.page.getByText('Its keys can be fetched and used.').waitFor()
    await account.close()
  })

  it('of a new organization: how far it has come, and no step to take', async () => {
    const first_admin = { username: 'root', email: 'root@fresh.example' }
    const json = { name: 'fresh', first_admin }
    const founded = await must(call(service, 'POST', '/api/v1/orgs', { secret: service.operatorKey, json }))
    const secret = String(founded.api_key)
    const make = (below: string, body: object) =>
      must(call(service, 'POST', `/api/v1/orgs/fresh${below}`, { secret, json: body }))
    await make('/teams', { name: 'ml' })
    const reader = await make('/service-accounts', { name: 'auditor', default_team: 'ml', admin: true, access: 'read' })
    const offered = async (key: string) => {
      const tab = await window.tab(service, { key })
      await open(tab, '/fresh')
      await tab.page.getByRole('heading', { name: 'Trust an issuer' }).waitFor()
      const found = await deeds(tab.page)
      await tab.close()
      return found
    }
    expect(await offered(secret)).to.deep.equal(['Add an issuer', 'I have no platform at hand'])
    expect(await offered(String(reader.api_key))).to.deep.equal([])
  })
})
