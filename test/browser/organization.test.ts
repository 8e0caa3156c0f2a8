/** Teams, users and resource servers in the console, as their admins and as others meet them. */
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Window } from '../support/browser.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { leaks } from '../support/leaks.ts'
import { installing } from '../support/program.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

const hostile = '<img src=x onerror=alert(1)>'

describe('browser: the organization', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let world: World
  let window: Window
  before(async () => {
    await ensureConsole()
    provider = await startProvider()
    service = await startService({ env: { ISSUER_NETWORK: 'any' } })
    world = await createWorld(service, provider)
    await world.make('/teams', { name: 'ops', display_name: `Operations ${hostile}` })
    await world.make('/teams/ops/service-accounts', { name: 'stranger', method: 'api_key' })
    await world.make('/users', { username: 'grace', email: 'grace@acme.example' })
    window = await openBrowser()
  })
  after(async () => {
    await window?.close()
    await service?.close()
    await provider?.close()
  })

  /** Opens the page as the admin, does it, and throws for what the browser should not have said. */
  async function asAdmin(path: string, run: (page: Page) => Promise<void>, key = world.adminKey): Promise<void> {
    const tab = await window.tab(service, { key })
    await run(await tab.go(path))
    await tab.close()
  }
  const button = (page: Page, name: string | RegExp) =>
    page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
  const dialog = (page: Page) => page.getByRole('dialog')
  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true })
  const secretIn = async (page: Page) => {
    const secret = String(await page.getByTestId('secret').textContent())
    leaks.learn('an API key', secret)
    return secret
  }
  const get = async (path: string) => must(world.api('GET', path))
  const userWithKey = async (username: string, role: string) => {
    await world.make('/users', { username, email: `${username}@acme.example`, role })
    return String((await world.make(`/users/${username}/keys`, {})).secret)
  }

  it('makes a team beside its code, keeps what was typed when the name is taken, and goes to it', () =>
    asAdmin('/acme/teams', async (page) => {
      await page.getByRole('link', { name: 'New team' }).click()
      expect(page.url()).to.match(/\?new=1$/)
      await dialog(page).getByLabel('Name', { exact: false }).first().fill('ml')
      await dialog(page).getByLabel('Display name').fill('It’s research')
      await button(page, 'Create team').click()
      await dialog(page).getByRole('alert').getByText('name_taken').waitFor()
      expect(await dialog(page).getByLabel('Display name').inputValue()).to.equal('It’s research')
      await dialog(page).getByRole('textbox', { name: /^Name/ }).fill('research')
      await dialog(page).getByRole('tab', { name: 'CLI' }).click()
      await dialog(page).getByText("countersign team create research --display-name 'It’s research'").waitFor()
      await button(page, 'Create team').click()
      await heading(page, 'It’s research').waitFor()
      expect(new URL(page.url()).pathname).to.equal('/acme/research/service-accounts')
      expect(await get('/teams/research')).to.include({ display_name: 'It’s research' })
    }))

  it('finds a team by a part of its name, and says so when there is none', () =>
    asAdmin('/acme/teams', async (page) => {
      const table = page.getByRole('table', { name: 'Teams' })
      await page.getByRole('searchbox', { name: 'Search teams' }).fill('op')
      await table.getByRole('link', { name: 'ml' }).waitFor({ state: 'detached' })
      await table.getByRole('link', { name: 'ops' }).waitFor()
      expect(page.url()).to.match(/\?q=op$/)
      await page.getByRole('searchbox', { name: 'Search teams' }).fill('nothing-like-it')
      await page.getByText('No team fits').waitFor()
    }))

  it('renames a team, and does not write over what somebody changed meanwhile', () =>
    asAdmin('/acme/research/members', async (page) => {
      await button(page, 'Edit team').click()
      const name = dialog(page).getByLabel('Name', { exact: false }).first()
      await name.waitFor()
      await must(world.api('PATCH', '/teams/research', { display_name: 'Somebody else’s' }))
      await name.fill('lab')
      await button(page, 'Save').click()
      await dialog(page).getByText('Somebody changed it meanwhile').waitFor()
      expect(await get('/teams/research')).to.include({ name: 'research' })
      await button(page, 'Show what it is now').click()
      await page.waitForFunction('document.querySelector(\'[role=dialog] input[value="Somebody else’s"]\') !== null')
      await name.fill('lab')
      await button(page, 'Save').click()
      await page.waitForURL('**/acme/lab/members')
      expect(await get('/teams/lab')).to.include({ display_name: 'Somebody else’s' })
    }))

  it('adds a member whom it searches for, changes their role, and removes them', async () => {
    await asAdmin('/acme/ml/members', async (page) => {
      await page.getByText('Nobody is in this team yet').waitFor()
      await page.getByRole('link', { name: 'Add member' }).click()
      await dialog(page).getByRole('combobox', { name: 'User' }).fill('grac')
      await page.getByRole('option', { name: 'grace (grace@acme.example)' }).click()
      await dialog(page).getByText('/orgs/acme/teams/ml/members/grace', { exact: false }).waitFor()
      await button(page, 'Add member').click()
      await page.getByRole('cell', { name: 'grace@acme.example' }).waitFor()
      await button(page, 'Change role of grace').click()
      await dialog(page).getByRole('radio', { name: 'Admin' }).check()
      await dialog(page).getByText('grace will be able to make service accounts').waitFor()
      await button(page, 'Make admin').click()
      await page.getByRole('cell', { name: 'Admin', exact: true }).waitFor()
      expect(await get('/teams/ml/members/grace')).to.include({ role: 'admin' })
      await button(page, 'Remove grace').click()
      await button(page, 'Remove from the team').click()
      await page.getByText('Nobody is in this team yet').waitFor()
    })
  })

  it('makes a restricted project, adds a service account, and shows why one of another team cannot be', () =>
    asAdmin('/acme/ml/projects?new=1', async (page) => {
      await dialog(page).getByRole('textbox', { name: /^Name/ }).fill('vault')
      await dialog(page).getByRole('radio', { name: 'Restricted' }).check()
      await button(page, 'Create project').click()
      await heading(page, 'vault').waitFor()
      await button(page, 'Add to the project').click()
      await dialog(page).getByText('Service account', { exact: true }).click()
      const account = dialog(page).getByRole('combobox', { name: 'Service account' })
      await account.fill('stranger')
      await page.getByRole('option', { name: 'stranger (team ops)' }).click()
      await button(page, 'Add').click()
      await dialog(page).getByRole('alert').getByText('account_of_another_team').waitFor()
      await account.fill('robo')
      await page.getByRole('option', { name: 'robot (team ml)' }).click()
      await dialog(page).getByRole('radio', { name: 'Viewer' }).check()
      await button(page, 'Add').click()
      await page.getByRole('cell', { name: 'robot', exact: true }).waitFor()
      const member = await get(`/teams/ml/projects/vault/members/${world.builtIn.id}`)
      expect(member).to.include({ role: 'viewer' })
    }))

  it('says who gains by opening a project, before it does', () =>
    asAdmin('/acme/ml/projects/vault', async (page) => {
      await button(page, 'Change visibility').click()
      await dialog(page).getByRole('radio', { name: 'Public' }).check()
      await dialog(page).getByText('This opens the project', { exact: false }).waitFor()
      await dialog(page)
        .getByText('Everybody else in the organization, and service accounts', { exact: false })
        .waitFor()
      await button(page, 'Open it up').click()
      await dialog(page).waitFor({ state: 'detached' })
      expect(await get('/teams/ml/projects/vault')).to.include({ visibility: 'public' })
      await must(world.api('PATCH', '/teams/ml/projects/vault', { visibility: 'restricted' }))
    }))

  it('deletes a project when its name is typed; its name is kept, and freed', () =>
    asAdmin('/acme/ml/projects/vault', async (page) => {
      await button(page, 'Delete project').click()
      await dialog(page).getByText('1 member').waitFor()
      const sure = dialog(page).getByRole('button', { name: 'Delete project' })
      expect(await sure.isDisabled()).to.equal(true)
      await dialog(page).getByLabel('Type vault to confirm').fill('vaul')
      expect(await sure.isDisabled()).to.equal(true)
      await dialog(page).getByLabel('Type vault to confirm').fill('vault')
      await sure.click()
      await page.getByRole('link', { name: 'Show kept names of deleted projects' }).click()
      await button(page, 'Free name vault').click()
      await button(page, 'Free name').click()
      await page.getByText('No kept names').waitFor()
      expect((await world.api('GET', '/teams/ml/projects?deleted=true')).body.items).to.deep.equal([])
    }))

  it('makes a user and a key of theirs that works; the role of an admin is confirmed', () =>
    asAdmin('/acme/users?new=1', async (page) => {
      await dialog(page)
        .getByRole('textbox', { name: /^User name/ })
        .fill('joan')
      await dialog(page)
        .getByRole('textbox', { name: /^E-mail address/ })
        .fill('joan')
      await dialog(page)
        .getByRole('textbox', { name: /^E-mail address/ })
        .fill('joan@acme.example')
      await button(page, 'Create user').click()
      await heading(page, 'joan').waitFor()
      await page.getByText('joan is in no team').waitFor()
      await settled(page)
      await button(page, /New API key/)
        .first()
        .click()
      await dialog(page)
        .getByRole('button', { name: /^(Create|Make)/ })
        .click()
      const secret = await secretIn(page)
      const me = await call(service, 'GET', '/api/v1/me', { secret })
      expect(me.body).to.include({ type: 'user', name: 'joan', role: 'member' })
      await dialog(page).getByLabel('I have stored it').check()
      await button(page, 'Done').click()
      await button(page, 'Change role').click()
      await dialog(page).getByRole('radio', { name: 'Admin' }).check()
      await dialog(page).getByText('joan will be able to do everything', { exact: false }).waitFor()
      await button(page, 'Make joan an admin').click()
      await dialog(page).waitFor({ state: 'detached' })
      expect(await get('/users/joan')).to.include({ role: 'admin' })
      await button(page, 'Delete').click()
      await dialog(page).getByText('1 API key').waitFor()
      await dialog(page).getByLabel('Type joan to confirm').fill('joan')
      await button(page, 'Delete user').click()
      await heading(page, 'Users').waitFor()
      expect((await call(service, 'GET', '/api/v1/me', { secret })).status).to.equal(401)
    }))

  it('registers a resource server, whose key is shown once and introspects a token', () =>
    asAdmin('/acme/resource-servers?new=1', async (page) => {
      await dialog(page).getByRole('textbox', { name: /^Name/ }).fill('tracker')
      await dialog(page)
        .getByRole('textbox', { name: /^Audience/ })
        .fill('no URL')
      await button(page, 'Register').click()
      await dialog(page).getByRole('alert').getByText('audience').first().waitFor()
      await dialog(page)
        .getByRole('textbox', { name: /^Audience/ })
        .fill('https://tracker.example')
      await button(page, 'Register').click()
      const secret = await secretIn(page)
      const token = String((await must(world.withKey(world.apiKey))).access_token)
      expect((await world.introspect(token, secret)).body).to.include({ active: true, sub: world.builtIn.id })
      await page.keyboard.press('Escape')
      expect(await button(page, 'Done').isDisabled(), 'before it is stored').to.equal(true)
      await dialog(page).getByLabel('I have stored it').check()
      await button(page, 'Done').click()
      await heading(page, 'tracker').waitFor()
      expect(await page.content()).to.not.contain(secret)
      await page.getByRole('tab', { name: 'Node.js' }).click()
      await page.getByText("audience: 'https://tracker.example'", { exact: false }).waitFor()
      await button(page, 'Delete').click()
      await dialog(page).getByLabel('Type tracker to confirm').fill('tracker')
      await button(page, 'Delete resource server').click()
      await page.getByText('No resource servers yet').waitFor()
      expect((await world.introspect(token, secret)).status).to.equal(401)
    }))

  it('deletes a team when its name is typed, and says what goes with it', async () => {
    await world.make('/teams', { name: 'old' })
    const { api_key } = await world.make('/teams/old/service-accounts', { name: 'last', method: 'api_key' })
    await asAdmin('/acme/old/members', async (page) => {
      await button(page, 'Delete team').click()
      await dialog(page).getByText('1 service account').waitFor()
      await dialog(page).getByText('No project', { exact: true }).waitFor()
      await dialog(page).getByLabel('Type old to confirm').fill('old')
      await dialog(page).getByRole('button', { name: 'Delete team' }).click()
      await heading(page, 'Teams').waitFor()
    })
    expect((await world.withKey(String(api_key))).status).to.equal(401)
  })

  it('reaches a team whose name is taken in addresses', async () => {
    await world.make('/teams', { name: 'issuers', display_name: 'Givers' })
    await asAdmin('/acme/teams', async (page) => {
      await page.getByRole('table', { name: 'Teams' }).getByRole('link', { name: 'issuers' }).click()
      await heading(page, 'Givers').waitFor()
      expect(new URL(page.url()).pathname).to.equal('/acme/~issuers/service-accounts')
      await page.getByRole('navigation', { name: 'Of this team' }).getByRole('link', { name: 'Members' }).click()
      await page.getByText('Nobody is in this team yet').waitFor()
      expect(new URL(page.url()).pathname).to.equal('/acme/~issuers/members')
    })
  })

  it('shows a hostile name as text', () =>
    asAdmin('/acme/teams', async (page) => {
      await page.getByRole('cell', { name: `Operations ${hostile}` }).waitFor()
      await page.goto('/acme/ops/projects')
      await heading(page, `Operations ${hostile}`).waitFor()
      expect(await page.locator('img').count()).to.equal(0)
    }))

  it('keeps buttons from those who would be refused, and says why', async () => {
    const member = await userWithKey('mel', 'member')
    await must(world.api('PUT', '/teams/ml/members/mel', { role: 'member' }))
    await world.make('/teams/ml/projects', { name: 'vision', visibility: 'team' })
    await asAdmin(
      '/acme/teams',
      async (page) => {
        await page.getByText('Teams are made and deleted by admins', { exact: false }).waitFor()
        expect(await page.getByRole('link', { name: 'New team' }).count()).to.equal(0)
        await page.goto('/acme/ml/members')
        await page.getByRole('cell', { name: 'mel@acme.example' }).waitFor()
        for (const name of [/Change role/, /Remove/, /Edit team/, /Delete team/])
          expect(await button(page, name).count(), `${name}`).to.equal(0)
        await page.goto('/acme/ml/projects/vision')
        await page.getByText('It is changed by admins of the team').waitFor()
        expect(await button(page, /Change visibility|Delete/).count()).to.equal(0)
        await page.goto('/acme/ops/members')
        await page.getByText('You are not in this team').waitFor()
        await page.goto('/acme/users')
        await page.getByText('Shown to admins of the organization').waitFor()
        await page.goto('/acme/resource-servers')
        await page.getByText('Shown to admins of the organization').waitFor()
      },
      member,
    )
  })

  it('lets an admin of a team add a member by name, and a viewer of the organization change nothing', async () => {
    const leader = await userWithKey('lea', 'member')
    const viewer = await userWithKey('vic', 'viewer')
    for (const name of ['lea', 'vic']) await must(world.api('PUT', `/teams/ml/members/${name}`, { role: 'admin' }))
    await asAdmin(
      '/acme/ml/members?new=1',
      async (page) => {
        await dialog(page)
          .getByRole('textbox', { name: /^User name/ })
          .fill('nobody')
        await button(page, 'Add member').click()
        await dialog(page).getByText('No user of the organization is called so').waitFor()
        await dialog(page)
          .getByRole('textbox', { name: /^User name/ })
          .fill('grace')
        await button(page, 'Add member').click()
        await page.getByRole('cell', { name: 'grace@acme.example' }).waitFor()
      },
      leader,
    )
    await asAdmin(
      '/acme/ml/members',
      async (page) => {
        await page.getByRole('cell', { name: 'lea@acme.example' }).waitFor()
        expect(await button(page, /Change role/).count()).to.equal(0)
        expect(await page.getByRole('link', { name: 'Add member' }).count()).to.equal(0)
      },
      viewer,
    )
  })

  const places = async (): Promise<[path: string, opens?: string | RegExp][]> => {
    const { id } = await get('/users/grace')
    const server = await world.make('/resource-servers', {
      name: `api-${Date.now()}`,
      audience: `https://${Date.now()}.example`,
    })
    return [
      ['/acme/teams'],
      ['/acme/teams?q=nothing-like-it'],
      ['/acme/teams?new=1'],
      ['/acme/ml/members'],
      ['/acme/ml/members?new=1'],
      ['/acme/ml/members', 'Edit team'],
      ['/acme/ml/members', 'Delete team'],
      ['/acme/ml/members', 'Change role of grace'],
      ['/acme/ml/members', 'Remove grace'],
      ['/acme/ml/projects', 'What each visibility means for whom'],
      ['/acme/ml/projects?new=1'],
      ['/acme/ml/projects?deleted=1'],
      ['/acme/ml/projects?deleted=1', 'Free name gone'],
      ['/acme/ml/projects/closed'],
      ['/acme/ml/projects/closed', 'Change visibility'],
      ['/acme/ml/projects/closed', 'Rename'],
      ['/acme/ml/projects/closed', 'Delete project'],
      ['/acme/ml/projects/closed', 'Add to the project'],
      ['/acme/ml/projects/closed', 'Remove grace'],
      ['/acme/users'],
      ['/acme/users?new=1'],
      [`/acme/users/${id}`],
      ...['Edit', 'Change role', 'Revoke tokens', 'Delete'].map((name): [string, string] => [
        `/acme/users/${id}`,
        name,
      ]),
      ['/acme/resource-servers'],
      ['/acme/resource-servers?new=1'],
      [`/acme/resource-servers/${server.id}`],
      [`/acme/resource-servers/${server.id}`, 'Rename'],
      [`/acme/resource-servers/${server.id}`, 'Delete'],
    ]
  }
  const looks = [
    ['light', 1440],
    ['dark', 390],
  ] as const
  for (const [scheme, width] of looks)
    it(`is accessible on every page, panel and dialog, ${scheme}, at ${width} px, and never wider`, async () => {
      await world.api('POST', '/teams/ml/projects', { name: 'closed', visibility: 'restricted' })
      await world.api('PUT', '/teams/ml/projects/closed/members/grace', { role: 'viewer' })
      await world.api('PUT', '/teams/ml/members/grace', { role: 'member' })
      await world.api('POST', '/teams/ml/projects', { name: 'gone', visibility: 'restricted' })
      await world.api('DELETE', '/teams/ml/projects/gone')
      const tab = await window.tab(service, { key: world.adminKey, scheme, width })
      const found: string[] = []
      for (const [path, opens] of await places()) {
        const page = await tab.go(path)
        if (opens !== undefined) await button(page, opens).first().click()
        await settled(page)
        if (path.includes('new=1')) await dialog(page).waitFor()
        const axe = await tab.axe()
        if (axe !== '') found.push(`${path} ${opens ?? ''}: ${axe}`)
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
        if (wide > width) found.push(`${path} ${opens ?? ''}: ${wide} px wide`)
      }
      expect(found.join('\n')).to.equal('')
      await tab.close()
    })
})
