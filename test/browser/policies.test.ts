/** Trust policies, built in the browser: from an address, a token or a refusal to an exchange that is granted. */
import { expect } from 'chai'
import type { Page, Request } from 'playwright-core'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Tab, type Window } from '../support/browser.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'
import { claimsIn, createWorld, must, type Named, type World } from '../support/world.ts'

const pasteField = 'Repository, pipeline or workload; or one of its tokens'
const subject = 'repo:acme@123456/app@456789:ref:refs/heads/main'
const claims = {
  sub: subject,
  repository: 'acme/app',
  repository_id: '456789',
  repository_owner: 'acme',
  repository_owner_id: '123456',
  ref: 'refs/heads/main',
  event_name: 'push',
}

describe('browser: trust policies', function () {
  this.timeout(installing)
  let service: Service
  let ci: Provider
  let github: Provider
  let world: World
  let window: Window
  let made = 0
  before(async () => {
    await ensureConsole()
    ci = await startProvider()
    github = await startProvider()
    service = await startService()
    world = await createWorld(service, ci)
    await world.make('/issuers', { name: 'github', issuer: github.issuer, preset: 'github' })
    window = await openBrowser()
  })
  after(async () => {
    await window?.close()
    await service?.close()
    await ci?.close()
    await github?.close()
  })

  /** An External account that trusts nobody yet. */
  const account = async () => await world.make(world.accounts, { name: `job-${++made}`, method: 'federated' })
  const tokenOf = (more: Record<string, unknown> = {}) => github.token({ aud: world.audience, ...claims, ...more })
  const exchange = (of: Named, more: Record<string, unknown> = {}) =>
    world.exchange(tokenOf(more), { service_account: of.id })
  const pathOf = ({ name }: Named, policy = 'new') => `/acme/ml/service-accounts/${name}/policies/${policy}`
  const policiesOf = async ({ name }: Named) =>
    (await must(world.api('GET', `${world.accounts}/${name}/trust-policies`))).items as Record<string, unknown>[]
  const opened = async (path: string, options: Parameters<Window['tab']>[1] = {}): Promise<[Tab, Page]> => {
    const tab = await window.tab(service, { key: world.adminKey, ...options })
    tab.page.setDefaultTimeout(15_000)
    return [tab, await tab.go(path)]
  }
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
  const read = async (page: Page, text: string) => {
    await page.getByLabel(pasteField).fill(text)
    await button(page, 'Read it').click()
  }
  const strength = (page: Page, word: string) => page.getByRole('status', { name: `Strength: ${word}` }).waitFor()
  const saved = (page: Page, text: RegExp) => page.getByRole('alert').filter({ hasText: text }).first().waitFor()
  /** A policy as a person writes it by hand. */
  const write = async (page: Page, written: string, match: 'Exactly' | 'As a pattern' = 'Exactly') => {
    await page.getByRole('combobox', { name: 'Issuer' }).click()
    await page.getByRole('option', { name: /^github/ }).click()
    await page.getByLabel('Subject', { exact: true }).fill(written)
    await page.getByText(match, { exact: true }).click()
  }

  it('comes of the address of a repository, and lets its job in', async () => {
    const job = await account()
    const [tab, page] = await opened(pathOf(job))
    await read(page, 'https://github.com/acme/app')
    await page.getByText('GitHub Actions: the repository acme/app').waitFor()
    await strength(page, 'Unfinished')
    expect(await button(page, 'Save and make live').isDisabled()).to.equal(true)
    await page.getByRole('textbox', { name: 'repository_owner_id', exact: true }).fill('123456')
    await page.getByRole('textbox', { name: 'repository_id', exact: true }).fill('456789')
    await button(page, 'Fill in').click()
    expect(await page.getByLabel('Subject', { exact: true }).inputValue()).to.equal(subject)
    await strength(page, 'Strong')
    await page.getByText('Kept out: only the event push, workflow_dispatch.').waitFor()
    await button(page, 'Save and make live').click()
    await saved(page, /saved, and live/)
    await page.waitForURL(/policies\/tp_/)
    const granted = await must(exchange(job))
    expect(claimsIn(granted.access_token).sub).to.equal(job.id)
    expect((await exchange(job, { event_name: 'pull_request' })).body.reason).to.equal('no_account_matches')
    await tab.close()
  })

  it('comes of a token, of which no request carries anything', async () => {
    const job = await account()
    const [tab, page] = await opened(pathOf(job))
    const asked: string[] = []
    page.on('request', (request: Request) => asked.push(`${request.url()} ${request.postData() ?? ''}`))
    const token = tokenOf({ private_note: 'of-nobody-else' })
    await page.getByLabel(pasteField).fill(token)
    await page.getByText('A token of GitHub Actions, read in this browser').waitFor()
    expect(await page.getByLabel(pasteField).inputValue()).to.equal('')
    expect(await page.getByLabel('Subject', { exact: true }).inputValue()).to.equal(subject)
    await page.getByText('private_note = of-nobody-else').waitFor()
    await strength(page, 'Strong')
    // From the clipboard, as people do it, it never stands in the field.
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(token)})`)
    await page.getByLabel(pasteField).focus()
    await page.keyboard.press('Control+V')
    expect(await page.getByLabel(pasteField).inputValue()).to.equal('')
    await button(page, 'Save and make live').click()
    await saved(page, /saved, and live/)
    await settled(page)
    const [header = '', payload = '', signature = ''] = token.split('.')
    expect(asked.some((one) => one.includes('/lint'))).to.equal(true)
    for (const one of asked) {
      for (const piece of [header, payload.slice(0, 40), signature.slice(0, 40), 'of-nobody-else'])
        expect(one).not.to.include(piece)
    }
    const stored = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')
    expect(stored).not.to.include(payload.slice(0, 40))
    expect((await exchange(job)).status).to.equal(200)
    await tab.close()
  })

  it('shows hostile claims as texts, and says what is wrong with what is no token', async () => {
    const job = await account()
    const [tab, page] = await opened(pathOf(job))
    const name = '<img src=x onerror=alert(1)>'
    await page.getByLabel(pasteField).fill(tokenOf({ [name]: '<script>alert(1)</script>', long: 'x'.repeat(900) }))
    const chip = page.getByText(`${name} = <script>alert(1)</script>`)
    await chip.click()
    await page.getByLabel('Value of condition 5', { exact: true }).waitFor()
    expect(await page.getByLabel('Claim of condition 5').inputValue()).to.equal(name)
    expect(await page.locator('img').count()).to.equal(0)
    expect(await tab.axe()).to.equal('')
    for (const [text, says] of [
      ['hello world', 'This is not understood.'],
      ['eyJhbGciOiJub25lIn0.!!!.x', 'This token cannot be read.'],
      [`eyJ.${'a'.repeat(100_000)}.x`, 'longer than a token may be'],
    ] as const) {
      await read(page, text)
      await page.getByText(says).waitFor()
    }
    expect(await tab.axe()).to.equal('')
    await tab.close()
  })

  it('is refused by lint, mended by a button, or saved with a reason; nothing that was typed is lost', async () => {
    const job = await account()
    const [tab, page] = await opened(pathOf(job))
    await write(page, 'repo:acme/*', 'As a pattern')
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('wide')
    await strength(page, 'Dangerous')
    await page.getByText(/LR03/).waitFor()
    expect(await tab.axe()).to.equal('')
    await button(page, 'Save and make live').click()
    await page.getByRole('alert').filter({ hasText: 'lint_refused' }).waitFor()
    expect(await page.getByLabel('Subject', { exact: true }).inputValue()).to.equal('repo:acme/*')
    expect(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()).to.equal('wide')
    expect(await policiesOf(job)).to.deep.equal([])
    const reason = 'a sandbox: its account reaches one throw-away project'
    await page.getByLabel('Why is it right all the same?').fill(reason)
    await button(page, 'Save and make live').click()
    await saved(page, /wide is saved, and live/)
    const { items } = await must(world.api('GET', '/audit-events?type=trust_policy.create&limit=1'))
    expect((items as { detail: { override_reason?: string } }[])[0]?.detail.override_reason).to.equal(reason)

    // Of the one that is there, what lint offers.
    await page.waitForURL(/policies\/tp_/)
    await settled(page)
    await button(page, 'Apply this').first().click()
    expect(await page.getByLabel('Subject', { exact: true }).inputValue()).not.to.equal('repo:acme/*')
    await tab.close()
  })

  it('is a draft first, is seen to let in whom it is for, and made live', async () => {
    const job = await account()
    const [tab, page] = await opened(pathOf(job))
    await page.getByLabel(pasteField).fill(tokenOf())
    await strength(page, 'Strong')
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('main')
    await button(page, 'Save as a draft').click()
    await saved(page, /main is saved as a draft/)
    await page.waitForURL(/policies\/tp_/)
    expect((await exchange(job)).body.reason).to.equal('no_account_matches')
    await settled(page)
    await button(page, 'Make it live').click()
    const dialog = page.getByRole('dialog', { name: 'Make main live?' })
    await dialog.getByRole('table', { name: 'Would gain' }).getByText(subject).waitFor()
    expect(await tab.axe()).to.equal('')
    await dialog.getByRole('button', { name: 'Make it live' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText('Live', { exact: true }).waitFor()
    const access = await world.granted(tokenOf(), { service_account: job.id })

    await button(page, 'Make it a draft').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Make it a draft' }).click()
    await page.getByText('Draft', { exact: true }).waitFor()
    expect((await world.introspect(access)).body.active).to.equal(false)

    await button(page, 'Delete').click()
    const last = page.getByRole('dialog', { name: 'Delete the trust policy main?' })
    const deed = last.getByRole('button', { name: 'Delete the policy' })
    expect(await deed.isDisabled()).to.equal(true)
    await last.getByLabel('Type main to confirm').fill('main')
    expect(await tab.axe()).to.equal('')
    await deed.click()
    await page.waitForURL(new RegExp(`/service-accounts/${job.name}$`))
    expect(await policiesOf(job)).to.deep.equal([])
    await tab.close()
  })

  it('comes of a refusal', async () => {
    const job = await account()
    const { body } = await exchange(job)
    expect(body.reason).to.equal('no_account_matches')
    const [tab, page] = await opened(`${pathOf(job)}?from=${body.request_id}`)
    await page.getByText('The narrowest policy that would have granted the refused exchange').waitFor()
    expect(await page.getByLabel('Subject', { exact: true }).inputValue()).to.equal(subject)
    expect(await tab.axe()).to.equal('')
    await button(page, 'Preview').click()
    await page.getByRole('table', { name: 'Would gain' }).getByText(subject).waitFor()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('mended')
    await button(page, 'Save and make live').click()
    await saved(page, /mended is saved, and live/)
    expect((await exchange(job)).status).to.equal(200)

    await tab.go(`${pathOf(job)}?from=req_01k00000000000000000000000`)
    await page.getByText('No policy comes of the refusal').waitFor()
    await tab.close()
  })

  it('is tried on a token, which is sent by the press of its button and not before', async () => {
    const job = await account()
    const [tab, page] = await opened(pathOf(job))
    const sent: string[] = []
    const token = tokenOf({ ref: 'refs/heads/other' })
    page.on('request', (request) => {
      if (request.postData()?.includes(token)) sent.push(new URL(request.url()).pathname)
    })
    await page.getByLabel(pasteField).fill(tokenOf())
    await strength(page, 'Strong')
    await page.getByLabel('Token of a job').fill(token)
    await button(page, 'Preview').click()
    await page.getByText(/exchanges? of this issuer/).waitFor()
    expect(sent).to.deep.equal([])
    await button(page, 'Send it and explain').click()
    await page.getByText('This token would be refused').waitFor()
    expect(sent).to.deep.equal(['/api/v1/orgs/acme/explain'])
    expect(await page.getByLabel('Token of a job').inputValue()).to.equal('')
    const tests = page.getByRole('table', { name: 'What the policy asks, and what the token says' })
    expect(await tests.getByRole('row', { name: /^ref / }).innerText()).to.match(/main[\s\S]*other[\s\S]*No/)
    expect(await tab.axe()).to.equal('')
    await page.getByLabel('Token of a job').fill(tokenOf())
    await button(page, 'Send it and explain').click()
    await page.getByText('This token would be let in').waitFor()
    // Explained, and nothing more.
    expect((await exchange(job)).body.reason).to.equal('no_account_matches')
    await tab.close()
  })

  it('is asked for claims by chips and by hand, and is the same as code', async () => {
    const job = await account()
    const [tab, page] = await opened(pathOf(job))
    await write(page, subject)
    await page.getByText('repository_id', { exact: true }).first().click()
    await page.getByLabel('Value of condition 1', { exact: true }).fill('456789')
    await button(page, 'Add a condition by hand').click()
    await page.getByLabel('Claim of condition 2').fill('event_name')
    await page.getByRole('combobox', { name: 'Test of condition 2' }).click()
    await page.getByRole('option', { name: 'is one of' }).click()
    for (const value of ['push', 'release']) {
      await page.getByRole('combobox', { name: 'Values of condition 2' }).fill(value)
      await page.keyboard.press('Enter')
    }
    await page.getByRole('button', { name: 'Advanced: an expression' }).click()
    await page.getByLabel('CEL').fill('claims.ref ==')
    await page.getByText('It could not be saved like this').waitFor()
    expect(await tab.axe()).to.equal('')
    await page.getByLabel('CEL').fill("claims.ref == 'refs/heads/main'")
    await strength(page, 'Fair')
    await page.getByRole('tab', { name: 'CLI' }).click()
    await page.getByText(/--condition 'event_name in push,release'/).waitFor()
    await page.getByRole('tab', { name: 'YAML' }).click()
    await page.getByText(/trust_policies:/).waitFor()
    await page.getByRole('tab', { name: 'A job of a workflow' }).waitFor()
    await page.getByText(`service_account=ml/${job.name}`).waitFor()
    await page.getByLabel('Remove condition 1').click()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('by-hand')
    await button(page, 'Save and make live').click()
    await saved(page, /by-hand is saved, and live/)
    const [kept] = await policiesOf(job)
    expect([kept?.subject, kept?.conditions, kept?.cel]).to.deep.equal([
      subject,
      [{ claim: 'event_name', op: 'in', value: ['push', 'release'] }],
      "claims.ref == 'refs/heads/main'",
    ])
    await tab.close()
  })

  it('is listed with how strong it is, made live and deleted there', async () => {
    const job = await account()
    const make = (policy: Record<string, unknown>) =>
      world.make(`${world.accounts}/${job.name}/trust-policies`, { issuer: 'github', ...policy })
    const asked = [{ claim: 'event_name', op: 'equals', value: 'push' }]
    await make({ name: 'good', subject, conditions: asked, state: 'draft' })
    await make({ name: 'thin', subject: subject.replace('main', 'dev') })
    const [tab, page] = await opened(pathOf(job).replace('/policies/new', ''))
    const list = page.getByRole('table', { name: 'Trust policies' })
    const row = (name: string) => list.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })
    await row('good').getByText('No findings').waitFor()
    await row('thin').getByText('Weak: 1 warning').waitFor()
    expect(await tab.axe()).to.equal('')
    expect((await exchange(job)).body.reason).to.equal('no_account_matches')
    await row('good').getByRole('button', { name: 'Make live: good' }).click()
    await page.getByRole('dialog').getByText('Would gain').first().waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Make it live' }).click()
    await row('good').getByText('Live', { exact: true }).waitFor()
    expect((await exchange(job)).status).to.equal(200)
    await row('good').getByRole('button', { name: 'Delete: good' }).click()
    await page.getByRole('dialog').getByRole('table', { name: 'Would lose' }).getByText(subject).waitFor()
    await page.getByLabel('Type good to confirm').fill('good')
    await button(page, 'Delete the policy').click()
    await row('good').waitFor({ state: 'detached' })
    expect((await exchange(job)).body.reason).to.equal('no_account_matches')
    await row('thin').getByRole('link', { name: 'thin' }).click()
    await page.getByRole('heading', { name: 'thin', level: 1 }).waitFor()

    // What somebody else does meanwhile is not written over, and what was typed stays.
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('typed')
    await must(world.api('PATCH', `${world.accounts}/${job.name}/trust-policies/thin`, { state: 'draft' }))
    await button(page, 'Save changes').click()
    await page.getByRole('alert').filter({ hasText: 'That did not work' }).waitFor()
    expect(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()).to.equal('typed')
    expect((await policiesOf(job)).map(({ name, state }) => [name, state])).to.deep.equal([['thin', 'draft']])
    await tab.close()
  })

  it('is nothing for an account with API keys, and says so when it is not there', async () => {
    const [tab, page] = await opened(pathOf({ name: 'robot', id: '' }))
    await page.getByRole('heading', { name: 'This account has API keys' }).waitFor()
    expect(await tab.axe()).to.equal('')
    await tab.go(pathOf(world.account as Named, 'tp_01k00000000000000000000000'))
    await page.getByRole('alert').filter({ hasText: 'Not found' }).waitFor()
    await tab.close()
  })

  for (const scheme of ['light', 'dark'] as const)
    for (const width of [1440, 390])
      it(`is accessible, ${scheme}, ${width} px`, async () => {
        const job = await account()
        const [tab, page] = await opened(pathOf(job), { scheme, width })
        const fits = async () =>
          expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(width)
        expect(await tab.axe()).to.equal('')
        await write(page, 'repo:acme/app:*', 'As a pattern')
        await strength(page, 'Dangerous')
        expect(await tab.axe()).to.equal('')
        await fits()
        await read(page, 'https://github.com/acme/app')
        await page.getByText('Still to be filled in').first().waitFor()
        expect(await tab.axe()).to.equal('')
        await fits()
        await page
          .getByLabel(pasteField)
          .fill(tokenOf({ [`https://long.example/${'claim'.repeat(12)}`]: 'v'.repeat(99) }))
        await strength(page, 'Strong')
        expect(await tab.axe()).to.equal('')
        await fits()
        await tab.close()
      })
})
