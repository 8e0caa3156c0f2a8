/** What is linked, and in which order, on a real PostgreSQL. */
import { expect } from 'chai'
import pg from 'pg'
import { laneHash } from '../../src/server/audit/journal.ts'
import { createSealer } from '../../src/server/audit/sealer.ts'
import { genesis, type Head, type SealDesk, type Sealing } from '../../src/server/audit/store.ts'
import { verifyLanes, verifyTrails } from '../../src/server/audit/verify.ts'
import { openStorage } from '../../src/server/storage/open.ts'
import type { Storage } from '../../src/server/storage/storage.ts'
import { deedOf, newId } from '../support/nouns.ts'
import { sharedPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'
import { sealed, trailOf } from '../support/trails.ts'

describe('linking', () => {
  let storage: Storage
  let sealing: Sealing
  let direct: pg.Client
  let reports: string[]
  const report = (error: unknown) => void reports.push(String(error))
  const sealer = (over = sealing) => createSealer({ sealing: over, now: Date.now, report })

  before(async function () {
    this.timeout(installing)
    await sharedPostgres()
  })
  beforeEach(async () => {
    const url = await (await sharedPostgres()).create()
    storage = await openStorage({ url, dataDir: '' })
    sealing = storage.sealing as Sealing
    direct = new pg.Client(url)
    await direct.connect()
    reports = []
  })
  afterEach(async () => {
    await direct.end()
    await storage.close()
  })

  /** A lane of its own with these bodies, the ids made at these times (ms). Its name. */
  async function lane(bodies: readonly string[], idOf = (_: number) => newId('evt')): Promise<string> {
    const name = newId('evt')
    let to: Head = genesis
    const entries = bodies.map((body, i) => {
      const bare = { id: idOf(i), orgId: 'org_acme', teamId: null, body }
      const entry = { lane: name, seq: to.seq + 1, ...bare, hash: laneHash(to.hash, bare) }
      to = entry
      return entry
    })
    await storage.writing.trail.journal?.append({ lane: name, from: genesis, to, at: 0, entries, orgIds: [] })
    return name
  }
  const body = (requestId: string) =>
    `{"actor":{"type":"workload"},"at":"2026-07-01T12:00:00.000Z","client":{"ip":"","user_agent":""},"detail":{},"id":"evt_1","org":"acme","request_id":"${requestId}","result":"done","type":"x.y"}`
  async function linked(): Promise<string[]> {
    const reports = await verifyTrails(storage.reading.trail)
    expect(reports.filter(({ brokenAt }) => brokenAt && brokenAt.why !== 'removed')).to.deep.equal([])
    const entries = await storage.reading.trail.list({ orgId: 'org_acme', order: 'oldest', limit: 5_000 })
    return entries.map(({ body }) => JSON.parse(body).request_id)
  }

  it('goes on beside any number of lanes that do not hold together, which are named', async function () {
    this.timeout(60_000)
    const names = await Promise.all(Array.from({ length: 450 }, (_, i) => lane([body(`a${i}`), body(`b${i}`)])))
    // So that they are the longest waiting ones.
    await direct.query(`update audit_journal set body = replace(body, 'acme', 'evil') where seq = 1`)
    const [gone, half] = names as [string, string]
    await direct.query('delete from audit_journal where lane = $1', [gone])
    await direct.query(`update audit_journal set body = replace(body, 'evil', 'acme') where lane = $1`, [half])
    await direct.query(`update audit_journal set body = replace(body, 'acme', 'evil') where lane = $1 and seq = 2`, [
      half,
    ])
    const trail = trailOf(storage)
    await trail.append(deedOf({ request_id: 'good' }))
    const one = sealer()
    await one.now()
    expect(await linked()).to.have.members(['a1', 'good'])
    await trail.append(deedOf({ request_id: 'better' }))
    await one.now()
    expect(await linked()).to.have.members(['a1', 'good', 'better'])
    expect(names.filter((name) => !reports.some((said) => said.includes(name)))).to.deep.equal([])
    expect(reports).to.have.length(450)
    const flawed = await verifyLanes(sealing)
    expect(flawed.map(({ orgId }) => orgId)).to.have.members(names)
    const whyOf = (name: string) => flawed.find(({ orgId }) => orgId === name)?.brokenAt?.why
    expect([whyOf(gone), whyOf(half), whyOf(String(names[2]))]).to.deep.equal([
      'removed',
      'body_changed',
      'body_changed',
    ])
  })

  it('goes on beside what its lane vouches for though it is no event, which is named', async () => {
    const names = await Promise.all(
      ['{', '[]', 'null', '{"id":1}'].map((no) => lane([body('before'), no, body('after')])),
    )
    await trailOf(storage).append(deedOf({ request_id: 'good' }))
    await sealer().now()
    expect(await linked()).to.have.members(['before', 'before', 'before', 'before', 'good'])
    expect(reports).to.have.length(4)
    expect((await verifyLanes(sealing)).map(({ orgId }) => orgId)).to.have.members(names)
  })

  it('goes on with a lane that was put back as it was', async () => {
    const name = await lane(['first', 'second'].map(body))
    await direct.query(`update audit_journal set body = replace(body, 'acme', 'evil') where lane = $1`, [name])
    const one = sealer()
    for (let i = 0; i < 2; i++) await one.now()
    expect([await linked(), reports.length]).to.deep.equal([[], 1])
    await direct.query(`update audit_journal set body = replace(body, 'evil', 'acme') where lane = $1`, [name])
    await one.now()
    expect(await linked()).to.deep.equal(['first', 'second'])
  })

  it('finds what was taken from a lane, or the lane itself, as long as anything of it is left', async () => {
    const bodies = ['first', 'second', 'third'].map(body)
    const ways: [sql: string, seq: number, why: string][] = [
      ['delete from audit_lanes where lane = $1', 1, 'head_mismatch'],
      ['update audit_lanes set seq = 2 where lane = $1', 2, 'head_mismatch'],
      ['update audit_lanes set sealed_seq = 3 where lane = $1', 1, 'head_mismatch'],
      ['delete from audit_journal where lane = $1 and seq = 3', 3, 'removed'],
      ['delete from audit_journal where lane = $1', 1, 'removed'],
      [
        `with shorter as (delete from audit_journal where lane = $1 and seq = 3)
         update audit_lanes set seq = 2 where lane = $1`,
        2,
        'head_mismatch',
      ],
    ]
    for (const [sql, seq, why] of ways) {
      const name = await lane(bodies)
      expect(await verifyLanes(sealing)).to.deep.equal([])
      await direct.query(sql, [name])
      const found = (await verifyLanes(sealing)).map(({ orgId, brokenAt }) => [orgId, brokenAt?.seq, brokenAt?.why])
      expect(found, sql).to.deep.equal([[name, seq, why]])
      await direct.query('delete from audit_journal')
      await direct.query('delete from audit_lanes')
    }
    const trail = trailOf(storage)
    for (let i = 0; i < 3; i++) await trail.append(deedOf())
    expect(await verifyLanes(sealing)).to.deep.equal([])
    await sealed(storage)
    expect(await verifyLanes(sealing)).to.deep.equal([])
  })

  it('never links an event before one that was durable when it began', async () => {
    await trailOf(storage).append(deedOf({ request_id: 'first' }))
    const known = trailOf(storage)
    await known.append(deedOf({ request_id: 'second' }))
    let isDone = false
    const watched: Sealing = {
      ...sealing,
      transaction: (work) =>
        sealing.transaction((desk) =>
          work({
            ...desk,
            async waiting(...given: Parameters<SealDesk['waiting']>) {
              // Between its two looks: on a lane that it has not seen, and after that on one that it has.
              if (!isDone) {
                isDone = true
                await trailOf(storage).append(deedOf({ request_id: 'third' }))
                await known.append(deedOf({ request_id: 'fourth' }))
              }
              return desk.waiting(...given)
            },
          }),
        ),
    }
    await sealer(watched).now()
    await sealed(storage)
    expect(await linked()).to.deep.equal(['first', 'second', 'third', 'fourth'])
  })

  it('keeps to the order of time among lanes, far beyond one page', async () => {
    const trails = [trailOf(storage), trailOf(storage), trailOf(storage)]
    for (let i = 0; i < 1_200; i++) await trails[i % 3]?.append(deedOf({ request_id: String(i).padStart(4, '0') }))
    await sealed(storage)
    const order = await linked()
    expect(order).to.have.length(1_200)
    // Within one millisecond the order is not known; each lane keeps to its own.
    const strays = order.filter((id, i) => Math.abs(Number(id) - i) > 30)
    expect(strays).to.deep.equal([])
    for (let lane = 0; lane < 3; lane++) {
      const own = order.filter((id) => Number(id) % 3 === lane)
      expect(own).to.deep.equal([...own].sort())
    }
  })

  it('links a lane in its order though its clock was set back, also when that is longer than a page', async () => {
    const back = (i: number) => `evt_${String(9_000 - i).padStart(10, '0')}${'0'.repeat(16)}`
    const names = Array.from({ length: 1_200 }, (_, i) => String(i).padStart(4, '0'))
    // Two of them: a page by time has the first of neither.
    for (const prefix of ['a', 'b'])
      await lane(
        names.map((name) => body(prefix + name)),
        back,
      )
    await sealer().now()
    const order = await linked()
    expect(order).to.have.length(2_400)
    for (const prefix of ['a', 'b'])
      expect(order.filter((id) => id.startsWith(prefix))).to.deep.equal(names.map((name) => prefix + name))
    expect(reports).to.deep.equal([])
  })
})
