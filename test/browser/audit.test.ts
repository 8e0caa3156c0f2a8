/** The trail in the console: told, filtered, followed, exported, and its chain checked by the browser. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Tab, type Window } from '../support/browser.ts'
import { itEmbedded } from '../support/embedded.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

const hostile = '<img src=x onerror="document.title=1">'

describe('browser: the audit trail', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let world: World
  let window: Window
  let teamAdmin: string
  let tab: Tab

  before(async () => {
    await ensureConsole()
    provider = await startProvider()
    window = await openBrowser()
    service = await startService({ env: { ISSUER_NETWORK: 'any' } })
    world = await createWorld(service, provider)
    await world.make('/users', { username: 'sam', email: 'sam@acme.example', role: 'member' })
    teamAdmin = String((await world.make('/users/sam/keys', {})).secret)
    await must(world.api('PUT', '/teams/ml/members/sam', { role: 'admin' }))
    await must(
      call(service, 'PATCH', `${world.path}/teams/ml`, {
        secret: world.adminKey,
        json: { display_name: hostile },
        headers: { 'user-agent': `agent ${hostile}` },
      }),
    )
    await world.exchange(await world.token({ sub: hostile }))
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

  const rows = () => tab.page.getByRole('table', { name: 'Events', exact: true }).locator('tbody tr.row')
  const noPictures = async () => expect(await tab.page.locator('img[src="x"]').count()).to.equal(0)
  const lines = async () => {
    const { body } = await call(service, 'GET', `${world.path}/audit-events`, {
      secret: world.adminKey,
      headers: { accept: 'application/x-ndjson' },
    })
    return String(body.text).trim().split('\n')
  }

  it('says who did what, before and after, with links, the raw event on demand, at an address of its own', async () => {
    const page = await tab.go('/acme/audit')
    const row = rows().filter({ hasText: 'acme-root changed the display name of the team ml' })
    expect(await row.innerText()).to.include(`display_name: — → ${hostile}`)
    await row.getByRole('link', { name: /^Details:/ }).click()
    const panel = page.getByRole('dialog', { name: 'Event' })
    const change = panel.getByRole('table', { name: 'What it changed' }).locator('tbody tr')
    await change.waitFor()
    expect(await change.innerText()).to.equal(`display name\t—\t${hostile}`)
    await page.reload()
    await panel.getByText(`agent ${hostile}`, { exact: true }).waitFor()
    expect(await panel.getByText('"display_name"').isVisible()).to.equal(false)
    await panel.getByRole('button', { name: 'Show the raw event' }).click()
    await panel.getByText('"display_name"').waitFor()
    const raw = JSON.parse(await panel.locator('pre.code').innerText())
    expect(raw).to.deep.include({ type: 'team.update', result: 'done' })
    expect(raw.hash).to.match(/^[0-9a-f]{64}$/)
    expect(await tab.axe()).to.equal('')
    await noPictures()
    await panel.getByRole('link', { name: 'acme-root' }).first().click()
    await page.waitForURL(/\/acme\/users\/user_\w+$/)
  })

  it('is filtered by the address, which a reload keeps', async () => {
    const page = await tab.go('/acme/audit')
    await page.getByRole('textbox', { name: 'By whom' }).fill('acme-root')
    await page.waitForURL(/actor=acme-root/)
    await page.getByRole('combobox', { name: 'Type' }).click()
    await page.getByRole('option', { name: 'team.create', exact: true }).click()
    await page.getByRole('combobox', { name: 'Time' }).click()
    await page.getByRole('option', { name: 'Last hour' }).click()
    await page.waitForURL(/span=1h/)
    for (const reload of [false, true]) {
      if (reload) await page.reload()
      await settled(page)
      await rows().nth(1).waitFor({ state: 'detached' })
      expect(await rows().innerText()).to.include('acme-root created the team ml')
      expect(await page.getByRole('textbox', { name: 'By whom' }).inputValue()).to.equal('acme-root')
      expect(await page.getByRole('combobox', { name: 'Time' }).inputValue()).to.equal('Last hour')
    }
    await tab.go('/acme/audit?reason=no_account_matches')
    expect(await page.getByRole('textbox', { name: 'Reason' }).inputValue()).to.equal('no_account_matches')
    expect(await rows().innerText()).to.include(`${hostile} was refused an access token`)
    await noPictures()
    await page.getByRole('textbox', { name: 'Reason' }).fill('none')
    await page.getByRole('heading', { name: 'No event fits' }).waitFor()
    await page.getByRole('button', { name: 'Clear all filters' }).first().click()
    await rows().first().waitFor()
    expect(new URL(page.url()).search).to.equal('')
  })

  it('is filtered by a time of one’s own, to the minute', async () => {
    const page = await tab.go('/acme/audit?span=custom')
    await page.getByLabel('From (your time)').fill('2020-01-01T10:00')
    await page.getByLabel('To (your time)').fill('2020-01-01T11:00')
    await page.getByRole('heading', { name: 'No event fits' }).waitFor()
    const { searchParams } = new URL(page.url())
    expect(Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '')).to.equal(3_659_999)
    await page.reload()
    expect(await page.getByLabel('To (your time)').inputValue()).to.equal('2020-01-01T11:00')
  })

  it('says that more has happened, and shows it when it is wanted', async () => {
    const page = await tab.go('/acme/audit?type=team.*')
    const count = await rows().count()
    await page.getByText('No newer events').waitFor()
    await world.make('/teams', { name: 'newer' })
    await page.getByText('One newer event').waitFor()
    expect(await rows().count()).to.equal(count)
    await page.getByRole('button', { name: 'Show' }).click()
    await rows().filter({ hasText: 'created the team newer' }).waitFor()
    expect(await rows().count()).to.equal(count + 1)
  })

  it('is exported whole, as lines and as a table, and as the filters have it', async () => {
    const page = await tab.go('/acme/audit')
    const save = async (form: string) => {
      await page.getByRole('radio', { name: form }).check()
      const saved = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Save the file' }).click()
      const file = await saved
      await page.getByText(/events saved$/).waitFor()
      return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') }
    }
    await page.getByRole('button', { name: 'Export' }).click()
    const expected = await lines()
    const whole = await save('NDJSON')
    expect(whole.name).to.match(/^audit-acme-\d{4}-\d\d-\d\d\.ndjson$/)
    expect(whole.text.trimEnd().split('\n')).to.deep.equal(expected)
    const table = (await save('CSV')).text.trimEnd().split('\r\n')
    expect(table).to.have.length(expected.length + 1)
    expect(table[0]).to.match(/^id,at,what,type,/)
    expect(await tab.axe()).to.equal('')
    await tab.go('/acme/audit?type=team.create')
    await page.getByRole('button', { name: 'Export' }).click()
    expect((await save('NDJSON')).text.trimEnd().split('\n')).to.have.length(
      expected.filter((line) => line.includes('"type":"team.create"')).length,
    )
  })

  it('has its chain checked here, with what that covers, and a hash that was kept', async () => {
    const page = await tab.go('/acme/audit')
    await page.getByRole('link', { name: 'Check the chain' }).click()
    const panel = page.getByRole('dialog', { name: 'Check the chain' })
    await panel.getByText('It cannot see that the newest events were cut off').waitFor()
    await panel.getByRole('button', { name: 'Check now' }).click()
    await panel.getByText('The chain holds').waitFor()
    const { hash } = JSON.parse((await lines()).at(-1) as string)
    expect(await panel.innerText())
      .to.include(hash)
      .and.to.include(`${(await lines()).length} events checked`)
    const kept = panel.getByLabel('A hash that you kept')
    await kept.fill(hash)
    await panel.getByRole('button', { name: 'Check again' }).click()
    await panel.getByText('The hash that you kept is among them').waitFor()
    expect(await tab.axe()).to.equal('')
    await kept.fill('f'.repeat(64))
    await panel.getByRole('button', { name: 'Check again' }).click()
    await panel.getByText('The hash that you kept is not in the chain').waitFor()
    await kept.fill('short')
    await panel.getByText('A hash has 64 characters').waitFor()
  })

  it('tells admins of a team that they see a part, which has no chain to check', async () => {
    const sams = await window.tab(service, { key: teamAdmin })
    const page = await sams.go('/acme/audit?chain=1')
    await page.getByRole('dialog').getByText('Only an admin of the organization can check it').waitFor()
    expect(await page.getByRole('button', { name: 'Check now' }).count()).to.equal(0)
    expect(await sams.axe()).to.equal('')
    await page.keyboard.press('Escape')
    await page.getByText('You see what is about your teams.').waitFor()
    await sams.close()
    const none = await window.tab(service, { key: world.apiKey })
    await (await none.go('/acme/audit')).getByRole('heading', { name: 'For admins' }).waitFor()
    await none.close()
  })

  it('is no longer checked once that is cancelled', async () => {
    const page = await tab.go('/acme/audit?chain=1')
    const { promise: held, resolve: go } = Promise.withResolvers<void>()
    await page.route('**/audit-events', async (route) => {
      await held
      await route.continue().catch(() => {})
    })
    await page.getByRole('button', { name: 'Check now' }).click()
    await page.getByText('0 events checked').waitFor()
    expect(await tab.axe()).to.equal('')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('0 events checked').waitFor({ state: 'detached' })
    go()
    await page.unroute('**/audit-events')
    await page.getByRole('button', { name: 'Check now' }).click()
    await page.getByText('The chain holds').waitFor()
  })

  for (const scheme of ['light', 'dark'] as const)
    it(`is accessible, ${scheme}, wide and narrow`, async () => {
      for (const width of [1440, 390]) {
        const other = await window.tab(service, { key: world.adminKey, scheme, width })
        const { id, request_id } = JSON.parse((await lines()).at(-1) as string)
        const one = `?event=${id}&of=${request_id}`
        for (const query of ['', one, '?reason=none', '?span=custom&team=ml', '?chain=1', '?issuer=none']) {
          const page = await other.go(`/acme/audit${query}`)
          if (query === '?chain=1') {
            await page.getByRole('button', { name: 'Check now' }).click()
            await page.getByText('The chain holds').waitFor()
          }
          expect(await other.axe(), `${query} ${width}`).to.equal('')
          expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).to.equal(0)
        }
        await (await other.go('/acme/audit')).getByRole('button', { name: 'Export' }).click()
        await other.page.getByRole('button', { name: 'Save the file' }).waitFor()
        expect(await other.axe(), `export ${width}`).to.equal('')
        await other.close()
      }
    })

  itEmbedded('names the first event that was changed, or is gone', async () => {
    const whole = await lines()
    const second = JSON.parse(whole[1] as string) as { id: string }
    const tamper = async (scheme: 'light' | 'dark', sql: string) => {
      await service.stop()
      const database = new DatabaseSync(join(service.dataDir, 'countersign.db'))
      const { changes } = database.prepare(sql).run(second.id)
      database.close()
      expect(changes).to.equal(1)
      service = await startService({ env: { ISSUER_NETWORK: 'any' }, dataDir: service.dataDir })
      const other = await window.tab(service, { key: world.adminKey, scheme })
      const page = await other.go('/acme/audit?chain=1')
      await page.getByRole('button', { name: 'Check now' }).click()
      const alert = page.getByRole('alert').filter({ hasText: 'The chain is broken' })
      await alert.waitFor()
      expect(await other.axe()).to.equal('')
      const said = await alert.innerText()
      await other.close()
      return said
    }
    const changed = await tamper(
      'light',
      `update audit_events set body = replace(body, 'operator', 'somebody') where id = ?`,
    )
    expect(changed).to.include('At event 2. What it says is not what its hash was made of').and.to.include(second.id)
    const removed = await tamper('dark', 'delete from audit_events where id = ?')
    expect(removed).to.include('At event 2. It does not follow the event that stands before it')
    expect(removed).to.include((JSON.parse(whole[2] as string) as { id: string }).id)
  })
})
