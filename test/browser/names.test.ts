/** Names, texts and tokens that a console is not made for: of its own pages, of an object's own members, without an end. */
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Window } from '../support/browser.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

describe('browser: names', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let world: World
  let window: Window
  /** A subject as long as may be, without a place to break it. */
  const endless = 'x'.repeat(1024)
  before(async () => {
    await ensureConsole()
    provider = await startProvider()
    service = await startService({ env: { ISSUER_NETWORK: 'any' } })
    world = await createWorld(service, provider, { org: 'docs' })
    for (const name of ['issuers', 'constructor']) {
      await world.make('/teams', { name })
      await world.make(`/teams/${name}/projects`, { name: 'tostring', visibility: 'team' })
      const trust = { issuer: 'ci', subject: `job-of-${name}` }
      await world.make(`/teams/${name}/service-accounts`, { name: 'train', method: 'federated', trust })
      await world.granted(world.token({ sub: `job-of-${name}` }))
    }
    window = await openBrowser()
  })
  after(async () => {
    await window?.close()
    await service?.close()
    await provider?.close()
  })

  it('are the way to what bears the name of a page', async () => {
    const tab = await window.tab(service, { key: world.adminKey })
    const page = await tab.go('/')
    const isAccount = async () => {
      await page.getByRole('heading', { name: 'Trust policies' }).waitFor()
      await settled(page)
      expect(new URL(page.url()).pathname).to.equal('/~docs/~issuers/service-accounts/train')
      expect(await page.getByText('Team issuers', { exact: true }).count()).to.equal(1)
    }
    // The list of all, by the row of its team.
    await page.getByRole('link', { name: 'Service accounts', exact: true }).click()
    await page
      .getByRole('row')
      .filter({ hasText: 'Team issuers' })
      .getByRole('link', { name: 'train', exact: true })
      .click()
    await isAccount()
    await page.reload()
    await isAccount()
    // Its policy, and back to it.
    await page.getByRole('link', { name: /^tp-/ }).click()
    await page.getByRole('heading', { name: 'What a token has to say' }).waitFor()
    expect(page.url()).to.match(/\/~docs\/~issuers\/service-accounts\/train\/policies\/tp_/)
    await page.goBack()
    await isAccount()
    // Whom the issuer names, and whom an exchange does.
    await page.getByRole('link', { name: 'Issuers', exact: true }).click()
    await page.getByRole('link', { name: 'ci', exact: true }).click()
    await page.getByRole('link', { name: 'issuers/train' }).click()
    await isAccount()
    await page.getByRole('link', { name: 'Exchanges', exact: true }).click()
    await page.getByRole('table', { name: 'Exchanges' }).getByRole('link', { name: 'issuers/train' }).click()
    await isAccount()
    // The palette.
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('A page, a name, or a request id').fill('train')
    await page.getByRole('button', { name: /Service account of issuers/ }).click()
    await isAccount()
    // The team, by its place at the side.
    await page.getByRole('link', { name: 'Service accounts of issuers' }).click()
    await page.getByRole('link', { name: 'Projects', exact: true }).click()
    await page.getByRole('link', { name: 'tostring' }).click()
    await page.getByRole('heading', { name: 'tostring', level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).to.equal('/~docs/~issuers/projects/tostring')
    await tab.close()
  })

  it('of what every object has are names like others, and what is endless is no wider than the page', async () => {
    const claims = {
      sub: endless,
      constructor: 'a',
      toString: 'b',
      hasOwnProperty: 'c',
      ...JSON.parse('{"__proto__":"d"}'),
    }
    const { body } = await world.exchange(world.token(claims))
    const trust = {
      issuer: 'ci',
      subject: endless,
      conditions: [{ claim: 'constructor', op: 'equals', value: endless }],
    }
    const policies = '/teams/constructor/service-accounts/train/trust-policies'
    const policy = await world.make(policies, { ...trust, name: 'valueof' })
    await must(world.api('PATCH', '/teams/constructor', { display_name: 'y'.repeat(128) }))
    await must(world.api('PATCH', '/teams/constructor/service-accounts/train', { description: 'z'.repeat(256) }))
    const request = String(body.request_id)
    const train = '/~docs/constructor/service-accounts/train'
    const wrong: string[] = []
    for (const width of [1440, 390]) {
      const tab = await window.tab(service, { key: world.adminKey, width })
      for (const path of [
        '/~docs',
        '/~docs/service-accounts',
        '/~docs/teams',
        train,
        `${train}/policies/${policy.id}`,
        `${train}/policies/new?from=${request}`,
        '/~docs/constructor/projects/tostring',
        '/~docs/issuers/ci',
        '/~docs/exchanges',
        `/~docs/exchanges/${request}`,
        '/~docs/audit',
        '/~docs/hygiene',
      ]) {
        const page = await tab.go(path)
        const over = await page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        if (over > 0) wrong.push(`${path}: ${over} px too wide at ${width}`)
        if ((await page.getByText('cannot be shown').count()) > 0) wrong.push(`${path}: cannot be shown`)
        const cut = await page.evaluate<string[]>(
          `[...document.querySelectorAll('button, td')].filter((it) => it.clientWidth > 0 && it.scrollWidth > it.clientWidth + 1)
            .map((it) => it.textContent.slice(0, 60))`,
        )
        for (const text of cut) wrong.push(`${path}: cut off at ${width}: ${text}`)
      }
      await tab.close()
    }
    expect(wrong.join('\n')).to.equal('')
  })

  it('leave nothing in the browser but its colours', async () => {
    const tab = await window.tab(service, { key: world.adminKey })
    const page = await tab.go('/~docs/constructor/service-accounts/train')
    await page.getByRole('button', { name: 'Dark mode' }).click()
    const kept = await page.evaluate<Record<string, unknown>>(`(async () => ({
      local: Object.keys(localStorage), session: Object.keys(sessionStorage),
      bases: (await indexedDB.databases()).length, caches: (await caches.keys()).length, cookie: document.cookie
    }))()`)
    expect(kept).to.deep.equal({ local: ['mantine-color-scheme-value'], session: [], bases: 0, caches: 0, cookie: '' })
    await tab.close()
  })
})
