/** Replicas of several versions on one database: each starts on what it finds, and serves on while it is changed. */
import { expect } from 'chai'
import pg from 'pg'
import { migrationNames } from '../../src/server/storage/migrations/migrate.ts'
import { installing } from '../support/program.ts'
import { must } from '../support/world.ts'
import { ask, type Fleet, freshToken, reconcile, startFleet, underLoad } from './support.ts'

describe('faults/migrations', () => {
  let fleet: Fleet
  let database: pg.Client
  before(async function () {
    this.timeout(installing)
    // All at once, and on nothing.
    fleet = await startFleet()
    database = new pg.Client(fleet.databaseUrl)
    await database.connect()
  })
  after(async () => {
    await database?.end()
    await fleet?.close()
  })

  const names = async (sql: string) => (await database.query<{ name: string }>(sql)).rows.map(({ name }) => name)

  it('of three that start at once on an empty database one makes the schema, and all serve', async () => {
    expect(await names('select name from kysely_migration order by name')).to.deep.equal(migrationNames)
    for (const at of fleet.replicas) expect((await ask(fleet, at, freshToken(fleet)))?.status).to.equal(200)
  })

  it('one starts and serves on a database that a later version has migrated', async () => {
    await database.query(`insert into kysely_migration (name, timestamp) values ('9999-later', '2099-01-01T00:00:00Z')`)
    const fresh = await fleet.startReplica()
    fleet.replicas.push(fresh)
    for (let i = 0; i < 5; i++) expect((await ask(fleet, fresh, freshToken(fleet)))?.status).to.equal(200)
    expect(await names(`select name from kysely_migration where name like '9999%'`)).to.deep.equal(['9999-later'])
  })

  it('all serve on while a later version adds a column to every table', async function () {
    this.timeout(180_000)
    const { world } = fleet
    const tables = await names(
      `select table_name as name from information_schema.tables
       where table_schema = current_schema() and table_name not like 'kysely%' order by table_name`,
    )
    expect(tables).to.include.members(['service_accounts', 'signing_keys', 'audit_lanes', 'audit_events'])
    let over = false
    /** So that the tables are read again, and again, and the trail is asked for. */
    const admin = async () => {
      while (!over) {
        await must(world.api('PATCH', `${world.accounts}/${world.account.id}`, { description: `${Date.now()}` }))
        await must(world.api('GET', '/audit-events?limit=10'))
        await must(world.api('GET', world.accounts))
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    const administering = admin()
    administering.catch(() => {})
    const { counts } = await underLoad(fleet, async () => {
      for (const table of tables) {
        await database.query(`alter table ${table} add column later text`)
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
    })
    over = true
    await administering
    expect({ refused: counts.refused, failed: counts.failed }).to.deep.equal({ refused: [], failed: [] })
    expect(counts.granted.length).to.be.above(50)
    await reconcile(fleet)
  })
})
