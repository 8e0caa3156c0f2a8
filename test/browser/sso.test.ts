/** People sign in by the operator's provider, in a real browser: there, back, and out again. */
import { expect } from 'chai'
import { ensureConsole } from '../../bin/build-console.js'
import { openBrowser, settled, type Window } from '../support/browser.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import { type Service, startService } from '../support/server.ts'
import { type SignInProvider, startSignInProvider } from '../support/sign-in-provider.ts'
import { createWorld } from '../support/world.ts'

const people = {
  ada: { email: 'ada@acme.example', email_verified: true },
  both: { email: 'both@acme.example', email_verified: true },
  stranger: { email: 'stranger@elsewhere.example', email_verified: true },
}

describe('browser: people sign in by OpenID Connect', function () {
  this.timeout(installing)
  let issuing: Provider
  let provider: SignInProvider
  let service: Service
  let window: Window
  before(async () => {
    await ensureConsole()
    issuing = await startProvider()
    provider = await startSignInProvider(people)
    service = await startService({ env: provider.env })
    provider.knows(service.publicUrl)
    const world = await createWorld(service, issuing)
    const other = await createWorld(service, issuing, { org: 'other' })
    await world.make('/users', { username: 'ada', email: 'ada@acme.example', role: 'admin' })
    for (const each of [world, other]) await each.make('/users', { username: 'both', email: 'both@acme.example' })
    window = await openBrowser()
  })
  after(async () => {
    await window?.close()
    await service?.close()
    await provider?.close()
    await issuing?.close()
  })

  /** Going to the provider is what is meant, in the end with the ID token as a hint (RP-Initiated Logout 1.0 §2). */
  const tabOf = () => window.tab(service, { expected: /request elsewhere|a signed token in an address/ })

  it('comes back to where one wanted to go, and is signed out there too', async () => {
    provider.sits('ada')
    const tab = await tabOf()
    const page = await tab.go('/acme/issuers?q=c')
    await page.getByRole('link', { name: /^Sign in with/ }).click()
    await page.getByRole('heading', { name: 'Issuers', level: 1 }).waitFor()
    expect(page.url()).to.equal(`${service.url}/acme/issuers?q=c`)
    const [cookie] = (await tab.context.cookies(service.url)).filter(({ name }) => name.startsWith('countersign'))
    expect(cookie).to.include({ httpOnly: true, sameSite: 'Lax' })
    await page.goto('/profile')
    await page.getByText(/by your identity provider/).waitFor()
    const left = page.waitForRequest((request) => request.url().startsWith(provider.issuer))
    await page.getByRole('button', { name: 'ada', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    expect((await left).url())
      .to.contain('id_token_hint=')
      .and.contain('post_logout_redirect_uri=')
    await tab.close()
  })

  it('asks which organization, where several know the person, and lets them change', async () => {
    provider.sits('both')
    const tab = await tabOf()
    const page = await tab.go('/sign-in')
    await page.getByRole('link', { name: /^Sign in with/ }).click()
    await page.getByRole('heading', { name: 'Which organization?' }).waitFor()
    expect(await tab.axe()).to.equal('')
    await page.getByRole('button', { name: 'other' }).click()
    await page.waitForURL('**/other')
    await page.goto('/profile')
    await settled(page)
    await page.getByRole('button', { name: 'Change to acme' }).click()
    await page.waitForURL('**/acme')
    await page.getByRole('heading', { name: 'acme', level: 1 }).waitFor()
    await tab.close()
  })

  it('says why somebody is not let in, and what to do', async () => {
    provider.sits('stranger')
    const tab = await tabOf()
    const page = await tab.go('/sign-in')
    await page.getByRole('link', { name: /^Sign in with/ }).click()
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.textContent()).to.match(/Nobody here has your e-mail address.*sso_person_unknown.*req_/s)
    expect(await tab.axe()).to.equal('')
    await tab.close()
  })
})
