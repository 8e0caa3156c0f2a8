/** An append of which nobody knows whether it arrived, on a real PostgreSQL, through a network of the test's own. */
import { expect } from 'chai'
import pg from 'pg'
import type { AuditEvent, Deed } from '../../src/server/audit/event.ts'
import { laneHash } from '../../src/server/audit/journal.ts'
import { Doubtful } from '../../src/server/audit/recorder.ts'
import { genesis, type Journal } from '../../src/server/audit/store.ts'
import { verifyLanes, verifyTrails } from '../../src/server/audit/verify.ts'
import { StorageUnavailable } from '../../src/server/errors/refusal.ts'
import { openStorage } from '../../src/server/storage/open.ts'
import type { Storage } from '../../src/server/storage/storage.ts'
import { deedOf, newId } from '../support/nouns.ts'
import { sharedPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { sealed, trailOf } from '../support/trails.ts'

const ever = Number.MAX_SAFE_INTEGER

describe('an append without an answer', () => {
  let url: string
  let proxy: TcpProxy
  /** Through the proxy, and past it. */
  let far: Storage
  let near: Storage
  let direct: pg.Client
  before(async function () {
    this.timeout(installing)
    await sharedPostgres()
  })
  beforeEach(async () => {
    const postgres = await sharedPostgres()
    url = await postgres.create()
    near = await openStorage({ url, dataDir: '' })
    proxy = await startTcpProxy(postgres.port)
    far = await openStorage({ url: Object.assign(new URL(url), { port: String(proxy.port) }).href, dataDir: '' })
    direct = new pg.Client(url)
    await direct.connect()
  })
  afterEach(async () => {
    await direct.end()
    await far.close()
    await near.close()
    await proxy.close()
  })

  const named = (name: string): Deed => deedOf({ request_id: name })
  const waiting = async () => Number((await direct.query('select count(*) from audit_journal')).rows[0].count)
  const doubtOf = (append: Promise<unknown>): Promise<Doubtful> =>
    append.then(
      () => expect.fail('it was answered'),
      (error: unknown) => (error instanceof Doubtful ? error : expect.fail(String(error))),
    )
  /** What is on record, in its order; the chains hold. */
  async function recorded(): Promise<string[]> {
    await sealed(near)
    const reports = [...(await verifyTrails(near.reading.trail)), ...(await verifyLanes(near.sealing as never))]
    expect(reports.filter(({ brokenAt }) => brokenAt && brokenAt.why !== 'removed')).to.deep.equal([])
    const entries = await near.reading.trail.list({ orgId: 'org_acme', order: 'oldest', limit: 5_000 })
    return entries.map(({ body }) => (JSON.parse(body) as AuditEvent).request_id)
  }

  it('has arrived: what follows from that is recorded, and nothing twice', async () => {
    const trail = trailOf(far)
    await trail.append(named('first'))
    trail.later(named('held'))
    proxy.slow(60_000)
    const lost = doubtOf(trail.append(named('lost')))
    while ((await waiting()) < 3) await new Promise(setImmediate)
    proxy.reset()
    const doubt = await lost
    doubt.follow('kept', named('withdrawn'))
    doubt.follow('lost', named('never'))
    proxy.pass()
    await trail.append(named('next'))
    doubt.follow('kept', named('late'))
    doubt.follow('lost', named('never'))
    await trail.flush()
    expect(await recorded()).to.have.members(['first', 'held', 'lost', 'withdrawn', 'next', 'late'])
  })

  it('has not arrived: what was held is recorded after all, and what follows from that', async () => {
    const trail = trailOf(far)
    await trail.append(named('first'))
    trail.later(named('held'))
    proxy.reset()
    const doubt = await doubtOf(trail.append(named('lost')))
    doubt.follow('kept', named('never'))
    doubt.follow('lost', named('instead'))
    // Nobody is kept waiting by the question whether it arrived.
    await doubtOf(trail.append(named('lost too'))).catch(() => {})
    proxy.pass()
    await trail.append(named('next'))
    expect(await recorded()).to.have.members(['first', 'held', 'instead', 'next'])
  })

  it('arrives while it is asked whether it has', async () => {
    const trail = trailOf(far)
    await trail.append(named('first'))
    await direct.query('begin')
    await direct.query('select * from audit_lanes for update')
    const lost = doubtOf(trail.append(named('lost')))
    const blocked = async (count: number) => {
      const asking = `select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      const other = new pg.Client(url)
      await other.connect()
      while (Number((await other.query(asking)).rows[0].count) < count) await new Promise(setImmediate)
      await other.end()
    }
    await blocked(1)
    proxy.reset()
    const doubt = await lost
    doubt.follow('kept', named('withdrawn'))
    proxy.pass()
    const next = trail.append(named('next'))
    await blocked(2)
    await direct.query('commit')
    await next
    expect(await recorded()).to.have.members(['first', 'lost', 'withdrawn', 'next'])
  })

  it('comes too late once it was asked for, on a lane that is there and on one that is not', async () => {
    const journal = near.writing.trail.journal
    if (!journal) return expect.fail('no journal')
    for (const isThere of [true, false]) {
      const lane = newId('evt')
      let from = genesis
      const entryOf = (seq: number) => {
        const bare = { id: newId('evt'), orgId: 'org_acme', teamId: null, body: '{}' }
        return { lane, seq, ...bare, hash: laneHash(from.hash, bare) }
      }
      const append = (entry: ReturnType<typeof entryOf>) =>
        journal.append({ lane, from, to: entry, at: 0, entries: [entry], orgIds: [] })
      if (isThere) {
        const first = entryOf(1)
        expect(await append(first)).to.not.equal(undefined)
        from = { seq: 1, hash: first.hash }
      }
      const late = entryOf(from.seq + 1)
      const last = { orgId: 'org_acme', requestId: 'req_late', id: late.id }
      const before = await waiting()
      for (let i = 0; i < 2; i++) expect(await journal.leave({ lane, to: late, at: 0, last })).to.equal(false)
      // Those of one event are soon forgotten; this is none.
      await near.sealing?.transaction((desk) => desk.forget(0, ever))
      expect(await append(late)).to.equal(undefined)
      expect(await waiting()).to.equal(before)
    }
  })

  it('had arrived, though its lane has been linked and forgotten since', async () => {
    const trail = trailOf(far)
    await trail.append(named('first'))
    proxy.slow(60_000)
    const lost = doubtOf(trail.append(named('lost')))
    while ((await waiting()) < 2) await new Promise(setImmediate)
    proxy.reset()
    const doubt = await lost
    doubt.follow('kept', named('withdrawn'))
    await sealed(near)
    await near.sealing?.transaction((desk) => desk.forget(ever, ever))
    expect((await direct.query('select * from audit_lanes')).rows).to.deep.equal([])
    proxy.pass()
    await trail.flush()
    expect(await recorded()).to.have.members(['first', 'lost', 'withdrawn'])
  })

  it('is none: a lane that was idle and forgotten is begun anew by whoever still has it', async () => {
    const trail = trailOf(near)
    await trail.append(named('first'))
    await sealed(near)
    await near.sealing?.transaction((desk) => desk.forget(ever, ever))
    await trail.append(named('second'))
    await trail.append(named('third'))
    expect(await recorded()).to.deep.equal(['first', 'second', 'third'])
  })

  it('cannot be made certain of: that is said once, all that might follow is recorded, and the trail goes on', async () => {
    const journal = far.writing.trail.journal
    if (!journal) return expect.fail('no journal')
    const leave = () => Promise.reject(new Error('a mistake of ours'))
    const trail = trailOf(far, { ...far.writing.trail, journal: { ...journal, leave } })
    await trail.append(named('first'))
    trail.later(named('held'))
    proxy.reset()
    const doubt = await doubtOf(trail.append(named('lost')))
    doubt.follow('kept', named('withdrawn'))
    proxy.pass()
    const said = await trail.append(named('next')).then(() => 'done', String)
    expect(said).to.equal('Error: a mistake of ours')
    await trail.append(named('later'))
    expect(await recorded()).to.have.members(['first', 'held', 'withdrawn', 'later'])
  })

  it('has not arrived, and what was held has no place any more: all of that is counted', async () => {
    const journal = near.writing.trail.journal
    if (!journal) return expect.fail('no journal')
    let isAway = false
    const append: Journal['append'] = async (asked) => {
      // The last of what is held, and how many had no place.
      if (asked.entries.length !== 105 || isAway) return journal.append(asked)
      isAway = true
      throw new StorageUnavailable(new Error('its answer was lost'))
    }
    const trail = trailOf(near, { ...near.writing.trail, journal: { ...journal, append } })
    const deeds = (many: number) => {
      for (let i = 0; i < many; i++) trail.later(named('held'))
    }
    deeds(1_005)
    await trail.flush()
    expect(isAway).to.equal(true)
    deeds(1_000)
    await trail.flush()
    expect((await recorded()).length).to.equal(7 * 128 + 1_000)
    const gaps = await near.reading.trail.list({ orgId: '*', order: 'oldest', limit: 9, type: 'trail.gap' })
    expect(gaps.map(({ body }) => JSON.parse(body).detail.lost)).to.deep.equal([104 + 5])
  })
})
