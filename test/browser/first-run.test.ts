/**
 * Somebody who has read nothing, from the set-up link to a granted exchange: an organization, a team, an issuer, an
 * account, a policy, click by click. They leave the browser once, to paste one command.
 */
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Window } from '../support/browser.ts'
import { leaks } from '../support/leaks.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'

/** `SHOTS=folder`: keeps a picture of each step. */
const shots = process.env.SHOTS

describe('browser: the first run', function () {
  this.timeout(installing)
  let service: Service
  let window: Window
  before(async () => {
    await ensureConsole()
    service = await startService({ env: { OPERATOR_KEY: '' } })
    window = await openBrowser()
  })
  after(async () => {
    await window?.close()
    await service?.close()
  })

  it('leads from the set-up link to a granted exchange', async () => {
    const link = String(service.lines.find(({ setup_url }) => setup_url)?.setup_url)
    const tab = await window.tab(service, { expected: /the secret of a set-up link in an address/ })
    const page = tab.page
    let step = 0
    const shoot = async (name: string) => {
      expect(await tab.axe(), name).to.equal('')
      if (shots === undefined) return
      mkdirSync(shots, { recursive: true })
      await page.screenshot({ path: `${shots}/first-run-${String(++step).padStart(2, '0')}-${name}.png` })
    }
    const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
    const link_ = (name: string) => page.getByRole('link', { name, exact: true })

    await page.goto(link)
    await page.getByLabel('Organization').fill('acme')
    await page.getByLabel('Your user name').fill('ada')
    await page.getByLabel('Your e-mail address').fill('ada@acme.example')
    await shoot('set-up')
    await button('Create the organization').click()
    const key = (await page.getByTestId('secret').textContent()) ?? ''
    leaks.learn('an API key', key.trim())
    await shoot('key')
    await page.getByLabel('I have stored it').check()
    await button('Open the console').click()

    await page.getByRole('heading', { name: 'To your first exchange' }).waitFor()
    await settled(page)
    await shoot('start')
    await link_('New team').click()
    const panel = page.getByRole('dialog')
    await panel.getByRole('textbox', { name: 'Name', exact: true }).fill('ml')
    await shoot('team')
    await panel.getByRole('button', { name: /^Create/ }).click()
    await panel.waitFor({ state: 'hidden' })

    await overview(page)
    await button('I have no platform at hand').click()
    await shoot('practice')
    await button('Trust it').click()
    await link_('New service account').click()
    await panel.getByRole('textbox', { name: 'Name', exact: true }).fill('trainer')
    await panel.getByLabel(/^Federated identity/).check()
    await shoot('account')
    await panel.getByRole('button', { name: /^Create/ }).click()

    await page.getByRole('heading', { name: /trust policy/i, level: 1 }).waitFor()
    await page.getByRole('combobox', { name: 'Issuer' }).click()
    await page.getByRole('option', { name: /^practice/ }).click()
    await page.getByLabel('Subject', { exact: true }).fill('job:train')
    await settled(page)
    await shoot('policy')
    await button('Save and make live').click()
    await page.waitForURL(/policies\/tp_/)

    await overview(page)
    await button('Sign a token, as a job’s platform would').click()
    await shoot('try-it')
    const command = (await page.locator('pre.code').first().textContent()) ?? ''
    leaks.learn('a subject token', /assertion=(\S+)/.exec(command)?.[1] ?? '')
    const { stdout } = await promisify(execFile)('bash', ['-c', command])
    const answer = JSON.parse(stdout) as Record<string, unknown>
    leaks.learnFromAnswer(answer, stdout)
    expect(answer).to.include({ token_type: 'Bearer', expires_in: 900 })

    // Nothing is clicked: it arrives.
    await page.getByText('Granted in 24 hours').waitFor()
    await settled(page)
    await shoot('granted')
    await page.getByRole('link', { name: 'See them' }).click()
    await page.getByText('job:train').first().waitFor()
    await settled(page)
    await shoot('exchanges')

    // The platform that was made up for it goes, and with it what it signed for.
    await page.getByRole('link', { name: 'Overview' }).click()
    await button('Delete the practice issuer').click()
    await page.getByLabel('Type practice to confirm').fill('practice')
    await button('Delete it now').click()
    await page.getByText('practice is deleted').waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText('Granted in 24 hours').waitFor()
    expect(await button('Delete the practice issuer').count()).to.equal(0)
    await tab.close()
  })
})

async function overview(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByRole('heading', { name: 'To your first exchange' }).waitFor()
  await settled(page)
}
