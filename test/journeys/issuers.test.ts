/** Registering an issuer, and asking what is wrong with one: what is fetched, how often, and what the admin hears. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

type Step = { step: string; ok: boolean; message: string; milliseconds: number }

describe('journey: issuers', () => {
  let provider: Provider
  let service: Service
  let world: World
  let made = 0

  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0', LIMIT_ISSUER_FETCHES_PER_MINUTE: '40' } })
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })
  afterEach(() => provider.fail(null))

  const body = (more: Record<string, unknown> = {}) => {
    const name = `issuer-${++made}`
    return { name, issuer: provider.issuer, audiences: [name], ...more }
  }
  const post = (path: string, json: unknown, headers: Record<string, string> = {}) =>
    call(service, 'POST', world.path + path, { secret: world.adminKey, json, headers })
  /** What the provider was asked for while `deed` was done. */
  async function asked(deed: () => Promise<unknown>) {
    const { discovery, jwks } = provider.requests
    await deed()
    return { discovery: provider.requests.discovery - discovery, jwks: provider.requests.jwks - jwks }
  }
  const stepsOf = (answer: Record<string, unknown>) => (answer.steps as Step[]).map(({ step, ok }) => `${step} ${ok}`)

  it('fetches its keys once when it is registered: by discovery, from a jwks_uri, or not at all', async () => {
    const health = { state: 'ok' }
    const keys = [{ kid: provider.key().kid, kty: 'RSA', alg: 'RS256' }]
    const kinds: [more: Record<string, unknown>, fetches: { discovery: number; jwks: number }][] = [
      [{}, { discovery: 1, jwks: 1 }],
      [{ jwks_uri: provider.jwksUri }, { discovery: 0, jwks: 1 }],
      [{ jwks: provider.publicJwks() }, { discovery: 0, jwks: 0 }],
    ]
    for (const [more, fetches] of kinds) {
      let answer: Record<string, unknown> = {}
      const given = body(more)
      expect(await asked(async () => Object.assign(answer, await must(post('/issuers', given))))).to.deep.equal(fetches)
      expect(answer.health).to.deep.include({ ...health, keys })
      // An exchange finds them there.
      await world.external(given.name, 'job', { trust: { issuer: given.name, subject: 'job' } })
      const token = world.token({ aud: given.name, sub: 'job' })
      expect(await asked(() => world.granted(token))).to.deep.equal({ discovery: 0, jwks: 0 })
      answer = {}
    }
  })

  it('is registered although it cannot be reached, and says so; with verify=require it is not', async () => {
    provider.fail('error')
    const { health } = await must(post('/issuers', body()))
    expect(health).to.deep.include({ state: 'failing', keys: [] })
    expect((health as Record<string, unknown>).message).to.match(/^discovery: answered with status 500/)
    const required = body()
    const refused = await post('/issuers?verify=require', required)
    expect(refused.body).to.include({ status: 422, reason: 'issuer_unreachable' })
    expect(refused.body.detail).to.match(/answered with status 500/)
    expect((await world.api('GET', `/issuers/${required.name}`)).status).to.equal(404)
    provider.fail(null)
    expect((await post('/issuers?verify=require', required)).status).to.equal(201)
  })

  it('a repeat under the same Idempotency-Key asks nobody again', async () => {
    const headers = { 'idempotency-key': 'register once' }
    const given = body()
    const first = await post('/issuers', given, headers)
    expect(await asked(() => must(post('/issuers', given, headers)))).to.deep.equal({ discovery: 0, jwks: 0 })
    expect((await must(post('/issuers', given, headers))).id).to.equal(first.body.id)
    const again = { 'idempotency-key': 'refresh once' }
    const refresh = () => must(post(`/issuers/${given.name}/refresh`, {}, again))
    expect(await asked(refresh)).to.deep.equal({ discovery: 1, jwks: 1 })
    expect(await asked(refresh)).to.deep.equal({ discovery: 0, jwks: 0 })
  })

  it('check tells each step, up to the one that failed, and changes nothing that is known', async () => {
    const { name } = body()
    await must(post('/issuers', { ...body(), name, audiences: [name] }))
    const check = async () => must(world.api('POST', `/issuers/${name}/check`, {}))
    const good = await check()
    expect(good.ok).to.equal(true)
    expect(stepsOf(good)).to.deep.equal(['discovery true', 'issuer true', 'jwks true', 'keys true'])
    for (const { milliseconds, message } of good.steps as Step[]) {
      expect(milliseconds).to.be.a('number').and.least(0)
      expect(message).to.not.equal('')
    }
    expect(good.keys).to.deep.equal([{ kid: provider.key().kid, kty: 'RSA', alg: 'RS256' }])

    provider.fail('garbage')
    const bad = await check()
    expect(bad.ok).to.equal(false)
    expect(stepsOf(bad)).to.deep.equal(['discovery false'])
    expect((await must(world.api('GET', `/issuers/${name}`))).health).to.deep.include({ state: 'ok' })
  })

  it('check names the step at which another issuer shows: its URL is compared as it stands', async () => {
    const { name } = body()
    // The provider answers below this path too, but calls itself by its own name.
    const other = `${provider.issuer.replace('127.0.0.1', 'localhost')}`
    await must(post('/issuers', { name, issuer: other, audiences: [name] }))
    const checked = await must(world.api('POST', `/issuers/${name}/check`, {}))
    expect(stepsOf(checked)).to.deep.equal(['discovery true', 'issuer false'])
    expect((checked.steps as Step[])[1]?.message).to.contain('another issuer')
  })

  it('refresh answers the issuer as it is, with its tag', async () => {
    const { name } = (await must(post('/issuers', body()))) as { name: string }
    const answer = await post(`/issuers/${name}/refresh`, {})
    const read = await world.api('GET', `/issuers/${name}`)
    expect(answer.headers.get('etag')).to.equal(read.headers.get('etag'))
    expect(answer.body.health).to.deep.include({ state: 'ok' })
  })

  it('an organization may have fetches made so often in a minute, and others go on', async () => {
    const busy = await createWorld(service, provider, { org: 'busy' })
    const statuses: number[] = []
    for (let i = 0; i < 45; i++) statuses.push((await busy.api('POST', '/issuers/ci/check', {})).status)
    const limited = await busy.api('POST', '/issuers/ci/refresh', {})
    expect(new Set(statuses)).to.deep.equal(new Set([200, 429]))
    expect(limited.body).to.include({ status: 429, reason: 'rate_limited' })
    expect(limited.body.detail).to.contain('LIMIT_ISSUER_FETCHES_PER_MINUTE')
    expect(limited.headers.get('retry-after')).to.match(/^\d+$/)
    await busy.granted(busy.token())
    expect((await world.api('POST', '/issuers/ci/check', {})).status).to.equal(200)
  })
})
