/** What several processes on one PostgreSQL need, beyond what every storage keeps (test/contracts). */
import { expect } from 'chai'
import pg from 'pg'
import { openPostgres, openSealing } from '../../../../src/server/storage/postgres/open.ts'
import type { Storage } from '../../../../src/server/storage/storage.ts'
import { deedOf, organization, teamOf } from '../../../support/nouns.ts'
import { type Postgres, sharedPostgres } from '../../../support/postgres.ts'
import { installing } from '../../../support/program.ts'
import { reasonOf } from '../../../support/refused.ts'
import { stopwatch } from '../../../support/stopwatch.ts'
import { startTcpProxy } from '../../../support/tcp-proxy.ts'
import { sealed, trailOf } from '../../../support/trails.ts'

describe('storage/postgres', () => {
  let postgres: Postgres
  let url: string
  const opened: Storage[] = []
  const open = async (at = url, more: object = {}) => {
    const storage = await openPostgres({ url: at, size: 6, ...more })
    opened.push(storage)
    return storage
  }
  before(async function () {
    this.timeout(installing)
    postgres = await sharedPostgres()
  })
  beforeEach(async () => {
    url = await postgres.create()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((storage) => storage.close()))
    await postgres.drop(url)
  })
  async function sql<T>(text: string): Promise<T[]> {
    const client = new pg.Client(url)
    await client.connect()
    try {
      return (await client.query(text)).rows
    } finally {
      await client.end()
    }
  }

  it('makes the schema once, however many start at once', async () => {
    await Promise.all(Array.from({ length: 5 }, () => open()))
    const [{ n } = { n: 0 }] = await sql<{ n: number }>('select count(*)::int as n from kysely_migration')
    expect(n).to.be.greaterThan(2)
  })

  it('loses no deed of two processes that change the same at once', async () => {
    const both = [await open(), await open()]
    const countUp = (storage: Storage) =>
      storage.transaction(async ({ values }) => {
        const before = Number((await values.get('count')) ?? 0)
        await values.set('count', String(before + 1))
      })
    await Promise.all(Array.from({ length: 40 }, (_, i) => countUp(both[i % 2] as Storage)))
    expect(await both[0]?.reading.values.get('count')).to.equal('40')
  })

  it('counts the changes of an organization without a gap, over all processes', async () => {
    const both = [await open(), await open()]
    const numbers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        (both[i % 2] as Storage).transaction(({ changes }) => changes.advance('org_1', i)),
      ),
    )
    expect(numbers.sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 30 }, (_, i) => i + 1))
  })

  it('goes on when a newer version has added a column to a table that it knows', async () => {
    const storage = await open()
    const org = organization()
    await storage.writing.organizations.insert(org)
    await storage.writing.teams.insert(teamOf(org.id))
    const find = () => storage.reading.teams.find({ orgId: org.id }, 'ml')
    const before = await find()
    await sql('alter table teams add column colour text')
    expect(await find()).to.deep.equal(before)
    expect(await storage.transaction((stores) => stores.teams.find({ orgId: org.id }, 'ml'))).to.deep.equal(before)
  })

  it('serves on a schema that is further on than it is', async () => {
    await open()
    await sql(`insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01')`)
    await (await open()).ping()
  })

  it('does not make a schema where one has to be', async () => {
    expect(await reasonOf(open(url, { mustExist: true }))).to.equal('storage_unavailable')
    expect(await sql(`select 1 from information_schema.tables where table_name = 'teams'`)).to.deep.equal([])
  })

  it('finds nothing by a text that no database can hold', async () => {
    const storage = await open()
    expect(await storage.reading.lookups.issuerKnown('https://a.example/\0')).to.equal(false)
    expect(await storage.reading.trail.list({ orgId: '*', actor: 'a\0b', order: 'newest', limit: 1 })).to.deep.equal([])
  })

  it('says in time that a server which does not answer is away, and serves by itself when it does', async () => {
    const network = await startTcpProxy(postgres.port)
    try {
      const through = new URL(url)
      through.port = String(network.port)
      const storage = await open(through.href, { connectTimeout: 300, statementTimeout: 300 })
      network.blackHole()
      const begun = performance.now()
      const asked = [
        storage.reading.values.get('a'),
        storage.writing.values.set('a', 'b'),
        storage.writing.replays.claim('digest', 1, 2),
        storage.transaction(({ values }) => values.set('a', 'b')),
        storage.ping(),
      ]
      expect(new Set(await Promise.all(asked.map(reasonOf)))).to.deep.equal(new Set(['storage_unavailable']))
      expect(performance.now() - begun).to.be.lessThan(4_000)
      network.pass()
      await storage.writing.values.set('a', 'c')
      expect(await storage.reading.values.get('a')).to.equal('c')
      expect(await storage.writing.replays.claim('other', 1, 2)).to.equal(undefined)
    } finally {
      await network.close()
    }
  })

  it('calls no transaction done in which something failed that its work passed over', async () => {
    const storage = await open()
    const acme = organization()
    await storage.writing.organizations.insert(acme)
    const passing = storage.transaction(async ({ organizations, values }) => {
      await values.set('own', 'lost')
      await organizations.insert(acme).catch(() => {})
    })
    expect(await passing.then(() => 'done', String)).to.include('had failed before its end')
    expect(await storage.reading.values.get('own')).to.equal(undefined)
  })

  describe('a statement that another came between', () => {
    /** The next `times` appends and claims fail as a distributed database lets them fail. */
    async function failing(times: number): Promise<void> {
      await sql(`
        create sequence failures;
        create function fail() returns trigger language plpgsql as $$ begin
          if nextval('failures') <= ${times} then raise exception 'restart' using errcode = '40001'; end if;
          return new;
        end $$;
        create trigger fail before insert on audit_journal for each row execute function fail();
        create trigger fail before insert on replay_claims for each row execute function fail();
        create trigger fail before insert on installation_values for each row execute function fail();`)
    }

    it('is begun anew, by itself too', async () => {
      const storage = await open()
      await failing(5)
      await trailOf(storage).append(deedOf())
      await sealed(storage)
      expect(await storage.reading.trail.list({ orgId: 'org_acme', order: 'oldest', limit: 9 })).to.have.length(1)
      await sql('alter sequence failures restart')
      expect(await storage.writing.replays.claim('digest', 1, 2)).to.equal(undefined)
      await sql('alter sequence failures restart')
      await storage.writing.values.set('own', 'x')
      expect(await storage.reading.values.get('own')).to.equal('x')
    })

    it('is given up after a while: storage is unavailable, not broken', async () => {
      const storage = await open()
      await failing(1_000)
      expect(await reasonOf(storage.writing.replays.claim('digest', 1, 2))).to.equal('storage_unavailable')
      expect(await reasonOf(trailOf(storage).append(deedOf()))).to.equal('storage_unavailable')
    })
  })

  for (const size of [4, 7, 8, 12]) {
    it(`opens no more than its ${size} connections, whatever is asked of it, the thread that links included`, async () => {
      const storage = await open(url, { size })
      const aside = openSealing(url)
      const trail = trailOf(storage)
      const work = Array.from({ length: 60 }, (_, i) => [
        trail.append(deedOf()),
        storage.writing.replays.claim(`digest ${i}`, 1, 2),
        storage.writing.values.set(`value ${i}`, 'x'),
        storage.reading.values.get('value'),
        aside.sealing.waits(),
        storage.ping(),
      ])
      await Promise.all(work.flat())
      const counting = `select count(*)::int as n from pg_stat_activity
        where datname = current_database() and application_name = 'countersign'`
      const [{ n } = { n: 0 }] = await sql<{ n: number }>(counting)
      await aside.close()
      expect(n).to.be.within(4, size)
    })
  }

  it('keeps no deed waiting for ever behind those that the database does not answer', async function () {
    this.timeout(60_000)
    const proxy = await startTcpProxy(postgres.port)
    const storage = await open(Object.assign(new URL(url), { port: String(proxy.port) }).href, {
      statementTimeout: 1_000,
    })
    await storage.writing.values.set('own', 'x')
    proxy.blackHole()
    try {
      // One after the other they would take minutes.
      const deeds = Array.from({ length: 100 }, (_, i) => reasonOf(storage.writing.values.set('own', String(i))))
      const watch = stopwatch()
      expect(new Set(await Promise.all(deeds))).to.deep.equal(new Set(['storage_unavailable']))
      watch.stop()
      expect(watch.ms()).to.be.below(30_000)
    } finally {
      proxy.pass()
    }
    await storage.writing.values.set('own', 'after')
    expect(await storage.reading.values.get('own')).to.equal('after')
    await storage.close()
    await proxy.close()
  })
})
