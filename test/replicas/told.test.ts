/** With Redis, replicas do not wait for their next look at the database: what one revokes, the other is told. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { sharedPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { call, markedMasterKey, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

describe('two replicas with Redis', () => {
  let provider: Provider
  let redis: RedisServer
  let a: Service
  let b: Service
  let world: World
  before(async function () {
    this.timeout(installing)
    const postgres = await sharedPostgres()
    redis = await startRedis()
    provider = await startProvider()
    const env = {
      DATABASE_URL: await postgres.create(),
      REDIS_URL: redis.url,
      MASTER_KEY: markedMasterKey,
      PUBLIC_URL: 'http://sts.example',
    }
    a = await startService({ env })
    b = await startService({ env })
    world = await createWorld(a, provider)
  })
  after(async () => {
    await Promise.all([a?.close(), b?.close(), provider?.close()])
    await redis?.stop()
  })

  const deeds: [what: string, deed: (token: string) => Promise<unknown>][] = [
    ['a token', (token) => must(call(a, 'POST', '/oauth/revoke', { form: { token } }))],
    ['all of an account', () => must(world.api('POST', `${world.accounts}/${world.account.id}/revoke`))],
  ]
  for (const [what, deed] of deeds) {
    it(`tell at once of ${what} that is revoked`, async () => {
      const activeAt = async (token: string) =>
        (await must(call(b, 'POST', '/oauth/introspect', { form: { token }, secret: world.adminKey }))).active
      const took: number[] = []
      for (let round = 0; round < 12; round++) {
        const token = await world.granted(await world.token())
        expect(await activeAt(token)).to.equal(true)
        await deed(token)
        const at = performance.now()
        while ((await activeAt(token)) && performance.now() - at < 2_000);
        took.push(performance.now() - at)
      }
      // One look a second would be as quick only now and then.
      expect(took.filter((ms) => ms < 250)).to.have.length.of.at.least(9)
    })
  }
})
