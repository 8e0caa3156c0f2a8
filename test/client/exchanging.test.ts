/** The provider against the running service: what a workload gets, and what it is told when it gets nothing. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import {
  ConfigError,
  createTokenProvider,
  ExchangeDeniedError,
  SubjectTokenError,
  type SubjectTokenSource,
} from '../../src/client/index.ts'
import { type ClientWorld, failureOf, startClientWorld } from '../support/client-world.ts'
import { claimsIn, must } from '../support/world.ts'

describe('client: exchanging', () => {
  let job: ClientWorld
  before(async () => {
    job = await startClientWorld()
  })
  after(() => job?.close())

  const signing = (claims: Record<string, unknown>): SubjectTokenSource => ({
    name: 'test',
    getSubjectToken: async ({ audience }) => ({ token: job.signed({ aud: audience, ...claims }) }),
  })

  it('gets a token for the organization’s URL and nothing else, and says what it is', async () => {
    const token = await job.provider().getToken()
    expect(claimsIn(token.token)).to.include({ org: 'acme', sub: job.world.account.id })
    expect(token).to.deep.include({
      scopes: ['projects:read', 'projects:write'],
      serviceAccountId: job.world.account.id,
      source: 'test',
      tokenType: 'Bearer',
    })
    const [event] = await job.world.auditOf(token.requestId)
    expect(event).to.deep.include({ type: 'token.exchange', result: 'granted' })
    expect(token.expiresAt.getTime()).to.be.within(Date.now() + 890_000, Date.now() + 900_000)
    expect(token.refreshAt.getTime()).to.be.within(Date.now() + 690_000, Date.now() + 750_000)
  })

  it('takes the URL of the service alone, with the audience, and a slash at the end', async () => {
    for (const [url, audience] of [
      [`${job.url}/`, undefined],
      [job.service.publicUrl, job.url],
      [`${job.service.publicUrl}/`, 'acme'],
    ]) {
      const token = await job.provider({ url, audience }).getToken()
      expect(token.serviceAccountId).to.equal(job.world.account.id)
    }
  })

  it('takes from the environment what is not given', async () => {
    const env = {
      COUNTERSIGN_URL: job.service.publicUrl,
      COUNTERSIGN_AUDIENCE: job.url,
      COUNTERSIGN_SERVICE_ACCOUNT: 'ml/trainer',
      COUNTERSIGN_SCOPE: 'projects:read',
    }
    const surroundings = { ...job.here, env }
    const token = await createTokenProvider({ source: job.source, surroundings }).getToken()
    expect(token.scopes).to.deep.equal(['projects:read'])
    const other = createTokenProvider({ source: job.source, surroundings, serviceAccount: 'ml/nobody' })
    expect(await failureOf(other.getToken())).to.include({ code: 'no_account_matches' })
  })

  it('asks for a scope, a target and a life, and gets them', async () => {
    const audience = 'https://tracker.acme.example'
    await job.world.make('/resource-servers', { name: 'tracker', audience })
    const token = await job.provider({ scope: ['projects:read'], target: audience, ttl: 120 }).getToken()
    expect(claimsIn(token.token)).to.include({ aud: audience, scope: 'projects:read' })
    expect(token.expiresAt.getTime()).to.be.within(Date.now() + 110_000, Date.now() + 120_000)
  })

  it('exchanges an API key', async () => {
    const source = { name: 'key', getSubjectToken: async () => ({ token: job.world.apiKey, type: 'api_key' as const }) }
    const token = await job.provider({ source }).getToken()
    expect(claimsIn(token.token)).to.include({ method: 'api_key', sub: job.world.builtIn.id })
  })

  it('never shows the token to whoever prints, logs, copies or serializes it', async () => {
    const token = await job.provider().getToken()
    const shown = [
      inspect(token),
      inspect({ token }, { showHidden: true }),
      String(token),
      `${token}`,
      JSON.stringify({ token }),
      inspect({ ...token }),
      JSON.stringify(Object.entries(token)),
    ]
    for (const text of shown) expect(text).to.not.contain(token.token)
    expect(JSON.parse(JSON.stringify(token))).to.include({
      token: '[redacted]',
      serviceAccountId: job.world.account.id,
    })
  })

  it('revokes what is in hand; the next is a new one', async () => {
    const provider = job.provider()
    const { token } = await provider.getToken()
    expect((await job.world.introspect(token)).body.active).to.equal(true)
    await provider.revoke()
    expect((await job.world.introspect(token)).body).to.deep.equal({ active: false })
    expect(provider.peek()).to.equal(undefined)
    const next = await provider.getToken()
    expect(next.token).to.not.equal(token)
    await job.provider().revoke()
  })

  it('revokes what was replaced and lives on, too; what has ended is nobody’s', async () => {
    const provider = job.provider()
    const tokens = [await provider.getToken()]
    tokens.push(await provider.getToken({ forceRefresh: true }))
    provider.invalidate()
    tokens.push(await provider.getToken())
    await provider.revoke()
    for (const { token } of tokens) expect((await job.world.introspect(token)).body).to.deep.equal({ active: false })
  })

  it('says why it was refused, what to do, and under which request an admin finds it', async () => {
    const error = await failureOf(job.provider({ source: signing({ sub: 'job:other' }) }).getToken())
    expect(error).to.be.instanceOf(ExchangeDeniedError)
    expect(error).to.include({
      category: 'denied',
      retryable: false,
      code: 'no_account_matches',
      reason: 'no_account_matches',
      status: 400,
    })
    expect(error.hint).to.equal(`an admin of the organization sees why: countersign explain ${error.requestId}`)
    expect(error.docs).to.equal('docs/reference/reasons.md#no_account_matches')
    expect(error.message).to.match(/^no_account_matches: ./)
    const [event] = await job.world.auditOf(error.requestId)
    expect(event).to.deep.include({ result: 'refused', reason: 'no_account_matches' })
  })

  it('names our own clock when that is what is wrong', async () => {
    const ahead = { ...job.here, now: () => Date.now() + 3_600_000 }
    const error = await failureOf(
      job
        .provider({
          surroundings: ahead,
          source: signing({ iat: Math.floor(Date.now() / 1000) + 3600, exp: Math.floor(Date.now() / 1000) + 7200 }),
        })
        .getToken(),
    )
    expect(error.code).to.equal('token_issued_in_future')
    expect(error.hint).to.match(/this machine’s clock is 3\d\d\d s ahead of the service’s/)
  })

  it('says whom the token is for, where that is not us', async () => {
    const error = await failureOf(job.provider({ source: signing({ aud: 'somebody' }) }).getToken())
    expect(error).to.include({ code: 'audience_not_accepted' })
    expect(error.hint).to.contain(`the token is for somebody, and not for ${job.url}`)
    const told: SubjectTokenSource = {
      name: 'test',
      getSubjectToken: async () => ({ token: job.signed({ aud: 'somebody' }), hint: 'so it is with this platform' }),
    }
    const other = await failureOf(job.provider({ source: told }).getToken())
    expect(other).to.include({ code: 'audience_not_accepted', hint: 'so it is with this platform' })
  })

  it('has a hint of its own for what the workload itself can mend', async () => {
    await job.world.external('second', job.world.subject)
    const error = await failureOf(job.provider().getToken())
    expect(error.code).to.equal('account_ambiguous')
    expect(error.hint).to.contain('COUNTERSIGN_SERVICE_ACCOUNT')
    await must(job.world.api('DELETE', `${job.world.accounts}/second`))
    const scope = await failureOf(
      job.provider({ scope: 'projects:admin projects:read', serviceAccount: 'ml/readonly' }).getToken(),
    )
    expect(scope.category).to.equal('denied')
  })

  it('says whom the token is for when that is what is wrong', async () => {
    const source = signing({ aud: 'sts.amazonaws.com' })
    const error = await failureOf(job.provider({ source }).getToken())
    expect(error.code).to.equal('audience_not_accepted')
    expect(error.hint)
      .to.match(/^the token is for sts\.amazonaws\.com, and not for http/)
      .and.to.contain(job.url)
  })

  it('takes a denial for one answer, and asks again a second later', async () => {
    const provider = job.provider({ source: job.source, serviceAccount: 'ml/late' })
    const before = job.asked()
    const first = await failureOf(provider.getToken())
    const second = await failureOf(provider.getToken())
    expect(second).to.equal(first)
    expect(job.asked()).to.equal(before + 1)
    await job.world.external('late', job.world.subject)
    job.pass(1_000)
    expect((await provider.getToken()).scopes).to.have.length(2)
    await must(job.world.api('DELETE', `${job.world.accounts}/late`))
  })

  it('wraps what a source of the user’s own throws, and what it makes is judged', async () => {
    const throwing = { name: 'mine', getSubjectToken: () => Promise.reject(new Error('no')) }
    const error = await failureOf(job.provider({ source: throwing }).getToken())
    expect(error).to.be.instanceOf(SubjectTokenError)
    expect(error).to.include({ category: 'credential', source: 'mine' })
    const odd = { name: 'mine', getSubjectToken: async () => ({ token: 'not-a-jwt-but-a-secret' }) }
    const judged = await failureOf(job.provider({ source: odd }).getToken())
    expect(judged).to.be.instanceOf(SubjectTokenError)
    expect(inspect(judged)).to.not.contain('not-a-jwt-but-a-secret')
  })

  it('does not repeat a key that stands where the URL should', () => {
    const key = `csk_${'k'.repeat(43)}`
    for (const url of [key, ` ${key}`, `"${key}"`])
      expect(() => job.provider({ url }), url)
        .to.throw(ConfigError, /is no URL/)
        .with.property('message')
        .that.does.not.contain('kkkk')
  })

  for (const [what, options, says] of [
    ['no URL', { url: undefined }, /there is no URL/],
    ['a URL that is none', { url: 'countersign.example' }, /is no URL/],
    ['a name that is not escaped well', { url: 'https://countersign.example/orgs/%zz' }, /not well escaped/],
    ['http to another machine', { url: 'http://countersign.example/orgs/acme' }, /not https/],
    ['http to a name that begins like this machine', { url: 'http://127.0.0.1.evil.example/orgs/acme' }, /not https/],
    [
      'http to a name below this machine, which a resolver may ask others for',
      { url: 'http://x.localhost/orgs/acme' },
      /not https/,
    ],
    ['a user in the URL', { url: 'https://a:b@countersign.example/orgs/acme' }, /no user/],
    ['a query', { url: 'https://countersign.example/orgs/acme?x=1' }, /no user, query/],
    ['another scheme', { url: 'file:///etc/passwd' }, /not https/],
    ['a life that is none', { ttl: 0 }, /ttl/],
    ['a life of half a second', { ttl: 0.5 }, /ttl/],
    ['a time-out that is none', { timeout: Number.NaN }, /timeout/],
    ['a source that is none', { source: 'nowhere' as never }, /source/],
  ] as const)
    it(`refuses ${what} at once`, () => {
      const make = () => job.provider(options)
      expect(make).to.throw(ConfigError, says)
    })
})
