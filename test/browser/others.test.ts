/** The console of those who are no admins of the organization: it asks for nothing that it is refused. */
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, type Window } from '../support/browser.ts'
import { type ConsoleWorld, createConsoleWorld } from '../support/console-world.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'

describe('browser: who is no admin of the organization', function () {
  this.timeout(installing)
  let service: Service
  let provider: Provider
  let world: ConsoleWorld
  let window: Window
  before(async () => {
    await ensureConsole()
    provider = await startProvider()
    service = await startService({ env: { ISSUER_NETWORK: 'any' } })
    world = await createConsoleWorld(service, provider)
    window = await openBrowser()
  })
  after(async () => {
    await window?.close()
    await service?.close()
    await provider?.close()
  })

  it('asks nothing for an admin of a team that is refused to them', async () => {
    const { secret } = await world.make('/users/grace/keys', { name: 'console' })
    const asked = [
      'overview',
      'team-service-accounts',
      'external-account',
      'issuers',
      'issuer',
      'exchanges',
      'audit',
      'hygiene',
    ]
    const tab = await window.tab(service, { key: String(secret) })
    const refused: string[] = []
    let at = ''
    tab.page.on('response', (response) => {
      if (response.status() === 403) refused.push(`${at}: ${new URL(response.url()).pathname}`)
    })
    for (const [name, path] of Object.entries(world.pages).filter(([name]) => asked.includes(name))) {
      at = name
      await tab.go(path)
      if ((await tab.page.getByRole('heading', { level: 1 }).count()) !== 1 && !/new|add/.test(name))
        refused.push(`${name}: no page`)
    }
    await tab.close()
    expect([...new Set(refused)].join('\n')).to.equal('')
  })
})
