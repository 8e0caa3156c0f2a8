/** @azure/identity's WorkloadIdentityCredential, as it comes from npm, and its page. */
import { expect } from 'chai'
import { replaced } from '../support/documented.ts'
import { type InteropPage, openInteropPage } from '../support/interop-page.ts'

/** What the library is asked for, and what came of it: a line each. */
type Got = { jti?: string; scope?: string; error?: string; message?: string }

describe('@azure/identity', () => {
  let page: InteropPage
  let env: Record<string, string>

  before(async () => {
    page = await openInteropPage('azure-identity')
    const [variables = ''] = page.examples('sh')
    const stands = {
      'https://id.example.com': page.service.publicUrl,
      '/var/run/secrets/countersign/token': page.tokenFile(),
    }
    const lines = replaced(variables, stands).trim().split('\n')
    env = { ...page.env, ...Object.fromEntries(lines.map((line) => line.split('='))) }
  })
  after(() => page?.close())

  /** Asks for each of these scopes, `atOnce` or one after the other, of an account of its own. */
  async function got(subject: string, scopes: unknown[], { atOnce = false, more = {} } = {}): Promise<Got[]> {
    const code = `
      import { WorkloadIdentityCredential } from '@azure/identity'
      const credential = new WorkloadIdentityCredential({ disableInstanceDiscovery: true })
      const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))
      const ask = (scopes) => credential.getToken(scopes).then(
        ({ token }) => ({ jti: claims(token).jti, scope: claims(token).scope }),
        ({ name, message }) => ({ error: name, message }))
      const got = []
      if (${atOnce}) got.push(...await Promise.all(${JSON.stringify(scopes)}.map(ask)))
      else for (const scopes of ${JSON.stringify(scopes)}) got.push(await ask(scopes))
      console.log(JSON.stringify(got))`
    const AZURE_FEDERATED_TOKEN_FILE = page.file(subject, `${page.world.token({ sub: subject })}\n`)
    const own = { AZURE_CLIENT_ID: `ml/${subject}`, AZURE_FEDERATED_TOKEN_FILE }
    return JSON.parse(await page.pasted(code, { ...env, ...own, ...more })) as Got[]
  }
  const both = ['projects:read', 'projects:write']

  it('its page: a token that our API takes, on record as any exchange', async () => {
    const said = await page.pasted(page.examples('js').join(''), env)
    expect(said).to.include(page.world.account.id)
    const [event, ...others] = await page.exchanges('job-1')
    expect(others).to.deep.equal([])
    expect(event).to.deep.include({ result: 'granted' })
    expect(event?.detail).to.deep.include({
      grant_type: 'client_credentials',
      requested_service_account: 'ml/trainer',
      issuer: page.provider.issuer,
    })
  })

  it('keeps the token, and finds it again under each of its scopes', async () => {
    await page.world.external('kept', 'kept')
    const found = await got('kept', [both, both, 'projects:read', 'projects:write'])
    expect(new Set(found.map(({ jti }) => jti))).to.have.property('size', 1)
    expect(await page.exchanges('kept')).to.have.length(1)
  })

  it('does not find it under …/.default, which gets all that the account may have', async () => {
    await page.world.external('default', 'default')
    const scopes = Array(3).fill('https://countersign.example/.default')
    expect(new Set((await got('default', scopes)).map(({ scope }) => scope))).to.deep.equal(new Set([both.join(' ')]))
    expect(await page.exchanges('default')).to.have.length(3)
  })

  it('exchanges at every call for an account of less than 300 s, and not for one of 360', async () => {
    await page.world.external('short', 'short', { token_ttl: 299 })
    await page.world.external('long', 'long', { token_ttl: 360 })
    for (const subject of ['short', 'long']) await got(subject, [both, both])
    expect(await page.exchanges('short')).to.have.length(2)
    expect(await page.exchanges('long')).to.have.length(1)
  })

  it('ten callers at a time get a token each: the library does not let them share one exchange', async () => {
    await page.world.external('ten', 'ten')
    const ten = await got('ten', Array(10).fill(both), { atOnce: true })
    expect(new Set(ten.map(({ jti }) => jti))).to.have.property('size', 10)
    expect(await page.exchanges('ten')).to.have.length(10)
  })

  it('the account is the one that the client ID names, and no other', async () => {
    await page.world.external('left', 'both-sides')
    await page.world.external('right', 'both-sides')
    const [right] = await got('both-sides', [both], { more: { AZURE_CLIENT_ID: 'ml/right' } })
    expect(right).to.have.property('jti')
    const [event] = await page.exchanges('both-sides')
    expect(event?.detail.service_account).to.equal('ml/right')
  })

  it('a refusal says what is wrong, and is not tried again', async () => {
    const [refused] = await got('stranger', [both], { more: { AZURE_CLIENT_ID: 'ml/trainer' } })
    expect(refused?.error).to.equal('AuthenticationRequiredError')
    expect(refused?.message).to.match(
      /^invalid_client: .*the subject token is genuine, but stands for no service account/,
    )
    expect((await page.exchanges('stranger')).map(({ reason }) => reason)).to.deep.equal(['no_account_matches'])
  })

  it('a tenant that is no organization gets no further than the token does', async () => {
    await page.world.external('elsewhere', 'elsewhere')
    const [found] = await got('elsewhere', [both], { more: { AZURE_TENANT_ID: 'nobody' } })
    expect(found, 'the tenant decides nothing: the audience of the subject token does').to.have.property('jti')
  })

  it('an organization with _ in its name is no tenant to the library', async () => {
    const refused = await got('x', [both], { more: { AZURE_TENANT_ID: 'a_b' } }).catch((error: Error) => error)
    expect(refused).to.be.instanceOf(Error).with.property('message').that.includes('Invalid tenant id')
  })
})
