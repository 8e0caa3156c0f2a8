/** What should be looked after, with the deed that mends it. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Tab, type Window } from '../support/browser.ts'
import { describeEmbedded } from '../support/embedded.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { call, type Service, startService } from '../support/server.ts'
import { until } from '../support/stopwatch.ts'
import { createWorld, must, type World } from '../support/world.ts'

const day = 86_400_000
const sweep = '/teams/sweep/service-accounts'

// Time is turned back in the database.
describeEmbedded('browser: hygiene', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let world: World
  let window: Window
  let teamAdmin: string
  let tab: Tab

  const inDays = (days: number) => new Date(Date.now() + days * day).toISOString()
  const database = () => new DatabaseSync(join(service.dataDir, 'countersign.db'))
  const counts = async (secret = world.adminKey) =>
    (await call(service, 'GET', `${world.path}/hygiene`, { secret })).body.counts as Record<string, number>

  before(async () => {
    await ensureConsole()
    provider = await startProvider()
    window = await openBrowser()
    service = await startService({ env: { ISSUER_NETWORK: 'any' } })
    world = await createWorld(service, provider)
    await world.make('/teams', { name: 'sweep' })
    await world.make('/users', { username: 'sam', email: 'sam@acme.example', role: 'member' })
    teamAdmin = String((await world.make('/users/sam/keys', { expires_at: inDays(100) })).secret)
    await must(world.api('PUT', '/teams/sweep/members/sam', { role: 'admin' }))
  })
  after(async () => {
    await window?.close()
    await service?.close()
    await provider?.close()
  })
  beforeEach(async () => {
    tab = await window.tab(service, { key: world.adminKey })
  })
  afterEach(() => tab.close())

  const list = (name = 'What to look after') => tab.page.getByRole('table', { name, exact: true })
  const rows = (name?: string) => list(name).locator('tbody tr.row')

  it('all clean is said so', async () => {
    const sams = await window.tab(service, { key: teamAdmin })
    const page = await sams.go('/acme/hygiene')
    await page.getByRole('heading', { name: 'All clean' }).waitFor()
    await page.getByText('You see what is of your teams').waitFor()
    expect(await sams.axe()).to.equal('')
    await sams.close()
  })

  it('counts each kind, and shows one that is chosen, also after a reload', async () => {
    await world.make('/issuers', { name: 'github', issuer: 'https://token.actions.githubusercontent.com' })
    const trust = { name: 'weak', issuer: 'github', subject: 'repo:acme/*', match: 'glob' }
    const reason = { override_reason: 'because this is a test of hygiene' }
    await world.make(sweep, { name: 'weak', method: 'federated', trust, ...reason })
    for (const name of ['unused', 'idle', 'ends']) await world.make(sweep, { name, method: 'api_key' })
    await world.make(`${sweep}/ends/keys`, { name: 'soon', expires_at: inDays(10) })
    await must(world.withKey(world.apiKey))
    await world.granted(world.token())
    const open = database()
    const set = (table: string, column: string, days: number, name: string) =>
      open.prepare(`update ${table} set ${column} = ? where name = ?`).run(Date.now() - days * day, name)
    set('service_accounts', 'created_at', 31, 'unused')
    set('service_accounts', 'last_used_at', 91, 'idle')
    set('api_keys', 'created_at', 90, 'soon')
    open.close()
    await until(async () => {
      const { weak_policy, never_used, idle, expires_soon, key_although_federated } = await counts()
      return [weak_policy, never_used, idle, expires_soon, key_although_federated].every((count) => count === 1)
    })
    const page = await tab.go('/acme/hygiene')
    for (const title of ['Weak policies', 'Keys that end soon', 'Keys where federation works', 'Never used', 'Idle'])
      expect(
        await page
          .getByRole('listitem')
          .filter({ has: page.getByRole('link', { name: title }) })
          .innerText(),
      ).to.match(/\n1\n/)
    await page.getByRole('link', { name: 'Idle', exact: true }).click()
    // What was shown stays until the answer is there.
    await rows('Idle').nth(1).waitFor({ state: 'detached' })
    await rows('Idle').getByRole('link', { name: 'idle', exact: true }).waitFor()
    expect(page.url()).to.match(/\?kind=idle$/)
    await page.reload()
    await settled(page)
    expect(await rows('Idle').count()).to.equal(1)
    expect(await rows('Idle').innerText()).to.match(/Service account, team sweep/)
    expect(await page.getByRole('link', { name: 'Idle', exact: true }).getAttribute('aria-current')).to.equal('true')
  })

  for (const scheme of ['light', 'dark'] as const)
    it(`is accessible, ${scheme}, wide and narrow`, async () => {
      for (const width of [1440, 390]) {
        const other = await window.tab(service, { key: world.adminKey, scheme, width })
        for (const query of ['', '?kind=key_although_federated', '?kind=never_expires', '?kind=weak_policy']) {
          const page = await other.go(`/acme/hygiene${query}`)
          await page.locator('table.list').waitFor()
          expect(await other.axe(), `${query} ${width}`).to.equal('')
          expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).to.equal(0)
        }
        await other.close()
      }
    })

  it('leads to the policy, and to the account of the team that needs no key', async () => {
    const page = await tab.go('/acme/hygiene?kind=weak_policy')
    await rows('Weak policies').getByRole('link', { name: 'Open the policy weak of weak' }).click()
    await page.waitForURL(/\/acme\/sweep\/service-accounts\/sa_\w+\/policies\/tp_\w+$/)
    await tab.go('/acme/hygiene?kind=key_although_federated')
    await page.getByText('docs/how-to/migrate-from-api-keys.md').waitFor()
    await page.getByRole('link', { name: 'Move to federation: robot' }).click()
    await page.waitForURL(/\/acme\/ml\/service-accounts\?new=1$/)
    await page.getByRole('dialog').waitFor()
  })

  it('disables an account that nobody uses', async () => {
    const page = await tab.go('/acme/hygiene?kind=never_used')
    await page.getByRole('button', { name: 'Disable: unused' }).click()
    const dialog = page.getByRole('dialog', { name: 'Disable unused' })
    await dialog.getByText('Never used: nothing is known that needs it').waitFor()
    expect(await tab.axe()).to.equal('')
    await dialog.getByRole('button', { name: 'Disable' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect((await world.api('GET', `${sweep}/unused`)).body.enabled).to.equal(false)
  })

  it('rotates a key that ends soon, makes one with an end, and revokes one without', async () => {
    const page = await tab.go('/acme/hygiene?kind=expires_soon')
    await page.getByRole('button', { name: 'Rotate key: ends, soon' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate the key' }).click()
    await page.getByRole('dialog', { name: 'The new key soon' }).waitFor()
    await tab.go('/acme/hygiene?kind=never_expires')
    await page.getByRole('button', { name: 'New key with an end: idle, first' }).click()
    await page.getByRole('dialog').getByLabel('Expires').first().waitFor()
    expect(await tab.axe()).to.equal('')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Revoke key: idle, first' }).click()
    const dialog = page.getByRole('dialog', { name: 'Revoke first' })
    await dialog.getByLabel('Type first to confirm').fill('first')
    await dialog.getByRole('button', { name: 'Revoke the key' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Revoke key: idle, first' }).waitFor({ state: 'detached' })
    const keys = await must(world.api('GET', `${sweep}/idle/keys`))
    expect(keys.items).to.deep.equal([])
  })

  it('is for admins', async () => {
    const none = await window.tab(service, { key: world.apiKey })
    const page = await none.go('/acme/hygiene')
    await page.getByRole('heading', { name: 'For admins' }).waitFor()
    await none.close()
  })
})
