/** Whoever exchanges without a pause while an admin revokes, disables or deletes gets no token that outlives the deed. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { ulidTime } from '../../src/protocol/ids.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { askFor, claimsIn, createWorld, must, type World } from '../support/world.ts'

const connections = 8
const rounds = 6

describe('exchanging while it is being revoked', () => {
  let provider: Provider
  let service: Service
  let world: World
  let made = 0

  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, provider)
    await world.make('/issuers', { name: 'once', issuer: provider.issuer, audiences: ['once'], single_use: true })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  /** Every token that was received while `deed` was done, from well before to well after. */
  async function meanwhile(ask: () => Promise<Record<string, unknown>>, deed: () => Promise<unknown>) {
    const received: string[] = []
    let over = false
    const warm = Promise.withResolvers<void>()
    const client = async () => {
      while (!over) {
        const { access_token } = await ask()
        if (typeof access_token === 'string') received.push(access_token)
        if (received.length >= 2 * connections) warm.resolve()
      }
    }
    const clients = Array.from({ length: connections }, client)
    await warm.promise
    await deed()
    // As many again as are under way: what was asked for before the deed has then been answered.
    await Promise.all(Array.from({ length: 2 * connections }, ask))
    over = true
    await Promise.all(clients)
    return received
  }
  const isActive = async (token: string) => (await world.introspect(token)).body.active === true
  const living = async (tokens: readonly string[]) => {
    const active = await Promise.all(tokens.map(isActive))
    return tokens.filter((_, i) => active[i])
  }

  /** An External account of its own; `audience` picks the issuer. */
  async function account(audience = world.audience) {
    const name = `racer-${++made}`
    const issuer = audience === 'once' ? 'once' : 'ci'
    await world.external(name, name, { trust: { issuer, subject: name } })
    const at = `${world.accounts}/${name}`
    const [policy] = (await must(world.api('GET', `${at}/trust-policies`))).items as { id: string }[]
    const token = () => world.token({ sub: name, aud: audience, jti: crypto.randomUUID() })
    return { at, policy: `${at}/trust-policies/${policy?.id}`, ask: async () => (await world.exchange(token())).body }
  }

  for (const audience of [undefined, 'once']) {
    const kind = audience ? 'a single-use issuer' : 'an issuer'
    it(`of ${kind}: a deleted trust policy leaves no token alive`, async () => {
      for (let i = 0; i < rounds; i++) {
        const { policy, ask } = await account(audience)
        const received = await meanwhile(ask, () => must(world.api('DELETE', policy)))
        expect(await living(received)).to.deep.equal([])
      }
    })
  }

  it('an account that is disabled and enabled again has no token of before', async () => {
    for (let i = 0; i < rounds; i++) {
      const { at, ask } = await account()
      let enabledAt = 0
      const received = await meanwhile(ask, async () => {
        await must(world.api('PATCH', at, { enabled: false }))
        enabledAt = Date.now()
        await must(world.api('PATCH', at, { enabled: true }))
      })
      const revived = (await living(received)).filter((token) => ulidTime(String(claimsIn(token).jti)) < enabledAt)
      expect(revived).to.deep.equal([])
    }
  })

  it('revoking all so far: what lives was minted after the moment that the answer names', async () => {
    for (let i = 0; i < rounds; i++) {
      const { at, ask } = await account()
      let before = ''
      const received = await meanwhile(ask, async () => {
        before = String((await must(world.api('POST', `${at}/revoke`, {}))).revoked_before)
      })
      const alive = new Set(await living(received))
      for (const token of received)
        expect(alive.has(token)).to.equal(ulidTime(String(claimsIn(token).jti)) > Date.parse(before))
    }
  })

  it('revoking all of the installation: what lives was minted after the moment that the answer names', async () => {
    for (let i = 0; i < rounds; i++) {
      const { ask } = await account()
      let before = ''
      const received = await meanwhile(ask, async () => {
        const json = { before: new Date(Date.now() + 30_000).toISOString() }
        const asked = call(service, 'POST', '/api/v1/installation/revoke', { secret: service.operatorKey, json })
        before = String((await must(asked)).revoked_before)
      })
      const alive = new Set(await living(received))
      for (const token of received)
        expect(alive.has(token)).to.equal(ulidTime(String(claimsIn(token).jti)) > Date.parse(before))
    }
  })

  it('a deleted API key leaves nothing alive of what it obtained', async () => {
    for (let i = 0; i < rounds; i++) {
      const name = `keyed-${++made}`
      const { api_key } = await world.make(world.accounts, { name, method: 'api_key' })
      const [key] = (await must(world.api('GET', `${world.accounts}/${name}/keys`))).items as { id: string }[]
      const ask = async () => (await world.withKey(String(api_key))).body
      const received = await meanwhile(ask, () =>
        must(world.api('DELETE', `${world.accounts}/${name}/keys/${key?.id}`)),
      )
      expect(await living(received)).to.deep.equal([])
    }
  })

  it('a change that ends nothing costs no exchange: each is granted', async () => {
    const { at, ask } = await account()
    const refused: unknown[] = []
    const noting = async () => {
      const body = await ask()
      if (body.access_token === undefined) refused.push(body)
      return body
    }
    await meanwhile(noting, async () => {
      for (let i = 0; i < 10; i++) await must(world.api('PATCH', at, { description: `${i}` }))
    })
    expect(refused).to.deep.equal([])
  })
})

describe('an issuer that becomes single-use while its token is being exchanged', () => {
  let provider: Provider
  let keys: Server
  let service: Service
  /** Called for each fetch of the keys; the answer waits for what it returns. */
  let asked: () => Promise<void> = async () => {}

  before(async () => {
    provider = await startProvider()
    keys = createServer(async (_req, res) => {
      await asked()
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(provider.publicJwks()))
    }).listen(0, '127.0.0.1')
    await once(keys, 'listening')
  })
  after(async () => {
    await service?.close()
    await provider?.close()
    keys?.close()
  })

  it('lets the token buy once: the exchange that was under way is that once', async () => {
    const env = { PUBLIC_URL: 'https://id.example' }
    service = await startService({ env })
    const jwks_uri = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/jwks`
    const world = await createWorld(service, provider, { issuer: { jwks_uri } })
    await service.stop()
    // Started anew it knows no keys: the first exchange waits for them.
    service = await startService({ env, dataDir: service.dataDir })
    const arrived = Promise.withResolvers<void>()
    const opened = Promise.withResolvers<void>()
    asked = () => {
      arrived.resolve()
      return opened.promise
    }
    const token = world.token({ jti: crypto.randomUUID() })
    const exchange = async () => call(service, 'POST', '/oauth/token', { form: askFor('jwtBearer', token) })
    const first = exchange()
    await arrived.promise
    const json = { single_use: true }
    await must(call(service, 'PATCH', `${world.path}/issuers/ci`, { secret: world.adminKey, json }))
    opened.resolve()
    expect((await first).status).to.equal(200)
    expect((await exchange()).body.reason).to.equal('token_replayed')
  })
})
