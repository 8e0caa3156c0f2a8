/** Proofs of possession among replicas: a nonce of one is a nonce of all, and a proof serves once on all of them together. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { sharedPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'
import { createProver, type Prover } from '../support/prover.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { call, markedMasterKey, type Service, startService } from '../support/server.ts'
import { askFor, createWorld, must, type World } from '../support/world.ts'

const publicUrl = 'http://sts.example'
const tokenUrl = `${publicUrl}/oauth/token`

for (const withRedis of [false, true])
  describe(`proofs of possession on two replicas, ${withRedis ? 'with' : 'without'} Redis`, () => {
    let provider: Provider
    let redis: RedisServer | undefined
    let replicas: Service[] = []
    let world: World
    let prover: Prover

    before(async function () {
      this.timeout(installing)
      provider = await startProvider()
      prover = await createProver()
      redis = withRedis ? await startRedis() : undefined
      const env = {
        DATABASE_URL: await (await sharedPostgres()).create(),
        MASTER_KEY: markedMasterKey,
        PUBLIC_URL: publicUrl,
        ...(redis ? { REDIS_URL: redis.url } : {}),
      }
      replicas = await Promise.all([startService({ env }), startService({ env })])
      world = await createWorld(replicas[0] as Service, provider)
    })
    after(async () => {
      await Promise.all(replicas.map((replica) => replica.close()))
      await redis?.stop()
      await provider?.close()
    })

    const exchangeAt = (at: Service, dpop: string) =>
      call(at, 'POST', '/oauth/token', { form: askFor('jwtBearer', world.token()), headers: { dpop } })
    const nonceOf = async (at: Service) =>
      String((await exchangeAt(at, await prover.proof({ url: tokenUrl }))).headers.get('dpop-nonce'))

    it('a nonce of one is taken by the other', async () => {
      const [a, b] = replicas as [Service, Service]
      const proof = await prover.proof({ url: tokenUrl, nonce: await nonceOf(a) })
      expect((await must(exchangeAt(b, proof))).token_type).to.equal('DPoP')
    })

    it('of forty that show one proof on both at a time, one gets a token', async () => {
      const proof = await prover.proof({ url: tokenUrl, nonce: await nonceOf(replicas[0] as Service) })
      const tries = Array.from({ length: 40 }, (_, i) => exchangeAt(replicas[i % 2] as Service, proof))
      const answers = await Promise.all(tries)
      expect(answers.filter(({ status }) => status === 200)).to.have.length(1)
      const reasons = answers.flatMap(({ body }) => (body.reason === undefined ? [] : [body.reason]))
      expect(new Set(reasons)).to.deep.equal(new Set(['dpop_proof_invalid']))
    })

    it('a bound token of one is taken by the other with a proof, and the proof once', async () => {
      const [a, b] = replicas as [Service, Service]
      const proof = await prover.proof({ url: tokenUrl, nonce: await nonceOf(a) })
      const token = String((await must(exchangeAt(a, proof))).access_token)
      const shown = await prover.proof({ url: `${publicUrl}/api/v1/me`, method: 'GET', token, nonce: await nonceOf(b) })
      const headers = { authorization: `DPoP ${token}`, dpop: shown }
      const ask = (at: Service) => call(at, 'GET', '/api/v1/me', { headers })
      const statuses = (await Promise.all([ask(a), ask(b), ask(a), ask(b)])).map(({ status }) => status)
      expect(statuses.sort()).to.deep.equal([200, 401, 401, 401])
    })
  })
