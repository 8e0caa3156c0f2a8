/** What was changed in the trail behind our back, before it had its place in a chain or after, is found and named. */
import { expect } from 'chai'
import pg from 'pg'
import { installing } from '../support/program.ts'
import { auditVerify, holds } from './audit-verify.ts'
import { eventually, type Fleet, load, reconcile, startFleet, underLoad } from './support.ts'

describe('faults/journal', () => {
  let fleet: Fleet
  let database: pg.Client
  let sealer: pg.Client
  before(async function () {
    this.timeout(installing)
    fleet = await startFleet({ redis: false })
    database = new pg.Client(fleet.databaseUrl)
    sealer = new pg.Client(fleet.databaseUrl)
    await Promise.all([database.connect(), sealer.connect()])
  })
  after(async () => {
    await Promise.all([database?.end(), sealer?.end()])
    await fleet?.close()
  })

  const verified = () => auditVerify(fleet)

  /** Tampers in a way that is found, and puts everything back. */
  async function found(tamper: string, asWhat: RegExp): Promise<void> {
    const tables = ['audit_journal', 'audit_events']
    for (const table of tables) await database.query(`create temp table was_${table} as table ${table}`)
    const { rowCount } = await database.query(tamper)
    expect(rowCount, tamper).to.be.above(0)
    const { code, broken } = await verified()
    for (const table of tables) {
      await database.query(`delete from ${table}`)
      await database.query(`insert into ${table} table was_${table}`)
      await database.query(`drop table was_${table}`)
    }
    expect(code, tamper).to.equal(1)
    expect(broken.join('\n'), tamper).to.match(asWhat)
  }

  it('holds while three replicas write to it', async function () {
    this.timeout(180_000)
    const { counts, result } = await underLoad(fleet, async () => [await verified(), await verified()])
    expect(result).to.deep.equal([holds, holds])
    expect(counts.granted.length).to.equal(counts.asked)
    await reconcile(fleet)
  })

  it('shows what was changed or removed before it was linked, and links no more of that lane', async function () {
    this.timeout(180_000)
    await sealer.query('begin')
    // The right to link is in our hands.
    await sealer.query(`select name from installation_values where name = 'sealing' for update`)
    const written = () => database.query('select count(*)::int as n from audit_journal')
    await load(fleet, { until: eventually(30_000, async () => (await written()).rows[0].n > 60) })
    const { rows } = await database.query<{ lane: string; first: number; last: number }>(
      'select lane, min(seq)::int as first, max(seq)::int as last from audit_journal group by lane order by count(*) desc',
    )
    const { lane, first, last } = rows[0] as { lane: string; first: number; last: number }
    expect(last - first).to.be.above(5)
    expect(await verified(), 'what waits').to.deep.equal(holds)
    const at = (seq: number) => `where lane = '${lane}' and seq = ${seq}`
    const named = (seq: number, why: string) => new RegExp(`^BROKEN  journal ${lane}  at event ${seq}.*: ${why}$`, 'm')
    const middle = first + 2
    const forged = `update audit_journal set body = replace(body, '"granted"', '"refused"')`
    await found(`${forged} ${at(middle)}`, named(middle, 'body_changed'))
    await found(`update audit_journal set org_id = '*' ${at(middle)}`, named(middle, 'body_changed'))
    for (const gone of [first, middle, last])
      await found(`delete from audit_journal ${at(gone)}`, named(gone, 'removed'))
    await found(`delete from audit_journal where lane = '${lane}'`, named(first, 'removed'))
    await found(
      `update audit_journal set id = o.id, body = o.body, hash = o.hash from audit_journal as o
       where audit_journal.lane = '${lane}' and o.lane = '${lane}'
       and ((audit_journal.seq, o.seq) in ((${middle}, ${middle + 1}), (${middle + 1}, ${middle})))`,
      named(middle, 'body_changed'),
    )
    expect(await verified(), 'put back').to.deep.equal(holds)

    const { rows: kept } = await database.query<{ body: string }>(`select body from audit_journal ${at(middle)}`)
    await database.query(`${forged} ${at(middle)}`)
    await sealer.query('rollback')
    await load(fleet, { seconds: 1 })
    const { code, broken } = await verified()
    expect(code).to.equal(1)
    expect(broken).to.have.length(1)
    expect(broken[0]).to.match(named(middle, 'body_changed'))
    // As it was, all of it finds its place.
    await database.query(`update audit_journal set body = $1 ${at(middle)}`, [kept[0]?.body])
    await reconcile(fleet)
    expect(await verified()).to.deep.equal(holds)
  })

  it('shows what was changed, removed or moved in a chain', async function () {
    this.timeout(180_000)
    const { rows } = await database.query<{ org_id: string; seq: number }>(
      `select org_id, max(seq)::int as seq from audit_events where org_id <> '*' group by org_id`,
    )
    const { org_id, seq } = rows[0] as { org_id: string; seq: number }
    const middle = Math.floor(seq / 2)
    const at = (n: number) => `where org_id = '${org_id}' and seq = ${n}`
    const named = (n: number, why: string) => new RegExp(`^BROKEN  acme  at event ${n}\\b.*: ${why}$`, 'm')
    await found(
      `update audit_events set body = replace(body, 'acme', 'evil') ${at(middle)}`,
      named(middle, 'body_changed'),
    )
    await found(`update audit_events set result = 'other' ${at(middle)}`, named(middle, 'column_changed'))
    await found(`delete from audit_events ${at(middle)}`, named(middle, 'removed'))
    await found(`delete from audit_events ${at(1)}`, named(1, 'removed'))
    await found(`delete from audit_events ${at(seq)}`, /^BROKEN {2}acme {2}at event \d+.*: (removed|head_mismatch)$/m)
    const columns = ['at', 'id', 'type', 'result', 'reason', 'request_id', 'actor_id', 'actor_name', 'target_id']
    const all = [...columns, 'target_name', 'team_id', 'body', 'hash']
    await found(
      `update audit_events as e set ${all.map((column) => `${column} = o.${column}`).join(', ')} from audit_events as o
       where e.org_id = '${org_id}' and o.org_id = e.org_id
       and ((e.seq, o.seq) in ((${middle}, ${middle + 1}), (${middle + 1}, ${middle})))`,
      named(middle, 'reordered'),
    )
    expect(await verified(), 'put back').to.deep.equal(holds)
  })
})
