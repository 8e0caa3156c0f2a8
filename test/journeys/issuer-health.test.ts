/** How an issuer has done: what came of each fetch of its keys, and when they were rotated. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

type Fetched = { at: string; ok: boolean; message: string | null; milliseconds: number; keys: number; rotated: boolean }
type Health = { state: string; last_attempt?: string; history: Fetched[]; last_rotation: string | null }

describe('journey: the health of an issuer', () => {
  let provider: Provider
  let service: Service
  let world: World

  beforeEach(async () => {
    provider = await startProvider({ alg: 'ES256' })
    service = await startService()
    world = await createWorld(service, provider)
  })
  afterEach(async () => {
    await service?.close()
    await provider?.close()
  })

  const healthOf = async (name = 'ci') => (await must(world.api('GET', `/issuers/${name}/health`))) as unknown as Health
  const deed = (what: string) => must(world.api('POST', `/issuers/ci/${what}`, {}))
  const told = ({ history }: Health) => history.map(({ ok, keys, rotated }) => [ok, keys, rotated])

  it('begins when it is registered, and goes on with every refresh and check, newest first', async () => {
    const begun = Date.now()
    const first = await healthOf()
    expect(told(first)).to.deep.equal([[true, 1, false]])
    expect(first).to.deep.include({ state: 'ok', last_rotation: null })
    expect(Date.parse(first.history[0]?.at ?? '')).to.be.closeTo(Date.parse(first.last_attempt ?? ''), 1_000)
    expect(Date.parse(first.history[0]?.at ?? '')).to.be.within(begun - 60_000, Date.now())
    expect(first.history[0]?.milliseconds).to.be.a('number').and.least(0)

    provider.rotate({ keep: true })
    await deed('refresh')
    const rotated = await healthOf()
    expect(told(rotated)).to.deep.equal([
      [true, 2, true],
      [true, 1, false],
    ])
    expect(rotated.last_rotation).to.equal(rotated.history[0]?.at)

    provider.fail('error')
    await deed('check')
    provider.fail(null)
    await deed('check')
    const last = await healthOf()
    expect(told(last).slice(0, 3)).to.deep.equal([
      [true, 2, false],
      [false, 0, false],
      [true, 2, true],
    ])
    expect(last.history[1]?.message).to.equal('discovery: answered with status 500 instead of 200')
    expect(last.history[0]?.message).to.equal(null)
    expect(last.last_rotation).to.equal(rotated.last_rotation)
  })

  it('holds no fetch that did not happen: of uploaded keys, of a discovery, of an exchange with known keys', async () => {
    const jwks = provider.publicJwks()
    await world.make('/issuers', { name: 'uploaded', issuer: 'https://up.example', jwks })
    await must(world.api('POST', '/issuers/uploaded/check', {}))
    expect(await healthOf('uploaded')).to.deep.include({ state: 'ok', history: [], last_rotation: null })
    await must(world.api('POST', '/discover', { issuer: provider.issuer }))
    await world.granted(world.token())
    expect((await healthOf()).history).to.have.length(1)
  })

  it('tells what failed at the first fetch, by whom it was registered or exchanged', async () => {
    provider.fail('error')
    await world.make('/issuers', { name: 'down', issuer: provider.issuer, audiences: ['down'] })
    const { state, history } = await healthOf('down')
    expect(state).to.equal('failing')
    expect(history.map(({ ok, message }) => [ok, message])).to.deep.equal([
      [false, 'discovery: answered with status 500 instead of 200'],
    ])
  })

  it('is there after a restart, whose first fetch an exchange causes', async () => {
    provider.rotate()
    await deed('refresh')
    const before = await healthOf()
    const env = { PUBLIC_URL: service.publicUrl }
    await service.stop()
    service = await startService({ dataDir: service.dataDir, env })
    const secret = world.adminKey
    const health = async () =>
      (await must(call(service, 'GET', `${world.path}/issuers/ci/health`, { secret }))) as unknown as Health
    expect(await health()).to.deep.include({
      state: 'unknown',
      history: before.history,
      last_rotation: before.last_rotation,
    })
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: world.token() }
    await must(call(service, 'POST', '/oauth/token', { form }))
    const after = await health()
    expect(after.state).to.equal('ok')
    expect(told(after)).to.deep.equal([[true, 1, false], ...told(before)])
  })
})
