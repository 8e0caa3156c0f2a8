/** An issuer before it is registered: what is fetched, what an admin hears of it, and that nothing is kept. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'
import { hostileUrls } from '../vectors/hostile-urls.ts'

type Step = { step: string; ok: boolean; message: string; milliseconds: number }
type Fault = { path: string; message: string }

describe('journey: discovering an issuer', () => {
  let provider: Provider
  let service: Service
  let world: World
  const limit = 20

  before(async () => {
    provider = await startProvider({ alg: 'ES256' })
    service = await startService({ env: { LIMIT_ISSUER_FETCHES_PER_MINUTE: String(limit) } })
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })
  afterEach(() => provider.fail(null))

  const discover = (json: unknown) => world.api('POST', '/discover', json)
  const stepsOf = (answer: Record<string, unknown>) => (answer.steps as Step[]).map(({ step, ok }) => `${step} ${ok}`)

  it('tells each step, the keys, what they sign with and the preset, and keeps nothing', async () => {
    const before = await must(world.api('GET', '/export'))
    const { items: events } = await must(world.api('GET', '/audit-events'))
    const { discovery, jwks } = provider.requests
    const found = await must(discover({ issuer: provider.issuer }))
    expect(provider.requests).to.deep.equal({ discovery: discovery + 1, jwks: jwks + 1 })
    expect(stepsOf(found)).to.deep.equal(['discovery true', 'issuer true', 'jwks true', 'keys true'])
    for (const { milliseconds } of found.steps as Step[]) expect(milliseconds).to.be.a('number').and.least(0)
    expect(found).to.deep.include({
      ok: true,
      keys: [{ kid: provider.key().kid, kty: 'EC', alg: 'ES256' }],
      algorithms: ['ES256'],
      preset: null,
    })
    expect(await must(world.api('GET', '/export'))).to.deep.equal(before)
    expect((await must(world.api('GET', '/audit-events'))).items).to.deep.equal(events)
  })

  it('by a jwks_uri, and of uploaded keys, which nobody is asked for', async () => {
    const { discovery, jwks } = provider.requests
    const issuer = 'https://gitlab.com'
    const named = await must(discover({ issuer, jwks_uri: provider.jwksUri }))
    expect(stepsOf(named)).to.deep.equal(['jwks true', 'keys true'])
    expect(named.preset).to.equal('gitlab')
    const uploaded = await must(discover({ issuer, jwks: provider.publicJwks() }))
    expect(stepsOf(uploaded)).to.deep.equal(['keys true'])
    expect(uploaded).to.deep.include({ algorithms: ['ES256'], preset: 'gitlab' })
    expect(provider.requests).to.deep.equal({ discovery, jwks: jwks + 1 })
  })

  it('ends with the step that failed, in the words of a check', async () => {
    for (const fault of ['error', 'redirect', 'garbage', 'other_issuer', 'empty_keys'] as const) {
      provider.fail(fault)
      const found = await must(discover({ issuer: provider.issuer }))
      const { steps, ok, keys } = await must(world.api('POST', '/issuers/ci/check', {}))
      const told = (all: unknown) => (all as Step[]).map(({ milliseconds: _, ...rest }) => rest)
      expect(told(found.steps), fault).to.deep.equal(told(steps))
      expect(found, fault).to.deep.include({ ok, keys, algorithms: [] })
      expect(ok).to.equal(false)
    }
  })

  it('refuses what could not be registered, naming the member', async () => {
    const symmetric = { keys: [{ kty: 'oct', kid: 'x', k: 'c2VjcmV0' }] }
    const cases: [json: Record<string, unknown>, path: string][] = [
      [{}, 'issuer'],
      [{ issuer: 'idp.example' }, 'issuer'],
      [{ issuer: provider.issuer, jwks_uri: 'nowhere' }, 'jwks_uri'],
      [{ issuer: provider.issuer, jwks: symmetric }, 'jwks'],
      [{ issuer: provider.issuer, jwks_uri: provider.jwksUri, jwks: provider.publicJwks() }, 'jwks'],
    ]
    for (const [json, path] of cases) {
      const { status, body } = await discover(json)
      expect([status, (body.errors as Fault[] | undefined)?.[0]?.path], JSON.stringify(json)).to.deep.equal([422, path])
    }
  })

  it('counts like any fetch, and the answer names the limit; what fetches nothing does not count', async () => {
    const busy = await createWorld(service, provider, { org: 'busy' })
    const at = (json: unknown) => busy.api('POST', '/discover', json)
    for (let i = 0; i < limit; i++) {
      expect((await at({ issuer: 'idp.example' })).status).to.equal(422)
      expect((await at({ issuer: 'https://up.example', jwks: provider.publicJwks() })).status).to.equal(200)
    }
    const statuses: number[] = []
    for (let i = 0; i < limit + 5; i++) statuses.push((await at({ issuer: provider.issuer })).status)
    expect(new Set(statuses)).to.deep.equal(new Set([200, 429]))
    const limited = await at({ issuer: provider.issuer })
    expect(limited.body).to.include({ status: 429, reason: 'rate_limited' })
    expect(limited.body.detail).to.contain('LIMIT_ISSUER_FETCHES_PER_MINUTE')
    expect(limited.headers.get('retry-after')).to.match(/^\d+$/)
    expect((await busy.api('POST', '/issuers/ci/check', {})).status).to.equal(429)
    expect((await discover({ issuer: provider.issuer })).status).to.equal(200)
  })

  describe('where only public addresses are reached', () => {
    let guarded: Service
    let inside: World
    before(async () => {
      guarded = await startService({ env: { ISSUER_NETWORK: 'public' } })
      const jwks = provider.publicJwks()
      inside = await createWorld(guarded, provider, { issuer: { issuer: 'https://idp.example', jwks } })
    })
    after(() => guarded?.close())

    it('no hostile URL is fetched, as an issuer or as a jwks_uri, and none says more than registering would', async () => {
      const { discovery, jwks } = provider.requests
      for (const url of [...hostileUrls, provider.issuer])
        for (const json of [{ issuer: url }, { issuer: 'https://idp.example', jwks_uri: url }]) {
          if (url === '' && json.jwks_uri === '') continue
          const found = await inside.api('POST', '/discover', json)
          const registering = await inside.api('POST', '/issuers', { name: 'hostile', ...json })
          const what = JSON.stringify(json)
          expect([found.status, found.body.errors], what).to.deep.equal([422, registering.body.errors])
          expect(registering.status, what).to.equal(422)
        }
      expect(provider.requests).to.deep.equal({ discovery, jwks })
    })
  })
})
