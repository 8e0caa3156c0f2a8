/** Service accounts and their keys, as a person makes, changes and ends them. */
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Tab, type Window } from '../support/browser.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { leaks } from '../support/leaks.ts'
import { installing } from '../support/program.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

describe('browser: service accounts', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let world: World
  let window: Window
  let tab: Tab
  before(async () => {
    await ensureConsole()
    // First: the service reads the console that this builds.
    window = await openBrowser()
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    await world.make('/teams', { name: 'vision', display_name: 'Computer vision' })
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

  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })
  const dialog = (page: Page, name: string) => page.getByRole('dialog', { name })
  /** The key that is shown this once, as it comes by Copy. */
  async function copied(page: Page): Promise<string> {
    await button(page, 'Copy').click()
    await button(page, 'Copied').waitFor()
    const secret = await page.evaluate<string>('navigator.clipboard.readText()')
    leaks.learn('an API key', secret)
    expect(await page.getByTestId('secret').textContent()).to.equal(secret)
    return secret
  }
  const store = async (page: Page) => {
    await page.getByLabel('I have stored it').check()
    await button(page, 'Done').click()
  }
  const aliveAt = async (secret: string) => (await call(service, 'GET', '/api/v1/me', { secret })).status

  it('makes an organization-scoped account with a default team', async () => {
    const page = await tab.go('/acme')
    await page.getByRole('link', { name: 'Service accounts', exact: true }).click()
    await page.getByRole('link', { name: 'New service account' }).first().click()
    const panel = dialog(page, 'New service account')
    await panel.getByLabel('Name').fill('Nightly Reports')
    await button(page, 'Use nightly-reports').click()
    await panel.getByRole('radio', { name: 'Organization' }).check()
    expect(await panel.getByRole('radio', { name: 'Federated identity' }).isDisabled()).to.equal(true)
    expect(await button(page, 'Create').isDisabled()).to.equal(true)
    await panel.getByLabel('Default team').fill('vis')
    await page.getByRole('option', { name: 'Computer vision (vision)' }).click()
    await panel.getByRole('radio', { name: 'Read only' }).check()
    await panel.getByRole('tab', { name: 'CLI' }).click()
    expect((await panel.getByRole('tabpanel').textContent())?.replace(/\s*\\\s*/g, ' ')).to.contain(
      'countersign sa create nightly-reports --default-team vision --access read',
    )
    expect(await tab.axe()).to.equal('')
    await button(page, 'Create').click()
    const made = dialog(page, 'nightly-reports is created')
    await made.waitFor()
    const secret = await copied(page)
    expect(await tab.axe()).to.equal('')

    // It is not lost by accident: not by Escape, not by a click beside it, not by the way back.
    await page.keyboard.press('Escape')
    await page.mouse.click(10, 500)
    await page.goBack()
    expect(await made.isVisible()).to.equal(true)
    expect(await button(page, 'Done').isDisabled()).to.equal(true)
    await store(page)
    await made.waitFor({ state: 'detached' })
    expect(await page.getByRole('link', { name: 'nightly-reports' }).count()).to.equal(1)
    expect(await page.content()).to.not.contain(secret)

    const token = await must(world.withKey(secret))
    expect(token).to.include({ token_type: 'Bearer', scope: 'projects:read' })
    expect((await must(world.introspect(String(token.access_token)))).team).to.equal('vision')
  })

  it("makes a team's Built-in account: its tab, a name, a method, Create, Copy", async () => {
    const page = await tab.go('/acme/ml/projects')
    await page.getByRole('navigation', { name: 'Of this team' }).getByRole('link', { name: 'Service accounts' }).click()
    await page.getByRole('link', { name: 'New service account' }).first().click()
    const panel = dialog(page, 'New service account')
    await panel.getByLabel('Name').fill('builder')
    expect(await panel.getByRole('radio', { name: /Federated identity.*Recommended/ }).isEnabled()).to.equal(true)
    await panel.getByRole('radio', { name: 'Built-in API key' }).check()
    expect(await panel.getByLabel('Default team').count()).to.equal(0)
    expect(await tab.axe()).to.equal('')
    await button(page, 'Create').click()
    await dialog(page, 'builder is created').waitFor()
    const secret = await copied(page)
    await store(page)
    const token = await must(world.withKey(secret))
    expect((await must(world.introspect(String(token.access_token)))).name).to.equal('builder')
    await page.getByRole('link', { name: 'builder' }).click()
    await page.getByRole('heading', { name: 'builder', level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).to.equal('/acme/ml/service-accounts/builder')
  })

  it('goes on to the trust policy of a federated account', async () => {
    const page = await tab.go('/acme/ml/service-accounts?new=1')
    const panel = dialog(page, 'New service account')
    await panel.getByLabel('Name').fill('deployer')
    await panel.getByRole('radio', { name: /Federated identity/ }).check()
    await button(page, 'Create, and choose whom it trusts').click()
    await page.waitForURL('**/acme/ml/service-accounts/deployer/policies/new')
    const made = await must(world.api('GET', `${world.accounts}/deployer`))
    expect(made).to.include({ method: 'federated', keys: null })
  })

  it('keeps what was typed when the name is taken, and works by keyboard alone', async () => {
    const page = await tab.go('/acme/ml/service-accounts')
    await page.getByRole('link', { name: 'New service account' }).first().focus()
    await page.keyboard.press('Enter')
    const panel = dialog(page, 'New service account')
    await panel.waitFor()
    await page.keyboard.type('robot')
    await panel.getByText('A service account here has this name already').waitFor()
    await panel.getByLabel('Description').fill('The second of its name')
    await page.keyboard.press('Tab')
    await panel.getByLabel('Name').focus()
    await page.keyboard.press('Enter')
    await panel.getByRole('alert').getByText('name_taken').waitFor()
    expect(await panel.getByLabel('Name').inputValue()).to.equal('robot')
    expect(await panel.getByLabel('Description').inputValue()).to.equal('The second of its name')
    expect(await tab.axe()).to.equal('')
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    expect(new URL(page.url()).search).to.equal('')
  })

  it('finds accounts by what is in the address', async () => {
    const page = await tab.go('/acme/service-accounts?team=ml&method=federated')
    expect(await page.getByRole('link', { name: 'trainer' }).count()).to.equal(1)
    expect(await page.getByRole('link', { name: 'robot' }).count()).to.equal(0)
    await page.getByLabel('Search service accounts').fill('nobody')
    await page.getByRole('heading', { name: 'No service account fits' }).waitFor()
    expect(new URL(page.url()).searchParams.get('q')).to.equal('nobody')
    await tab.go('/acme/vision/service-accounts')
    await page.getByRole('heading', { name: 'This team has no service accounts yet' }).waitFor()
    expect(await tab.axe()).to.equal('')
  })

  it("tells of a second tab's change, and does not write over it unseen", async () => {
    await world.make(world.accounts, { name: 'shared', method: 'api_key' })
    const page = await tab.go('/acme/ml/service-accounts/shared')
    await button(page, 'Edit').click()
    const form = dialog(page, 'Edit shared')
    await form.getByLabel('Description').fill('Mine')
    expect(await tab.axe()).to.equal('')

    const other = await tab.second()
    await other.goto('/acme/ml/service-accounts/shared')
    await button(other, 'Edit').click()
    await other.getByRole('radio', { name: 'Read only' }).check()
    await button(other, 'Save').click()
    await dialog(other, 'Edit shared').waitFor({ state: 'detached' })

    await button(page, 'Save').click()
    await form.getByRole('alert').getByText('Access is now read').waitFor()
    expect((await must(world.api('GET', `${world.accounts}/shared`))).description).to.equal(null)
    expect(await form.getByLabel('Description').inputValue()).to.equal('Mine')
    await button(page, 'Save').click()
    await form.waitFor({ state: 'detached' })
    const now = await must(world.api('GET', `${world.accounts}/shared`))
    expect(now).to.include({ description: 'Mine', access: 'read' })
  })

  it('disables, enables, revokes tokens and deletes, each after having said whom it stops', async () => {
    const made = await world.make('/service-accounts', { name: 'doomed', default_team: 'ml' })
    const token = async () => String((await must(world.withKey(String(made.api_key)))).access_token)
    const isActive = async (held: string) => (await must(world.introspect(held))).active
    const first = await token()
    const page = await tab.go(`/acme/service-accounts/${made.id}`)
    const choose = async (deed: string) => {
      await button(page, 'Stop').click()
      await page.getByRole('menuitem', { name: deed }).click()
    }
    await choose('Revoke all tokens')
    const revoking = dialog(page, 'Revoke all tokens of doomed')
    await revoking.getByText('1 token was obtained as it in the last 7 days').waitFor()
    await revoking.getByText('127.0.0.1').waitFor()
    expect(await tab.axe()).to.equal('')
    await button(page, 'Revoke all tokens').click()
    await revoking.waitFor({ state: 'detached' })
    expect(await isActive(first)).to.equal(false)

    const second = await token()
    await choose('Disable')
    await button(page, 'Disable').click()
    await button(page, 'Enable').waitFor()
    expect(await isActive(second)).to.equal(false)
    expect((await world.withKey(String(made.api_key))).status).to.equal(401)
    await button(page, 'Enable').click()
    await page.getByText('Enabled', { exact: true }).waitFor()
    await token()

    await choose('Delete')
    const deed = button(page, 'Delete the service account')
    expect(await deed.isDisabled()).to.equal(true)
    await page.getByLabel('Type doomed to confirm').fill('doomed')
    expect(await tab.axe()).to.equal('')
    await deed.click()
    await page.waitForURL('**/acme/service-accounts')
    await settled(page)
    // What was known of the list is shown until it has been asked for anew.
    await page.getByRole('link', { name: 'doomed' }).waitFor({ state: 'detached' })
    expect((await world.api('GET', `/service-accounts/${made.id}`)).status).to.equal(404)
  })

  describe('keys', () => {
    const keys = '/acme/ml/service-accounts/keyed'
    let first: string
    before(async () => {
      first = String((await world.make(world.accounts, { name: 'keyed', method: 'api_key' })).api_key)
    })

    it('makes one that ends in 90 days, unless another day is chosen', async () => {
      const page = await tab.go(keys)
      await button(page, 'New API key').click()
      const form = dialog(page, 'New API key')
      await form.getByText(/^It ends on /).waitFor()
      await form.getByRole('combobox', { name: 'Expires' }).click()
      await page.getByRole('option', { name: 'Never' }).click()
      await form.getByText('A key that never expires').waitFor()
      await form.getByRole('combobox', { name: 'Expires' }).click()
      await page.getByRole('option', { name: '90 days' }).click()
      await form.getByLabel('Name').fill('first')
      await button(page, 'Create the key').click()
      await form.getByText('A key of this owner has this name').waitFor()
      expect(await tab.axe()).to.equal('')
      await form.getByLabel('Name').fill('laptop')
      await button(page, 'Create the key').click()
      await dialog(page, 'The new API key').waitFor()
      const secret = await copied(page)
      await store(page)
      expect(await aliveAt(secret)).to.equal(200)
      const { expires_at } = await must(world.api('GET', `${world.accounts}/keyed/keys/laptop`))
      expect(Date.parse(String(expires_at)) - Date.now()).to.be.within(89.9 * 86_400_000, 90 * 86_400_000)
    })

    it('rotates one with an overlap: both work, and both ends are told', async () => {
      const page = await tab.go(keys)
      await button(page, 'Rotate first').click()
      const form = dialog(page, 'Rotate first')
      await form.getByRole('radio', { name: '1 hour' }).check()
      await form.getByText('The new key ends').waitFor()
      expect(await tab.axe()).to.equal('')
      await button(page, 'Rotate the key').click()
      await dialog(page, 'The new key first').waitFor()
      expect(await tab.axe()).to.equal('')
      const next = await copied(page)
      await store(page)
      expect([await aliveAt(first), await aliveAt(next)]).to.deep.equal([200, 200])
      await page.getByText('Replaced', { exact: true }).waitFor()
      const { items } = await must(world.api('GET', `${world.accounts}/keyed/keys`))
      const old = (items as { replaced_by: string | null; expires_at: string }[]).find(
        (key) => key.replaced_by !== null,
      )
      expect(Date.parse(String(old?.expires_at)) - Date.now()).to.be.within(3_500_000, 3_600_000)
    })

    it('revokes one, after having said who used it, and it is dead', async () => {
      const made = await world.make(`${world.accounts}/keyed/keys`, { name: 'leaked' })
      const secret = String(made.secret)
      const token = String((await must(world.withKey(secret))).access_token)
      const page = await tab.go(keys)
      await button(page, 'Revoke leaked').click()
      const form = dialog(page, 'Revoke leaked')
      await form.getByText('lately from one address').waitFor()
      await form.getByText('127.0.0.1').waitFor()
      expect(await button(page, 'Revoke the key').isDisabled()).to.equal(true)
      await form.getByLabel('Type leaked to confirm').fill('leaked')
      expect(await tab.axe()).to.equal('')
      await button(page, 'Revoke the key').click()
      await form.waitFor({ state: 'detached' })
      await button(page, 'Revoke leaked').waitFor({ state: 'detached' })
      expect(await aliveAt(secret)).to.equal(401)
      expect((await must(world.introspect(token))).active).to.equal(false)
    })
  })

  for (const scheme of ['light', 'dark'] as const)
    it(`is accessible, ${scheme}, wide and narrow, and fits`, async () => {
      for (const width of [1440, 390]) {
        const seen = await window.tab(service, { key: world.adminKey, scheme, width })
        const paths = ['/acme/service-accounts', '/acme/ml/service-accounts', '/acme/ml/service-accounts?new=1']
        for (const path of [...paths, '/acme/ml/service-accounts/keyed', '/acme/ml/service-accounts/trainer']) {
          const page = await seen.go(path)
          expect(await seen.axe(), `${path} ${width}`).to.equal('')
          const isWider = await page.evaluate(
            'document.documentElement.scrollWidth > document.documentElement.clientWidth',
          )
          expect(isWider, `${path} ${width}: scrolls sideways`).to.equal(false)
        }
        await seen.close()
      }
    })
})
