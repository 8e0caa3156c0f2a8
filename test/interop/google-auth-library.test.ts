/** google-auth-library, as it comes from npm, and its page. */
import { expect } from 'chai'
import { IdentityPoolClient, type IdentityPoolClientOptions } from 'google-auth-library'
import { tokenTypes } from '../../src/protocol/oauth.ts'
import { replaced } from '../support/documented.ts'
import { type InteropPage, openInteropPage } from '../support/interop-page.ts'
import { startGithubActions } from '../support/platforms/github-actions.ts'
import { claimsIn } from '../support/world.ts'

/** As the page advises: nobody is asked whether this machine is one of Google's. */
const quiet = { GOOGLE_CLOUD_PROJECT: 'none' }

describe('google-auth-library', () => {
  let page: InteropPage
  let configs: string[]
  let program: string
  let subjects = 0

  before(async () => {
    page = await openInteropPage('google-auth-library')
    configs = page.examples('json')
    program = page.examples('js').join('')
  })
  after(() => page?.close())

  /** A client as the library's users make it in code, of an account of its own. */
  async function client(account: Record<string, unknown> = {}, more: Partial<IdentityPoolClientOptions> & object = {}) {
    const subject = `google-${++subjects}`
    await page.world.external(subject, subject, account)
    const show = (claims = {}) => page.file(subject, `${page.world.token({ sub: subject, ...claims })}\n`)
    const made = new IdentityPoolClient({
      type: 'external_account',
      audience: page.world.audience,
      subject_token_type: tokenTypes.jwt,
      // The library's own traffic needs no TLS; what its page says is run with it.
      token_url: `${page.service.url}/oauth/token`,
      credential_source: { file: show() },
      ...more,
    })
    return { made, subject, show, exchanges: () => page.exchanges(subject) }
  }
  const run = (config: string, env = {}) =>
    page.pasted(program, {
      ...page.env,
      ...quiet,
      GOOGLE_APPLICATION_CREDENTIALS: page.file('countersign.json', config),
      ...env,
    })

  describe('its page', () => {
    const stands = () => ({
      '"https://id.example.com/orgs/acme"': JSON.stringify(page.world.audience),
      'https://id.example.com/oauth/token': `${page.service.publicUrl}/oauth/token`,
    })

    it('a token in a file', async () => {
      const [config = ''] = configs
      const said = await run(replaced(config, { ...stands(), '/var/run/secrets/countersign/token': page.tokenFile() }))
      expect(said).to.include(page.world.account.id)
    })

    it('a token from a URL, as GitHub Actions gives it', async () => {
      const sub = 'repo:acme/app:ref:refs/heads/main'
      const github = await startGithubActions(page.provider, { claims: { sub, iss: page.provider.issuer } })
      try {
        const { id } = await page.world.external('release', sub)
        const { ACTIONS_ID_TOKEN_REQUEST_URL = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN = '' } = github.env
        const config = replaced(configs[1] ?? '', {
          ...stands(),
          'https%3A%2F%2Fid.example.com%2Forgs%2Facme': encodeURIComponent(page.world.audience),
          ACTIONS_ID_TOKEN_REQUEST_URL,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN,
        })
        expect(await run(config)).to.include(id)
        expect(github.asked).to.have.length(1)
      } finally {
        await github.close()
      }
    })

    it('a token of an executable, where that is allowed', async () => {
      const { credential_source: _, ...config } = JSON.parse(replaced(configs[0] ?? '', stands()))
      const answer = { version: 1, success: true, token_type: tokenTypes.jwt, id_token: page.world.token() }
      const command = `cat ${page.file('answer.json', JSON.stringify(answer))}`
      const asked = JSON.stringify({ ...config, credential_source: { executable: { command } } })
      expect(await run(asked, { GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: '1' })).to.include(page.world.account.id)
    })
  })

  it('gets a token for our organization, whatever scope it asks for by itself, and its newline is no matter', async () => {
    const { made, subject, exchanges } = await client()
    const { token } = await made.getAccessToken()
    expect(claimsIn(token)).to.deep.include({
      aud: page.service.publicUrl,
      name: subject,
      scope: 'projects:read projects:write',
    })
    const [event] = await exchanges()
    expect(event?.detail).to.deep.include({ subject, audience: page.world.audience })
  })

  it('its audience may be a resource server’s, its scope ours', async () => {
    const audience = 'https://tracker.example'
    await page.world.make('/resource-servers', { name: 'tracker', audience })
    const { made } = await client({}, { audience, scopes: ['projects:read'] })
    const { token } = await made.getAccessToken()
    expect(claimsIn(token)).to.deep.include({ aud: audience, scope: 'projects:read' })
  })

  it('ten callers at a time cause one exchange, and so do those after them', async () => {
    const { made, exchanges } = await client()
    const ten = await Promise.all(Array.from({ length: 10 }, () => made.getAccessToken()))
    expect(new Set(ten.map(({ token }) => token))).to.have.property('size', 1)
    expect((await made.getAccessToken()).token).to.equal(ten[0]?.token)
    expect(await exchanges()).to.have.length(1)
  })

  it('refreshes five minutes before the end: 300 s are never kept, 360 are', async () => {
    const [short, long] = [await client({ token_ttl: 300 }), await client({ token_ttl: 360 })]
    for (let i = 0; i < 3; i++) for (const { made } of [short, long]) await made.getAccessToken()
    expect(await short.exchanges()).to.have.length(3)
    expect(await long.exchanges()).to.have.length(1)
  })

  it('a refresh reads the file again', async () => {
    const { made, show, exchanges } = await client({}, { eagerRefreshThresholdMillis: 3_600_000 })
    const jtis = ['first', 'second']
    for (const jti of jtis) {
      show({ jti })
      await made.getAccessToken()
    }
    expect((await exchanges()).map(({ detail }) => (detail.claims as { jti: string }).jti)).to.deep.equal(jtis)
  })

  it('a file that has not changed is shown again at a refresh: a single-use issuer refuses the second', async () => {
    const { id } = (await page.world.make('/issuers', {
      name: 'once',
      issuer: page.provider.issuer,
      audiences: ['https://once.example'],
      single_use: true,
    })) as { id: string }
    const { made, subject, show } = await client({ token_ttl: 300 })
    await page.world.make(`${page.world.accounts}/${subject}/trust-policies`, { issuer: id, subject })
    show({ aud: 'https://once.example', jti: 'once' })
    await made.getAccessToken()
    const refused = await made.getAccessToken().catch((error: Error) => error)
    expect(refused).to.have.property('message').that.includes('was used before')
  })

  it('a refusal is an error that says what is wrong, and is not tried again', async () => {
    const { made, subject, exchanges } = await client()
    await page.world.api('DELETE', `${page.world.accounts}/${subject}`)
    const refused = (await made.getAccessToken().catch((error: unknown) => error)) as Error & {
      response: { data: Record<string, unknown> }
    }
    expect(refused).to.be.instanceOf(Error)
    expect(refused.message).to.match(/^Error code invalid_request: the subject token is genuine, but stands for no/)
    expect(refused.response.data).to.include({ reason: 'no_account_matches' })
    expect(refused.response.data.request_id).to.match(/^req_/)
    expect((await exchanges()).map(({ reason }) => reason)).to.deep.equal(['no_account_matches'])
  })

  it('a 503 is tried again three times', async () => {
    const issuer = 'http://127.0.0.1:9'
    await page.world.make('/issuers', { name: 'away', issuer })
    const { made, show, exchanges } = await client()
    show({ iss: issuer })
    const refused = (await made.getAccessToken().catch((error: unknown) => error)) as Error
    expect(refused.message).to.match(/^Error code temporarily_unavailable: /)
    expect((await exchanges()).map(({ reason }) => reason)).to.deep.equal(Array(4).fill('issuer_unavailable'))
  })

  it('there is nobody to impersonate: with such a URL the library gets a 404', async () => {
    const at = `${page.service.url}/v1/projects/-/serviceAccounts/ml:generateAccessToken`
    const { made } = await client({}, { service_account_impersonation_url: at })
    const refused = (await made.getAccessToken().catch((error: unknown) => error)) as Error & { status: number }
    expect(refused.status).to.equal(404)
  })
})
