/** Issuers in the console: found while their URL is typed, uploaded, judged, stopped. The identity providers are real. */
import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, type Tab, type Window } from '../support/browser.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

describe('browser: issuers', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let other: Provider
  let world: World
  let window: Window
  let tab: Tab
  let page: Page
  before(async () => {
    await ensureConsole()
    provider = await startProvider({ alg: 'ES256' })
    other = await startProvider()
    service = await startService({ env: { ISSUER_NETWORK: 'any', LIMIT_ISSUER_FETCHES_PER_MINUTE: '1000' } })
    world = await createWorld(service, provider)
    window = await openBrowser()
  })
  after(async () => {
    await window?.close()
    await service?.close()
    await provider?.close()
    await other?.close()
  })
  beforeEach(async () => {
    tab = await window.tab(service, { key: world.adminKey })
    page = tab.page
  })
  afterEach(async () => {
    provider.fail(null)
    other.fail(null)
    await tab.close()
  })

  const panel = () => page.getByRole('dialog')
  const found = () => page.getByRole('region', { name: 'What was found' })
  const url = () => page.getByLabel('Issuer URL')
  const accessible = async () => expect(await tab.axe()).to.equal('')
  const issuers = async () =>
    (await must(world.api('GET', '/issuers'))).items as { name: string; audiences: string[]; jwks: object | null }[]

  it('lists them, and finds one by a part of its name', async () => {
    await tab.go('/acme/issuers')
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'ci', exact: true }) })
    await row.getByText('Healthy').waitFor()
    await row.getByText(provider.issuer).waitFor()
    await accessible()
    await page.getByLabel('Search issuers').fill('nothing-like-it')
    await page.getByRole('heading', { name: 'No issuer fits' }).waitFor()
    expect(new URL(page.url()).search).to.equal('?q=nothing-like-it')
    await accessible()
  })

  it('adds one by its URL: what is there is shown while it is typed, and the form stays through a refusal', async () => {
    await tab.go('/acme/issuers')
    await page.getByRole('link', { name: 'Add issuer' }).click()
    await panel()
      .getByRole('link', { name: /GitHub Actions/ })
      .waitFor()
    await accessible()
    await panel()
      .getByRole('link', { name: /Another, by its URL/ })
      .click()
    await url().fill(other.issuer)
    for (const step of ['Discovery document', 'Same issuer', 'Key set', 'Usable keys'])
      await found()
        .getByRole('listitem')
        .filter({ hasText: step })
        .getByText(/\d+ ms/)
        .waitFor()
    await found().getByText('Signs with RS256').waitFor()
    await found().getByRole('cell', { name: other.key().kid }).waitFor()
    await page.getByText(world.audience, { exact: true }).first().waitFor()
    await accessible()
    expect((await issuers()).map(({ name }) => name)).to.deep.equal(['ci'])

    await page.getByLabel('Name', { exact: true }).fill('ci')
    await page.getByRole('button', { name: 'Register issuer' }).click()
    await page.getByRole('alert').filter({ hasText: 'name_taken' }).waitFor()
    expect(await url().inputValue()).to.equal(other.issuer)
    await page.getByLabel('Name', { exact: true }).fill('second')
    await page.getByRole('tab', { name: 'CLI' }).click()
    await page.getByText(`countersign issuer add ${other.issuer} \\\n  --name second`).waitFor()
    await accessible()
    await page.getByRole('button', { name: 'Register issuer' }).click()
    await page.getByRole('heading', { name: 'second', level: 1 }).waitFor()
    await page.getByRole('heading', { name: 'Last fetch' }).waitFor()
    const [made] = (await issuers()).filter(({ name }) => name === 'second')
    expect(made?.audiences).to.deep.equal(['acme', world.audience])
    await must(world.api('DELETE', '/issuers/second'))
  })

  it('says what to do when nobody answers, when another issuer does, and when it is no URL', async () => {
    await tab.go('/acme/issuers?add=custom')
    await url().fill('http://127.0.0.1:1')
    await found()
      .getByText(/could not be reached/)
      .waitFor()
    await found()
      .getByText(/ISSUER_NETWORK/)
      .waitFor()
    await page.getByRole('button', { name: 'Register it all the same' }).waitFor()
    await accessible()
    await url().fill(`${other.issuer}/`)
    await found()
      .getByText(/bears another issuer/)
      .waitFor()
    await accessible()
    await found().getByRole('button', { name: 'Without the slash at the end' }).click()
    await found().getByText('Signs with RS256').waitFor()
    other.fail('error')
    await url().fill(`${other.issuer}?x=1`)
    await found()
      .getByText(/must not have a query/)
      .waitFor()
    await accessible()
  })

  it('takes public keys, and lets no private key out of the browser', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const secret = privateKey.export({ format: 'jwk' })
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.postData() ?? ''))
    await tab.go('/acme/issuers?add=kubernetes')
    await page.getByRole('radio', { name: /the same, in its short form/ }).check()
    await page.getByRole('radiogroup', { name: 'Where its keys come from' }).getByText('Upload').click()
    const keys = page.getByLabel('Public keys (JWKS)')
    await keys.fill(JSON.stringify({ keys: [secret] }))
    await page.getByRole('alert').filter({ hasText: 'A private key: not taken' }).waitFor()
    expect(await keys.inputValue()).to.equal('')
    await accessible()
    await page.getByLabel('Key set file').setInputFiles({
      name: 'key.pem',
      mimeType: 'text/plain',
      buffer: Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    })
    await page.getByRole('alert').filter({ hasText: 'A private key: not taken' }).waitFor()
    await keys.fill('{"keys":')
    await page.getByText(/This is no JSON/).waitFor()
    await page.getByRole('button', { name: 'Register issuer' }).click()

    await page.getByLabel('Key set file').setInputFiles({
      name: 'keys.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(other.publicJwks())),
    })
    await page.getByText('One public key, no private ones.').waitFor()
    await found().getByText('Signs with RS256').waitFor()
    await found()
      .getByText(/Recognised as/)
      .waitFor()
    await accessible()
    await page.getByRole('button', { name: 'Register issuer' }).click()
    await page.getByRole('heading', { name: 'kubernetes', level: 1 }).waitFor()
    await page.getByText(/Its keys were uploaded/).waitFor()
    await page.getByRole('tab', { name: 'A pod with a projected token' }).waitFor()
    await accessible()
    expect(sent.join('\n')).to.not.contain(String(secret.d)).and.not.contain('PRIVATE KEY')
    expect((await issuers()).find(({ name }) => name === 'kubernetes')?.jwks).to.not.equal(null)
    await must(world.api('DELETE', '/issuers/kubernetes'))
  })

  it('knows a preset by its URL, fills in what is open, and wants a reason against an error of lint', async () => {
    await tab.go('/acme/issuers?add=1')
    await panel()
      .getByRole('link', { name: /CircleCI/ })
      .click()
    await page.getByLabel('Organization id').fill('3f2c')
    expect(await url().inputValue()).to.equal('https://oidc.circleci.com/org/3f2c')
    await panel().getByRole('link', { name: 'Another provider' }).click()
    await panel()
      .getByRole('link', { name: /Another, by its URL/ })
      .click()
    await url().fill('https://gitlab.com')
    await page.getByRole('radiogroup', { name: 'Where its keys come from' }).getByText('Upload').click()
    await page.getByLabel('Public keys (JWKS)').fill(JSON.stringify(other.publicJwks()))
    await found().getByText('Recognised as GitLab CI by its URL.').waitFor()
    await page.getByText(/^GitLab CI: /).waitFor()
    const audiences = page.getByLabel('Audiences').first()
    await audiences.fill('https://gitlab.com')
    await audiences.press('Enter')
    await page.getByRole('button', { name: 'Register issuer' }).click()
    await page.getByText(/LR14/).waitFor()
    await accessible()
    expect(await url().inputValue()).to.equal('https://gitlab.com')
    await page.getByLabel('Why is it right all the same?').fill('only this job can ask for it')
    await page.getByRole('button', { name: 'Register issuer' }).click()
    await page.getByRole('heading', { name: 'gitlab-com', level: 1 }).waitFor()
    const { items } = await must(world.api('GET', '/audit-events?type=issuer.create'))
    expect(JSON.stringify(items)).to.contain('only this job can ask for it')
    await must(world.api('DELETE', '/issuers/gitlab-com'))
  })

  it('shows its health fetch by fetch, checks it now, and refreshes its keys', async () => {
    await tab.go('/acme/issuers/ci')
    await page.getByRole('heading', { name: /^Last (\d+ )?fetch/ }).waitFor()
    provider.rotate()
    await page.getByRole('button', { name: 'Refresh keys' }).click()
    await page.getByText('The keys were fetched anew').waitFor()
    await page.getByText('Rotated').waitFor()
    await page.getByRole('cell', { name: provider.key().kid }).waitFor()
    provider.fail('error')
    await page.getByRole('button', { name: 'Check now' }).click()
    await panel().getByText('Its keys could not be fetched.').waitFor()
    await panel()
      .getByText(/status 500/)
      .waitFor()
    await accessible()
    provider.fail(null)
    await panel().getByRole('button', { name: 'Check again' }).click()
    await panel().getByText('Its keys can be fetched and used.').waitFor()
    await accessible()
    await panel().getByRole('button', { name: 'Done' }).click()
    const link = page.getByRole('link', { name: 'Its exchanges' })
    expect(new URL(String(await link.getAttribute('href')), service.url).searchParams.get('issuer')).to.equal(
      provider.issuer,
    )
  })

  it('is changed by what is different, unless somebody else changed it meanwhile', async () => {
    await tab.go('/acme/issuers/ci')
    await page.getByRole('link', { name: 'Edit' }).click()
    await page.getByLabel('Clock tolerance').fill('30')
    await accessible()
    await must(world.api('PATCH', '/issuers/ci', { max_token_age: 7200 }))
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText(/Somebody changed it meanwhile/).waitFor()
    expect(await page.getByLabel('Clock tolerance').inputValue()).to.equal('30')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('2 hours').waitFor()
    await page.getByRole('link', { name: 'Edit' }).click()
    await page.getByLabel('Clock tolerance').fill('30')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('30 seconds').waitFor()
    expect(await must(world.api('GET', '/issuers/ci'))).to.include({ clock_tolerance: 30, max_token_age: 7200 })
  })

  it('is stopped by its kill switch, which says whom that stops', async () => {
    const token = await world.granted(world.token())
    await tab.go('/acme/issuers/ci')
    await page.getByRole('table', { name: 'Who depends on it' }).getByText('ml/trainer').waitFor()
    await page.getByRole('button', { name: 'Disable' }).click()
    await panel().getByText('1 service account by 1 trust policy').waitFor()
    await panel()
      .getByText(/^ml\/trainer, last used/)
      .waitFor()
    await panel()
      .getByText(/1 token granted and 0 refused/)
      .waitFor()
    await accessible()
    const now = panel().getByRole('button', { name: 'Disable it now' })
    expect(await now.isDisabled()).to.equal(true)
    expect((await world.introspect(token)).body.active).to.equal(true)
    await panel().getByLabel('Type ci to confirm').fill('ci')
    await now.click()
    await page.getByText('ci is disabled; what it gave out has ended').waitFor()
    await page.getByText(/It is disabled: nothing is fetched/).waitFor()
    await accessible()
    expect((await world.introspect(token)).body).to.deep.equal({ active: false })
    expect((await world.exchange(world.token())).body.reason).to.equal('issuer_not_trusted')

    await page.getByRole('button', { name: 'Enable' }).click()
    await accessible()
    await panel().getByRole('button', { name: 'Enable it' }).click()
    await page.getByText('ci is enabled').waitFor()
    expect((await world.introspect(token)).body).to.deep.equal({ active: false })
    const next = await world.granted(world.token())
    await page.getByRole('button', { name: 'Revoke its tokens' }).click()
    await panel().getByLabel('Type ci to confirm').fill('ci')
    await panel().getByRole('button', { name: 'Revoke them now' }).click()
    await page.getByText('All access tokens that came from ci have ended').waitFor()
    expect((await world.introspect(next)).body).to.deep.equal({ active: false })
  })

  it('is deleted with what depends on it, and what a file holds only when that is meant', async () => {
    const file = { organization: 'filed', issuers: { kept: { issuer: other.issuer } } }
    const filed = await createWorld(service, provider, { org: 'filed' })
    await must(filed.api('POST', '/apply', { source: 'organization.yaml', document: file }))
    await tab.close()
    tab = await window.tab(service, { key: filed.adminKey })
    page = tab.page
    await tab.go('/filed/issuers/kept')
    await page.getByText('Managed by organization.yaml').waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await panel()
      .getByText(/Change it in that file and apply it/)
      .waitFor()
    await panel().getByLabel('Type kept to confirm').fill('kept')
    await panel().getByRole('button', { name: 'Delete it now' }).click()
    await panel().getByRole('alert').filter({ hasText: 'managed' }).waitFor()
    await accessible()
    await panel().getByLabel('Do it here all the same').check()
    await panel().getByRole('button', { name: 'Delete it now' }).click()
    await page.getByRole('heading', { name: 'Issuers', level: 1 }).waitFor()
    expect(((await must(filed.api('GET', '/issuers'))).items as object[]).length).to.equal(1)
  })

  for (const scheme of ['light', 'dark'] as const)
    it(`is accessible and fits, ${scheme}, wide and narrow`, async () => {
      for (const width of [1440, 390]) {
        const seen = await window.tab(service, { key: world.adminKey, scheme, width })
        const paths: [path: string, mark: string | RegExp][] = [
          ['/acme/issuers', provider.issuer],
          ['/acme/issuers?add=1', 'GitHub Actions'],
          ['/acme/issuers?add=kubernetes', 'Which one is it?'],
          ['/acme/issuers/ci', /SUBJECT_TOKEN/],
          ['/acme/issuers/ci?edit=1', /The URL stays/],
          ['/acme/issuers/nobody', /Not found/],
        ]
        for (const [path, mark] of paths) {
          const at = await seen.go(path)
          await at.getByText(mark).first().waitFor()
          expect(await seen.axe(), `${path} ${width}`).to.equal('')
          expect(await at.evaluate('document.documentElement.scrollWidth'), path).to.equal(width)
        }
        await seen.close()
      }
    })
})
