/** Exchanges in the console: as they happen, found again, explained, and turned into a policy. */
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Tab, type Window } from '../support/browser.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

const hostile = '<img src=x onerror="document.title=1">'

describe('browser: exchanges', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let world: World
  let window: Window
  let tab: Tab
  before(async () => {
    await ensureConsole()
    provider = await startProvider()
    service = await startService({ env: { ISSUER_NETWORK: 'any' } })
    world = await createWorld(service, provider, { subject: 'job:train' })
    window = await openBrowser()
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

  const list = () => tab.page.getByRole('table', { name: 'Exchanges', exact: true })
  const rows = () => list().locator('tbody tr.row')
  const refused = async (sub: string, claims = {}) =>
    String((await world.exchange(world.token({ sub, ...claims }))).body.request_id)

  it('appear as they happen, without reloading', async () => {
    const page = await tab.go('/acme/exchanges')
    await page.getByRole('heading', { name: 'No exchanges in this span' }).waitFor()
    expect(await tab.axe()).to.equal('')
    await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }))
    await world.granted(world.token())
    await rows().filter({ hasText: 'Granted' }).filter({ hasText: 'ml/trainer' }).waitFor()
    await refused('job:other')
    await rows().filter({ hasText: 'no_account_matches' }).filter({ hasText: 'job:other' }).waitFor()
    expect(await rows().count()).to.equal(2)
    expect(await page.evaluate(() => 'isSamePage' in globalThis)).to.equal(true)
  })

  it('are shown although what stands above them never comes', async () => {
    const id = await refused('job:unmoved')
    await tab.page.route('**/exchange-stats?*', () => undefined)
    await tab.page.goto('/acme/exchanges')
    await tab.page.getByRole('status', { name: 'Loading the numbers' }).waitFor()
    await rows()
      .filter({ hasText: id.slice(-8) })
      .waitFor()
    expect(await tab.page.getByRole('status', { name: 'Loading the numbers' }).count()).to.equal(1)
  })

  it('are explained in a panel that is fetched anew when its file is gone', async () => {
    await tab.go('/acme/exchanges')
    let asked = 0
    await tab.page.route('**/explain-token-*.js', (route) =>
      asked++ === 0 ? route.fulfill({ status: 404, body: '' }) : route.continue(),
    )
    await tab.page.getByRole('link', { name: 'Explain a token' }).click()
    await tab.page.getByRole('dialog', { name: 'Explain a token' }).waitFor()
    expect(asked).to.equal(2)
  })

  it('wait above the list while it is read, and while it is paused', async () => {
    await refused('job:first')
    const page = await tab.go('/acme/exchanges')
    const before = await rows().count()
    await rows().first().hover()
    const first = await rows().first().textContent()
    await refused('job:waits')
    const bar = page.getByRole('button', { name: '1 new' })
    await bar.waitFor()
    expect(await rows().count()).to.equal(before)
    expect(await rows().first().textContent()).to.equal(first)
    await bar.focus()
    await page.keyboard.press('Enter')
    await rows().filter({ hasText: 'job:waits' }).waitFor()
    expect(await rows().count()).to.equal(before + 1)

    await page.getByRole('heading', { level: 1 }).hover()
    await page.getByRole('button', { name: 'Pause' }).click()
    let asked = 0
    page.on('request', (request) => {
      if (request.url().includes('/audit-events')) asked++
    })
    await refused('job:paused')
    // The numbers go on; by their next answer the list would have asked.
    await page.waitForResponse((response) => response.url().includes('/exchange-stats'))
    expect(asked).to.equal(0)
    await page.getByRole('button', { name: 'Go on' }).click()
    await rows().filter({ hasText: 'job:paused' }).waitFor()
  })

  it('are filtered by what is in the address, which survives a reload', async () => {
    await world.granted(world.token())
    await refused('job:other')
    const page = await tab.go('/acme/exchanges')
    await page.getByRole('combobox', { name: 'Result' }).click()
    await page.getByRole('option', { name: 'Granted' }).click()
    await page.waitForURL(/result=granted/)
    await rows().filter({ hasText: 'Refused' }).first().waitFor({ state: 'detached' })
    const count = await rows().count()
    expect(await rows().filter({ hasText: 'Granted' }).count()).to.equal(count)
    await page.reload()
    await settled(page)
    expect(await page.getByRole('combobox', { name: 'Result' }).inputValue()).to.equal('Granted')
    expect(await rows().count()).to.equal(count)
    expect(await rows().filter({ hasText: 'Granted' }).count()).to.equal(count)

    await page.getByRole('combobox', { name: 'Service account' }).click()
    await page.getByRole('option', { name: 'ml/robot' }).click()
    await page.waitForURL(/account=sa_/)
    await page.getByRole('heading', { name: 'No exchange fits' }).waitFor()
    await page.reload()
    await settled(page)
    await page.getByRole('heading', { name: 'No exchange fits' }).waitFor()
    expect(await page.getByRole('combobox', { name: 'Service account' }).inputValue()).to.equal('ml/robot')
    expect(await tab.axe()).to.equal('')
  })

  it('are counted, and a row or a bar of the chart filters the list', async () => {
    await world.granted(world.token())
    await refused('job:other')
    const page = await tab.go('/acme/exchanges?span=1h')
    const reasons = page.getByRole('table', { name: 'Refused, by reason' })
    const reason = reasons.getByRole('button', { name: 'no_account_matches' })
    await reason.click()
    await page.waitForURL(/reason=no_account_matches/)
    await rows().filter({ hasText: 'Granted' }).first().waitFor({ state: 'detached' })
    expect(await reason.getAttribute('aria-pressed')).to.equal('true')
    const all = await rows().count()
    expect(await rows().filter({ hasText: 'no_account_matches' }).count()).to.equal(all)
    await reason.click()
    await rows().filter({ hasText: 'Granted' }).first().waitFor()

    await page.getByText('The same as a table').click()
    const bars = page.getByRole('table', { name: 'Exchanges over time' })
    const counts = await bars
      .getByRole('row')
      .evaluateAll((rows) =>
        rows.slice(1).map((row) => [...row.querySelectorAll('td')].map((cell) => Number(cell.textContent))),
      )
    expect(counts.reduce((sum, [granted = 0]) => sum + granted, 0)).to.be.at.least(1)
    expect(counts.reduce((sum, [, refused = 0]) => sum + refused, 0)).to.be.at.least(all)
    await bars.getByRole('button').first().click()
    await page.waitForURL(/from=.*to=/)
    await page.getByRole('heading', { name: 'No exchange fits' }).waitFor()
    await page.getByRole('button', { name: 'Back to the whole span' }).click()
    await rows().first().waitFor()
  })

  it('are found by a request id, whatever was pasted around it', async () => {
    const id = await refused('job:sought')
    const page = await tab.go('/acme/exchanges?result=granted')
    const field = page.getByRole('searchbox', { name: 'Request id' })
    await field.fill('req_12')
    await page.getByText('There is no request id in it yet').waitFor()
    await field.fill(`2026-11-30 countersign: no_account_matches request=${id.toUpperCase()}, exit 5`)
    await rows().filter({ hasText: 'job:sought' }).waitFor()
    expect(await rows().count()).to.equal(1)
    expect(new URL(page.url()).searchParams.get('request_id')).to.equal(id)
    expect(await field.inputValue()).to.equal(id)
    expect(await tab.axe()).to.equal('')
    await rows().getByRole('link').first().click()
    await page.waitForURL(`**/acme/exchanges/${id}`)
    await page.getByRole('heading', { name: 'Step by step' }).waitFor()

    await tab.go(`/acme/exchanges/req_${'0'.repeat(26)}`)
    await page.getByRole('heading', { name: 'No exchange has this request id' }).waitFor()
    expect(await tab.axe()).to.equal('')
  })

  it('are explained with expected and received, and lead on to a policy', async () => {
    const id = await refused('Job:train')
    const page = await tab.go(`/acme/exchanges/${id}`)
    await page.getByText('It was refused').waitFor()
    await page.getByText('No live policy of an enabled account fits the token.', { exact: true }).waitFor()
    const near = page.getByRole('region', { name: 'Policies that come near' })
    const sides = near.locator('dl.compare').first()
    expect(await sides.locator('[data-side="expected"] mark').allTextContents()).to.deep.equal(['j'])
    expect(await sides.locator('[data-side="received"] mark').allTextContents()).to.deep.equal(['J'])
    await near.getByText('upper and lower case').first().waitFor()

    await page.getByRole('button', { name: 'Copy as text for a ticket' }).click()
    const text = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(text).to.include(id).and.to.include('sub equals job:train, got Job:train')
    expect(text).to.include('docs/reference/reasons.md#no_account_matches')
    expect(await tab.axe()).to.equal('')

    await page.getByRole('button', { name: 'Create policy from this refusal' }).click()
    const dialog = page.getByRole('dialog', { name: 'Create policy from this refusal' })
    await dialog.getByRole('link', { name: 'Go on to the policy' }).waitFor()
    expect(await tab.axe()).to.equal('')
    await dialog.getByRole('link', { name: 'Go on to the policy' }).click()
    await page.waitForURL(`**/acme/ml/service-accounts/trainer/policies/new?from=${id}`)
  })

  it('say where a refusal is mended', async () => {
    const page = tab.page
    const explain = async (token: string) => {
      await tab.go('/acme/exchanges?explain=1')
      await page.getByRole('textbox', { name: 'Token' }).fill(token)
      await page.getByRole('button', { name: 'Explain', exact: true }).click()
    }
    await explain(world.token({ aud: 'https://elsewhere.example' }))
    await page.getByRole('link', { name: 'Audiences of ci' }).click()
    await page.waitForURL('**/acme/issuers/ci')

    await explain(world.token({ iss: 'https://stranger.example' }))
    await page.getByRole('link', { name: 'Add this issuer' }).click()
    await page.waitForURL(/\/acme\/issuers\?add=https%3A%2F%2Fstranger\.example$/)

    await world.external('sleeper', 'job:sleeps')
    await must(world.api('PATCH', `${world.accounts}/sleeper`, { enabled: false }))
    await tab.go(`/acme/exchanges/${await refused('job:sleeps')}`)
    await page.getByText('ml/sleeper would fit, and is disabled.').waitFor()
    await page.getByRole('link', { name: 'Open ml/sleeper' }).click()
    await page.waitForURL('**/acme/ml/service-accounts/sleeper')

    // Mended, it says so.
    const id = await refused('job:sleeps')
    await must(world.api('PATCH', `${world.accounts}/sleeper`, { enabled: true }))
    await tab.go(`/acme/exchanges/${id}`)
    await page.getByText('It was refused then, and would be granted now').waitFor()
  })

  it('explain a token that is pasted, which is kept nowhere and not used up', async () => {
    const page = await tab.go('/acme/exchanges')
    await page.getByRole('link', { name: 'Explain a token' }).click()
    const panel = page.getByRole('dialog', { name: 'Explain a token' })
    await panel.getByText('It is not kept, not recorded and not used up').waitFor()
    expect(await tab.axe()).to.equal('')
    const token = world.token()
    await panel.getByRole('textbox', { name: 'Token' }).fill(`${token}\n`)
    await panel.getByRole('textbox', { name: 'Service account' }).fill('ml/trainer')
    await panel.getByRole('button', { name: 'Explain', exact: true }).click()
    await panel.getByText('It would be granted', { exact: true }).waitFor()
    await panel.getByText('A token for ml/trainer').first().waitFor()
    expect(await tab.axe()).to.equal('')
    const signature = String(token.split('.')[2])
    const kept = () =>
      page.evaluate<string>(
        'JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }, history.state])',
      )
    expect(await kept()).to.not.include(signature)

    await panel.getByRole('textbox', { name: 'Token' }).fill('no token')
    await panel.getByRole('button', { name: 'Explain', exact: true }).click()
    await panel.getByText('It would be refused', { exact: true }).waitFor()
    await panel.getByText('token_malformed').first().waitFor()
    await panel.getByRole('button', { name: 'Close' }).first().click()
    await panel.waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Explain a token' }).click()
    expect(await panel.getByRole('textbox', { name: 'Token' }).inputValue()).to.equal('')
    await world.granted(token)
  })

  it('show what a stranger wrote as text', async () => {
    const id = await refused(hostile, { ref: hostile, [hostile]: hostile })
    const page = await tab.go('/acme/exchanges')
    await rows().filter({ hasText: hostile }).first().waitFor()
    await tab.go(`/acme/exchanges/${id}`)
    await page.getByRole('table', { name: 'Claims of the token' }).getByText(hostile).first().waitFor()
    expect(await page.getByText(hostile).count()).to.be.at.least(4)
    expect(await page.locator('img').count()).to.equal(0)
    expect(await page.title()).to.equal('Exchange · Countersign')
    expect(await tab.axe()).to.equal('')
  })

  it('of an API key have no steps', async () => {
    await must(world.withKey(world.apiKey))
    const page = await tab.go('/acme/exchanges')
    await rows().filter({ hasText: 'an API key' }).getByRole('link').first().click()
    await page.getByText('No subject token was shown').waitFor()
    expect(await tab.axe()).to.equal('')
  })

  it('are not for those who administer nothing', async () => {
    const user = await world.make('/users', { username: 'vera', email: 'vera@acme.example', role: 'viewer' })
    const key = await world.make(`/users/${user.id}/keys`, { name: 'console' })
    const other = await window.tab(service, { key: String(key.secret) })
    for (const path of ['/acme/exchanges', `/acme/exchanges/req_${'0'.repeat(26)}`]) {
      const page = await other.go(path)
      await page.getByRole('heading', { name: 'Exchanges are for admins' }).waitFor()
      expect(await other.axe()).to.equal('')
    }
    await other.close()
  })

  it('are accessible in light and dark, wide and narrow', async () => {
    const id = await refused('job:trainer', { aud: world.audience })
    for (const scheme of ['light', 'dark'] as const)
      for (const width of [1440, 390]) {
        const other = await window.tab(service, { key: world.adminKey, scheme, width })
        for (const path of ['/acme/exchanges', `/acme/exchanges/${id}`, '/acme/exchanges?explain=1']) {
          const page = await other.go(path)
          if (process.env.SHOTS)
            await page.screenshot({
              path: `${process.env.SHOTS}/${scheme}-${width}${path.replaceAll(/[/?]/g, '-').replace(id, 'one')}.png`,
              fullPage: true,
            })
          expect(await other.axe(), `${path} ${scheme} ${width}`).to.equal('')
          const wide = await page.evaluate<number>(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          )
          expect(wide, `${path} ${width} scrolls sideways`).to.equal(0)
        }
        await other.close()
      }
  })
})
