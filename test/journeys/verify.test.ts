/** An API that accepts our tokens by @countersign/verify, from the day it is registered to the day Countersign is away. */
import { expect } from 'chai'
import { createVerifier, type Verifier, type VerifierOptions, VerifyError } from '../../src/verify/index.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type ResourceServer, resourceServer } from '../support/resource-server.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

const minute = 60_000

for (const path of ['', '/base/path'])
  describe(`an API that verifies, PUBLIC_URL ${path === '' ? 'without a path' : `with the path ${path}`}`, () => {
    const url = `https://id.example${path}`
    let provider: Provider
    let service: Service
    let world: World
    let server: ResourceServer
    /** ms; nothing but the tests moves it. */
    let ms: number

    before(async () => {
      provider = await startProvider()
      service = await startService({ env: { PUBLIC_URL: url } })
      world = await createWorld(service, provider)
      server = await resourceServer(world, 'tracker')
    })
    beforeEach(() => {
      ms = 0
    })
    after(async () => {
      await service?.close()
      await provider?.close()
    })

    /** The public URL is behind a proxy: the fetch that is plugged in knows the way. */
    const verifier = (more: Partial<VerifierOptions> = {}): Verifier =>
      createVerifier({
        url,
        organization: 'acme',
        audience: server.audience,
        fetch: (at, init) => fetch(at.replace('https://id.example', service.url), init),
        elapsed: () => ms,
        ...more,
      })
    const connected = (more: Partial<VerifierOptions> = {}) => verifier({ key: server.secret, ...more })
    const granted = () => world.granted(world.token(), { resource: server.audience })
    const outcome = (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'let in',
        (error: unknown) => {
          if (!(error instanceof VerifyError)) throw error
          return error.code
        },
      )

    it('knows the bearer, offline and connected alike', async () => {
      const token = await granted()
      const offline = await verifier().verify(token, { scope: 'projects:write' })
      expect(offline).to.include({ id: world.account.id, name: 'trainer', team: 'ml', audience: server.audience })
      expect(offline.idp).to.deep.equal({ iss: provider.issuer, sub: world.subject })
      expect(await connected().verify(token)).to.deep.equal(offline)
    })

    it('asks what the bearer may do', async () => {
      const { evaluate, evaluateAll } = connected()
      expect(await evaluate(world.apiKey, { action: 'write', project: 'vision' })).to.deep.equal({
        allowed: true,
        reason: 'team_account',
        project: 'ml/vision',
      })
      const projects = Array.from({ length: 101 }, (_, i) => (i % 2 ? `ml/p${i}` : `other/p${i}`))
      const all = await evaluateAll(
        await granted(),
        projects.map((project) => ({ action: 'read' as const, project })),
      )
      expect(all.map(({ allowed }) => allowed)).to.deep.equal(projects.map((project) => project.startsWith('ml/')))
    })

    it('refuses what was revoked a second later at the latest, and at once with cacheSeconds 0', async () => {
      const token = await granted()
      const patient = connected()
      const exact = connected({ cacheSeconds: 0 })
      for (const { verify } of [patient, exact]) await verify(token)
      await must(call(service, 'POST', '/oauth/revoke', { form: { token } }))
      expect(await outcome(exact.verify(token))).to.equal('inactive')
      ms = 1_000
      expect(await outcome(patient.verify(token))).to.equal('inactive')
      expect(await outcome(verifier().verify(token)), 'offline nobody can know').to.equal('let in')
    })

    it('refuses a disabled account, its token and its key', async () => {
      const bot = await world.make(world.accounts, { name: 'bot', method: 'api_key' })
      const key = String(bot.api_key)
      const token = String((await must(world.withKey(key))).access_token)
      const { verify } = connected({ cacheSeconds: 0 })
      for (const credential of [key, token]) expect(await outcome(verify(credential))).to.equal('let in')
      await must(world.api('PATCH', `${world.accounts}/bot`, { enabled: false }))
      for (const credential of [key, token]) expect(await outcome(verify(credential))).to.equal('inactive')
    })

    it('refuses an API key that has expired, or is deleted', async () => {
      const at = `${world.accounts}/robot/keys`
      // As soon as the service allows; a key without an end beside it shows that it is the end that counts.
      const expires_at = new Date(Date.now() + 1_500).toISOString()
      const brief = await must(world.api('POST', at, { expires_at }))
      const lasting = await must(world.api('POST', at, {}))
      const { verify } = connected({ cacheSeconds: 600 })
      const caller = await verify(String(brief.secret))
      expect(caller.expiresAt).to.equal(Math.floor(Date.parse(expires_at) / 1000))
      expect(await outcome(verify(String(lasting.secret)))).to.equal('let in')
      await new Promise((resolve) => setTimeout(resolve, Date.parse(expires_at) - Date.now() + 50))
      // However long answers are good for, the key's own end is the end: by then the clock of the cache has moved too.
      ms = 1_600
      expect(await outcome(verify(String(brief.secret)))).to.equal('inactive')
      await must(world.api('DELETE', `${at}/${lasting.id}`))
      expect(await outcome(connected().verify(String(lasting.secret)))).to.equal('inactive')
    })

    it('is told by the API’s own key, and says so when that is not one', async () => {
      expect(await outcome(connected({ key: world.apiKey }).verify(await granted()))).to.equal('key_refused')
      expect(await outcome(connected({ key: world.adminKey }).evaluate(await granted(), ask))).to.equal('key_refused')
    })
    const ask = { action: 'read', project: 'vision' } as const

    it('trusts a new signing key at once, and one that was withdrawn no more once the set is renewed', async () => {
      const old = await granted()
      const { verify } = verifier()
      expect(await outcome(verify(old))).to.equal('let in')
      const secret = service.operatorKey
      await must(call(service, 'POST', '/api/v1/signing-keys/rotate', { secret, json: { emergency: true } }))
      const fresh = await granted()
      // The next key has been published ahead, so that it is known already.
      expect(await outcome(verify(fresh))).to.equal('let in')
      expect(await outcome(verify(old)), 'until the set is renewed').to.equal('let in')
      ms = 5 * minute
      expect(await outcome(verify(old))).to.equal('key_unknown')
      expect(await outcome(verify(fresh))).to.equal('let in')
      expect(await outcome(connected().verify(old))).to.equal('key_unknown')
    })

    it('goes on offline while Countersign is away; connected it lets nobody in', async () => {
      const token = await granted()
      const offline = verifier()
      const asking = connected()
      for (const { verify } of [offline, asking]) await verify(token)
      await service.stop()
      for (ms of [1_000, 5 * minute, 10 * minute]) {
        expect(await outcome(offline.verify(token))).to.equal('let in')
        expect(await outcome(asking.verify(token))).to.equal('unavailable')
        expect(await outcome(asking.evaluate(token, ask))).to.equal('unavailable')
      }
      ms = 24 * 60 * minute + 1
      expect(await outcome(offline.verify(token))).to.equal('unavailable')
    })
  })
