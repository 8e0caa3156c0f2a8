/** The disk is full, under PostgreSQL’s data, its log, or the embedded database: no token without its record, and no harm done. */
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import pg from 'pg'
import { describeEmbedded } from '../support/embedded.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { startPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'
import { resourceServer } from '../support/resource-server.ts'
import { call, type Service, startService } from '../support/server.ts'
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts'
import { claimsIn, createWorld, type Event, must, type World } from '../support/world.ts'
import { ask, eventually, type Fleet, freshToken, reconcile, startFleet, tally, underLoad } from './support.ts'

const away = '503 storage_unavailable'
/** ms. For a server that ends, and one that begins, on a busy machine. */
const patience = 30_000

const disks = ['data', 'log'] as const

for (const which of disks)
  describe(`faults/full-disk: PostgreSQL’s ${which}`, () => {
    let disk: SmallDisk | undefined
    let fleet: Fleet
    let secret: string
    before(async function () {
      this.timeout(installing)
      disk = await mountSmallDisk(which === 'data' ? 160 : 24)
      // A disk that can be filled takes root, and the right to mount.
      if (!disk) return this.skip()
      const on = which === 'data' ? { dataOn: disk.path } : { logOn: disk.path }
      fleet = await startFleet({ replicas: 2, redis: false, postgres: startPostgres(on) })
      secret = (await resourceServer(fleet.world, 'vision')).secret
    })
    after(async () => {
      disk?.free()
      await fleet?.close()
      await disk?.close()
    })

    const onAll = <T>(what: (at: Service) => Promise<T>): Promise<T[]> => Promise.all(fleet.replicas.map(what))
    const served = () => onAll(async (at) => (await ask(fleet, at, freshToken(fleet)))?.status)
    const lives = async (at: Service, token: string) => {
      const { status, body } = await call(at, 'POST', '/oauth/introspect', { form: { token }, secret })
      return status === 200 && body.active
    }

    it('says 503, keeps what was handed out, and serves by itself when there is room', async function () {
      this.timeout(120_000)
      const { counts } = await underLoad(
        fleet,
        async () => {
          const tokens = await onAll(async (at) => String((await ask(fleet, at, freshToken(fleet)))?.body.access_token))
          const [known, other] = tokens as [string, string]
          for (const token of [known, other]) expect(await onAll((at) => lives(at, token))).to.deep.equal([true, true])

          disk?.fill()
          if (which === 'log') await useUpLog(fleet)
          await eventually(
            patience,
            async () => (await served()).every((status) => status === 503),
            'there is room yet',
          )
          for (const answer of await onAll((at) => ask(fleet, at, freshToken(fleet))))
            if (answer?.status !== 200) {
              expect(answer?.body.reason).to.equal('storage_unavailable')
              expect(Number(answer?.headers.get('retry-after'))).to.be.within(1, 60)
            }
          // What says that it was not done has not been done, on either of them; and the other way round.
          const revoked = await call(fleet.replicas[0] as Service, 'POST', '/oauth/revoke', { form: { token: other } })
          expect(revoked.status).to.be.oneOf([200, 503])
          const afterwards = async () =>
            (await onAll((at) => lives(at, other))).every((alive) => alive === (revoked.status === 503))
          await eventually(patience, afterwards, `revoked: ${revoked.status}`)
          expect(await onAll((at) => lives(at, known))).to.deep.equal([true, true])

          disk?.free()
          // A server without room for its log ends, and is begun anew by whoever runs it.
          if (fleet.postgres.process.exitCode !== null) await fleet.postgres.start()
          await eventually(patience, async () => (await served()).every((status) => status === 200), 'not all serve')
          await eventually(patience, afterwards, `revoked: ${revoked.status}`)
        },
        { parallel: 4 },
      )
      expect(counts.refused, 'a no that is not meant').to.deep.equal([])
      expect(Object.keys(tally(counts.failed.map(({ kind }) => kind)))).to.deep.equal([away])
      await reconcile(fleet)
    })
  })

/** A server writes to what it has of its log before it needs more: until that is used up, or the server is gone. */
async function useUpLog({ databaseUrl, postgres }: Fleet): Promise<void> {
  for (let i = 0; i < 100 && postgres.process.exitCode === null; i++) {
    const client = new pg.Client(databaseUrl)
    // The server may end at any moment.
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query(`select pg_logical_emit_message(true, '', repeat('x', 500000))`)
    } catch {
      return
    } finally {
      await client.end().catch(() => {})
    }
  }
}

describeEmbedded('faults/full-disk: of the embedded database', () => {
  let disk: SmallDisk | undefined
  let provider: Provider
  let service: Service
  let world: World
  before(async function () {
    disk = await mountSmallDisk(32)
    if (!disk) return this.skip()
    provider = await startProvider({ alg: 'ES256' })
    const dataDir = join(disk.path, 'data')
    mkdirSync(dataDir)
    service = await startService({ dataDir })
    world = await createWorld(service, provider)
  })
  after(async () => {
    disk?.free()
    await service?.close()
    await provider?.close()
    await disk?.close()
  })

  it('says 503, hands out nothing without its record, and serves by itself when there is room', async function () {
    this.timeout(60_000)
    const known = await world.granted(world.token())
    const handedOut: unknown[] = []
    const statusOf = async () => {
      const { status, body } = await world.exchange(world.token({ jti: randomUUID() }))
      if (status === 200) handedOut.push(claimsIn(body.access_token).jti)
      else expect([status, body.reason]).to.deep.equal([503, 'storage_unavailable'])
      return status
    }
    disk?.fill()
    await eventually(patience, async () => (await statusOf()) === 503, 'there is room yet')
    for (let i = 0; i < 10; i++) await statusOf()
    expect((await must(world.introspect(known))).active).to.equal(true)
    disk?.free()
    await eventually(patience, async () => (await statusOf()) === 200, 'it does not serve again')
    const { items } = await must(world.api('GET', '/audit-events?type=token.exchange&result=granted&limit=200'))
    const recorded = (items as Event[]).map(({ detail }) => detail.jti)
    expect(recorded.sort()).to.deep.equal([claimsIn(known).jti, ...handedOut].sort())
  })
})
