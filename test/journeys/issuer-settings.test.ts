/** What an issuer's registration may say, each seen at the token endpoint. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Service, startService } from '../support/server.ts'
import { claimsIn, createWorld, must, type World } from '../support/world.ts'

const now = () => Math.floor(Date.now() / 1000)

describe("an issuer's settings", () => {
  let provider: Provider
  let service: Service
  let world: World
  let made = 0

  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  /** A registration of its own, told from the others by its audience, with an account that trusts `job`. */
  async function registered(settings: Record<string, unknown>) {
    const name = `own-${++made}`
    await world.make('/issuers', { name, issuer: provider.issuer, audiences: [name], ...settings })
    await world.external(`${name}-account`, 'job', { trust: { issuer: name, subject: 'job' } })
    const token = (claims = {}, ask = {}) => world.token({ aud: name, sub: 'job', ...claims }, ask)
    const outcome = async (assertion: string) => {
      const { body } = await world.exchange(assertion)
      return body.access_token ? 'granted' : body.reason
    }
    return { name, token, outcome, at: `/issuers/${name}` }
  }

  it('clock_tolerance: 0 to 300 seconds, 60 by itself', async () => {
    const strict = await registered({ clock_tolerance: 0 })
    const usual = await registered({})
    const lenient = await registered({ clock_tolerance: 300 })
    const late = () => ({ iat: now() - 100, exp: now() - 2 })
    expect(await strict.outcome(strict.token(late()))).to.equal('token_expired')
    expect(await usual.outcome(usual.token(late()))).to.equal('granted')
    const early = () => ({ iat: now() + 200, nbf: now() + 200, exp: now() + 400 })
    expect(await usual.outcome(usual.token(early()))).to.equal('token_not_yet_valid')
    expect(await lenient.outcome(lenient.token(early()))).to.equal('granted')
  })

  it('the times are judged in the order exp, nbf, iat', async () => {
    const { outcome, token } = await registered({})
    const all = { exp: now() - 500, nbf: now() + 500, iat: now() + 500 }
    expect(await outcome(token(all))).to.equal('token_expired')
    expect(await outcome(token({ ...all, exp: now() + 900 }))).to.equal('token_not_yet_valid')
    expect(await outcome(token({ ...all, exp: now() + 900, nbf: now() }))).to.equal('token_issued_in_future')
    expect(await outcome(token({ ...all, exp: undefined }))).to.equal('expiry_missing')
  })

  it('max_token_age: how old, and how long-lived', async () => {
    const { outcome, token } = await registered({ max_token_age: 600 })
    expect(await outcome(token({ iat: now() - 500, exp: now() + 60 }))).to.equal('granted')
    expect(await outcome(token({ iat: now() - 700, exp: now() + 60 }))).to.equal('token_too_old')
    expect(await outcome(token({ iat: now(), exp: now() + 3600 }))).to.equal('token_too_old')
    expect(await outcome(token({ iat: now(), exp: 2 ** 52 }))).to.equal('token_too_old')
  })

  it('bound_lifetime: ours does not outlive the subject token', async () => {
    const bound = await registered({ bound_lifetime: true })
    const exp = now() + 200
    const claims = claimsIn(await world.granted(bound.token({ exp })))
    expect(claims.exp).to.be.at.most(exp)
    expect(Number(claims.exp)).to.be.at.least(exp - 2)
    expect(await bound.outcome(bound.token({ iat: now() - 60, exp: now() - 5 }))).to.equal('token_expired')
  })

  it('single_use_grace: the same token again within it gets a token too, and not after', async () => {
    const once = await registered({ single_use: true, single_use_grace: 2 })
    const token = once.token({ jti: crypto.randomUUID() })
    expect([await once.outcome(token), await once.outcome(token)]).to.deep.equal(['granted', 'granted'])
    // The end of the grace is a time, and no event.
    await sleep(2_100)
    expect(await once.outcome(token)).to.equal('token_replayed')
  })

  it('single_use: one jti is one token, however it is signed', async () => {
    const once = await registered({ single_use: true })
    const jti = crypto.randomUUID()
    expect(await once.outcome(once.token({ jti }))).to.equal('granted')
    expect(await once.outcome(once.token({ jti, iat: now() - 1 }))).to.equal('token_replayed')
    expect(await once.outcome(once.token({ jti: `${jti}x` }))).to.equal('granted')
  })

  it('extra_audiences', async () => {
    const open = await registered({ extra_audiences: true })
    expect(await open.outcome(open.token({ aud: [open.name, 'https://x.example'] }))).to.equal('granted')
    const closed = await registered({})
    expect(await closed.outcome(closed.token({ aud: [closed.name] }))).to.equal('granted')
    const two = closed.token({ aud: [open.name, closed.name] })
    expect(await open.outcome(two)).to.equal('audience_not_accepted')
  })

  it('algorithms', async () => {
    const { outcome, token } = await registered({ algorithms: ['ES256'] })
    expect(await outcome(token())).to.equal('algorithm_not_allowed')
  })

  it('jwks: keys uploaded for an issuer that cannot be reached', async () => {
    const issuer = 'https://nowhere.invalid'
    await world.make('/issuers', { name: 'air-gapped', issuer, jwks: provider.publicJwks() })
    await world.external('inside', 'pod', { trust: { issuer: 'air-gapped', subject: 'pod' } })
    await world.granted(world.token({ iss: issuer, sub: 'pod' }))
  })

  it('a key that the provider rotates in serves after refresh, and the old one no more', async () => {
    const other = await startProvider()
    try {
      await world.make('/issuers', { name: 'rotating', issuer: other.issuer })
      await world.external('rotated', 'job', { trust: { issuer: 'rotating', subject: 'job' } })
      const token = () => other.token({ aud: world.audience, sub: 'job' })
      const old = token()
      await world.granted(old)
      other.rotate()
      await must(world.api('POST', '/issuers/rotating/refresh', {}))
      await world.granted(token())
      expect((await world.exchange(old)).body.reason).to.equal('key_not_found')
    } finally {
      await other.close()
    }
  })

  it('users: a subject, or a verified email, names a person when no account matches', async () => {
    const user = await world.make('/users', { username: 'ann', email: 'Ann@acme.example', role: 'viewer' })
    const bySub = await registered({ users: true })
    const claims = claimsIn(await world.granted(bySub.token({ sub: 'ann' })))
    expect(claims).to.deep.include({ sub: user.id, principal: 'user', method: 'federated', scope: 'projects:read' })
    expect(claims).to.not.have.property('team')
    // To its issuer, another letter case is another person.
    for (const sub of ['Ann', 'ANN', 'ann@acme.example', 'Ann@ACME.example'])
      expect(await bySub.outcome(bySub.token({ sub })), sub).to.equal('no_account_matches')
    expect(await bySub.outcome(bySub.token({ sub: 'Ann@acme.example' }))).to.equal('granted')
    expect(await bySub.outcome(bySub.token({ sub: 'nobody' }))).to.equal('no_account_matches')
    const byEmail = await registered({ users: true, user_claim: 'email' })
    const outcome = (email: unknown, email_verified: unknown) =>
      byEmail.outcome(byEmail.token({ sub: 'x', email, email_verified }))
    expect(await outcome('ann@ACME.example', true)).to.equal('granted')
    for (const verified of [false, 'true', 1, undefined])
      expect(await outcome('ann@acme.example', verified)).to.equal('no_account_matches')
    expect(await outcome(['ann@acme.example'], true)).to.equal('no_account_matches')
    // A disabled account refuses: its subject does not fall to a person of the same name.
    await world.external('ann', 'ann', { trust: { issuer: bySub.name, subject: 'ann' } })
    expect(claimsIn(await world.granted(bySub.token({ sub: 'ann' })))).to.include({ principal: 'service_account' })
    await must(world.api('PATCH', `${world.accounts}/ann`, { enabled: false }))
    expect(await bySub.outcome(bySub.token({ sub: 'ann' }))).to.equal('no_account_matches')
    const closed = await registered({})
    expect(await closed.outcome(closed.token({ sub: 'ann' }))).to.equal('no_account_matches')
  })

  it('a disabled issuer is as good as none', async () => {
    const { outcome, token, at } = await registered({})
    await must(world.api('PATCH', at, { enabled: false }))
    expect(await outcome(token())).to.be.oneOf(['audience_not_accepted', 'issuer_not_trusted'])
    await must(world.api('PATCH', at, { enabled: true }))
    expect(await outcome(token())).to.equal('granted')
  })
})
