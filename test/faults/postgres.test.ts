/** PostgreSQL goes away under load: nobody gets a token without its record, or a no that is not meant; the rest goes on. */
import { expect } from 'chai'
import { installing } from '../support/program.ts'
import { resourceServer } from '../support/resource-server.ts'
import { call, type Service } from '../support/server.ts'
import { singleUse } from './single-use.ts'
import { ask, eventually, type Fleet, freshToken, reconcile, startFleet, tally, underLoad } from './support.ts'

/** ms. The longest that anybody waits for an answer, whatever became of the database. */
const mostWaited = 8_000
/** ms. Until all serve as before. */
const back = 5_000
const away = '503 storage_unavailable'

type Fault = { name: string; begin(fleet: Fleet): Promise<void> | void; end(fleet: Fleet): Promise<void> | void }
const faults: Fault[] = [
  { name: 'is killed', begin: ({ postgres }) => postgres.kill(), end: ({ postgres }) => postgres.start() },
  {
    name: 'answers nobody',
    begin: ({ toPostgres }) => toPostgres.blackHole(),
    end: ({ toPostgres }) => toPostgres.pass(),
  },
]

describe('faults/postgres', () => {
  let fleet: Fleet
  let onceToken: () => string
  let secret: string
  before(async function () {
    this.timeout(installing)
    fleet = await startFleet()
    onceToken = await singleUse(fleet)
    secret = (await resourceServer(fleet.world, 'vision')).secret
  })
  after(() => fleet?.close())

  const onAll = <T>(what: (at: Service, i: number) => Promise<T>): Promise<T[]> => Promise.all(fleet.replicas.map(what))
  const statusesOf = (token: () => string) => onAll(async (at) => (await ask(fleet, at, token()))?.status)
  const asked = (at: Service, token: string) => call(at, 'POST', '/oauth/introspect', { form: { token }, secret })
  const allActive = async (tokens: readonly string[]) => {
    for (const { status, body } of await onAll((at, i) => asked(at, tokens[i] as string)))
      expect([status, body.active]).to.deep.equal([200, true])
  }
  const keySets = () => onAll(async (at) => (await call(at, 'GET', '/oauth/jwks')).body)
  const readiness = () =>
    onAll(async (at) => {
      const { status, body } = await call(at, 'GET', '/readyz')
      return [status, body.status, (body.dependencies as { database: { state: string } }).database.state]
    })

  /** Each replica asked once: says that it cannot now, and when to come again. */
  async function saysLater(token: () => string): Promise<void> {
    for (const answer of await onAll((at) => ask(fleet, at, token()))) {
      expect([answer?.status, answer?.body.reason]).to.deep.equal([503, 'storage_unavailable'])
      expect(Number(answer?.headers.get('retry-after'))).to.be.within(1, 60)
      expect(answer?.body).to.not.have.property('access_token')
    }
  }

  for (const { name, begin, end } of faults)
    it(`says 503 while PostgreSQL ${name}, keeps what was handed out, and serves when it is back`, async function () {
      this.timeout(180_000)
      const { counts } = await underLoad(fleet, async () => {
        expect(await statusesOf(onceToken)).to.deep.equal([200, 200, 200])
        const known = await onAll(async (at) => String((await ask(fleet, at, freshToken(fleet)))?.body.access_token))
        await allActive(known)
        const keysBefore = await keySets()

        await begin(fleet)
        const met = fleet.replicas.map(onceToken)
        const toldOnce = await onAll(async (at, i) => {
          const answer = await ask(fleet, at, met[i] as string)
          return `${answer?.status} ${answer?.body.reason}`
        })
        expect(toldOnce).to.deep.equal([away, away, away])
        for (let round = 0; round < 3; round++) {
          await saysLater(() => freshToken(fleet))
          await allActive(known)
          expect(await keySets()).to.deep.equal(keysBefore)
          expect(await readiness()).to.deep.equal(Array(3).fill([200, 'degraded', 'unavailable']))
        }

        await end(fleet)
        const served = async () => (await statusesOf(() => freshToken(fleet))).every((status) => status === 200)
        await eventually(back, served, 'not all serve again')
        await eventually(back, async () => (await readiness()).every(([, status]) => status === 'ok'))
        await allActive(known)
        const again = await onAll(async (at, i) => (await ask(fleet, at, met[i] as string))?.body)
        expect(again.map((body) => body?.reason ?? 'granted')).to.deep.equal(['granted', 'granted', 'granted'])
        const third = await onAll(async (at, i) => (await ask(fleet, at, met[(i + 1) % 3] as string))?.body.reason)
        expect(third).to.deep.equal(Array(3).fill('token_replayed'))
      })
      expect(counts.refused, 'a no that is not meant').to.deep.equal([])
      expect(Object.keys(tally(counts.failed.map(({ kind }) => kind)))).to.deep.equal([away])
      expect(counts.slowest, 'ms of the slowest answer').to.be.below(mostWaited + counts.control)
      await reconcile(fleet)
    })

  it('gives what a single-use token buys once, wherever it is tried again', async function () {
    this.timeout(60_000)
    const [met, other] = fleet.replicas as [Service, Service]
    const outcome = async (at: Service, token: string) => {
      const answer = await ask(fleet, at, token)
      return answer?.status === 200 ? 'granted' : String(answer?.body.reason)
    }
    // So that it knows all that it needs, and gets as far as the claim.
    for (let i = 0; i < 3; i++) expect(await statusesOf(onceToken)).to.deep.equal([200, 200, 200])
    const tokens = Array.from({ length: 5 }, onceToken)
    fleet.toPostgres.blackHole()
    const first = await Promise.all(tokens.map((token) => outcome(met, token)))
    expect(first).to.deep.equal(Array(5).fill('storage_unavailable'))
    fleet.toPostgres.pass()
    const served = async () => (await statusesOf(() => freshToken(fleet))).every((status) => status === 200)
    await eventually(back, served, 'not all serve again')
    for (const token of tokens) {
      const tries = [await outcome(other, token), await outcome(met, token), await outcome(other, token)]
      // Where the first try had counted unheard, it is the other replica that cannot know.
      expect(tally(tries)).to.deep.equal({ granted: 1, token_replayed: 2 })
    }
    await reconcile(fleet)
  })
})
