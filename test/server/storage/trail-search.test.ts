/** A search that few events answer: it finds what there is, and nobody waits for it. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import fc from 'fast-check'
import { Kysely } from 'kysely'
import type { Entry, TrailQuery, TrailStore } from '../../../src/server/audit/store.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Tables } from '../../../src/server/storage/schema.ts'
import { scriptWithin } from '../../../src/server/storage/script.ts'
import { readingDialect } from '../../../src/server/storage/sqlite/dialect.ts'
import { openReader } from '../../../src/server/storage/sqlite/reader.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { trail } from '../../../src/server/storage/trail.ts'
import { turnsDuring } from '../../support/loop-turns.ts'
import { tempDir } from '../../support/temp-dir.ts'

const orgId = 'org_acme'

describe('storage/trail-search', () => {
  const dir = tempDir()
  const path = () => join(dir(), 'countersign.db')
  let storage: Storage
  let database: DatabaseSync

  beforeEach(async () => {
    storage = await openStorage({ dataDir: dir() })
    database = new DatabaseSync(path())
    database.exec('PRAGMA synchronous = OFF')
  })
  afterEach(async () => {
    database.close()
    await storage.close()
  })

  describe('in a chain of 60,000 events', () => {
    /** What a search may look at before others have their turn, several times over. */
    const events = 60_000
    const manyTurns = events / 5000
    const search = (query: Partial<TrailQuery>) =>
      storage.reading.trail.list({ orgId, order: 'newest', limit: 51, ...query })

    beforeEach(() => {
      database.exec(`
        insert into audit_events (org_id, seq, id, at, type, result, request_id, actor_name, body, hash)
        with recursive n(i) as (select 1 union all select i + 1 from n where i < ${events})
        select '${orgId}', i, 'evt_' || i, i, 'token.exchange', 'granted', 'req_' || i,
          case i when 1 then 'first' when ${events} then 'last' else 'job' end, '{}', '' from n`)
    })

    const rare: [what: string, query: Partial<TrailQuery>, seqs: number[]][] = [
      ['that no event answers', { actor: 'nobody' }, []],
      ['that no event answers, oldest first', { actor: 'nobody', order: 'oldest' }, []],
      ['in a team without events', { teamIds: ['team_a'] }, []],
      ['that only the oldest event answers', { actor: 'first' }, [1]],
      ['that only the newest event answers, oldest first', { actor: 'last', order: 'oldest' }, [events]],
      ['until a time', { to: 2 }, [2, 1]],
    ]
    for (const [what, query, seqs] of rare) {
      it(`lets others have many turns during a search ${what}`, async () => {
        const { turns, result } = await turnsDuring(search(query))
        expect(result.map(({ seq }) => seq)).to.deep.equal(seqs)
        expect(turns).to.be.at.least(manyTurns)
      })
    }

    it('looks at no more between two turns when ten search at once', async () => {
      const searches = Array.from({ length: 10 }, () => search({ actor: 'first' }))
      const { turns, result } = await turnsDuring(Promise.all(searches))
      expect(result.map((found) => found.map(({ seq }) => seq))).to.deep.equal(Array(10).fill([1]))
      expect(turns).to.be.at.least(10 * manyTurns)
    })

    it('waits for no turn when the index leads to what is asked for', async () => {
      const asked = [search({}), search({ after: 500, order: 'oldest' }), search({ requestId: 'req_7', actor: 'job' })]
      const { turns, result } = await turnsDuring(Promise.all(asked))
      expect(result.map((found) => found[0]?.seq)).to.deep.equal([events, 501, 7])
      expect(turns).to.equal(0)
    })
  })

  describe('whatever the window', () => {
    let close: () => void
    let lists: Map<number, TrailStore['list']>

    beforeEach(() => {
      const reader = openReader({ path: path(), busyTimeoutMs: 100 })
      const db = new Kysely<Tables>({ dialect: readingDialect(reader) })
      lists = new Map([1, 2, 3, 7, 1000].map((window) => [window, trail(db, scriptWithin(db), window).list]))
      close = () => reader.close()
    })
    afterEach(() => close())

    const columns = 'org_id, seq, id, at, type, result, request_id, team_id, actor_id, target_name, body, hash'
    function keep(entries: readonly Entry[]): void {
      database.exec('begin; delete from audit_events')
      const insert = database.prepare(`insert into audit_events (${columns}) values (?,?,?,?,?,?,?,?,?,?,?,?)`)
      for (const e of entries) {
        const place = [e.orgId, e.seq, e.id, e.at, e.type, e.result, e.requestId]
        insert.run(...place, e.teamId, e.actorId, e.targetName, e.body, e.hash)
      }
      database.exec('commit')
    }

    it('looks behind events that have the text and do not fit, though they fill the limit', async () => {
      const entries = [bodies[0], bodies[1], bodies[1], bodies[1], bodies[1]].map((body, i) => eventOf(i + 1, body))
      keep(entries)
      const query: TrailQuery = { orgId, order: 'newest', limit: 2, issuer: 'https://ci.example' }
      for (const [window, list] of lists) expect(await list(query), `${window} at a time`).to.deep.equal([entries[0]])
    })

    it('finds the same events in the same order', async () => {
      await fc.assert(
        fc.asyncProperty(someEvents, fc.array(someQuery, { minLength: 1, maxLength: 5 }), async (entries, queries) => {
          keep(entries)
          for (const query of queries) {
            const expected = found(entries, query)
            for (const [window, list] of lists) {
              expect(await list(query), `${window} at a time`).to.deep.equal(expected)
            }
          }
        }),
        { numRuns: 150 },
      )
    })
  })
})

const types = ['token.exchange', 'token.revoke', 'tokens.exchange']
/** Two that concern the issuer, or the account, and two that have the same text at another place. */
const bodies = [
  { detail: { issuer: 'https://ci.example' } },
  { detail: { step: { issuer: 'https://ci.example' } } },
  { detail: { service_account: 'sa_1' } },
  { detail: { note: 'sa_1' } },
].map((event) => JSON.stringify({ actor: {}, ...event }))
const eventOf = (seq: number, body = '{}'): Entry => ({
  ...{ orgId, seq, id: `evt_${seq}`, at: 1, type: 'token.exchange', result: 'granted', requestId: 'req_1', body },
  ...{ reason: null, teamId: null, actorId: 'user_1', actorName: null, targetId: null, targetName: null, hash: '' },
})
const someEvents = fc
  .uniqueArray(
    fc.record({
      orgId: fc.constantFrom(orgId, orgId, 'org_other'),
      // With gaps: what was removed from a chain must not hide the rest.
      seq: fc.integer({ min: 1, max: 60 }),
      at: fc.integer({ min: 1, max: 9 }),
      type: fc.constantFrom(...types),
      result: fc.constantFrom('granted', 'refused'),
      requestId: fc.constantFrom('req_1', 'req_2'),
      teamId: fc.constantFrom(null, 'team_a', 'team_b'),
      actorId: fc.constantFrom('user_1', 'user_2'),
      targetName: fc.constantFrom(null, 'github'),
      body: fc.constantFrom(...bodies),
    }),
    { maxLength: 50, size: 'max', selector: ({ orgId, seq }) => `${orgId} ${seq}` },
  )
  .map((some): Entry[] =>
    some.map((one) => {
      const empty = { reason: null, actorName: null, targetId: null, hash: '' }
      return { ...one, ...empty, id: `evt_${one.orgId}_${one.seq}` } as Entry
    }),
  )

/** No more than two filters, so that many queries find something. */
const someFilters = fc.array(
  fc.oneof(
    fc.record({ teamIds: fc.subarray(['team_a', 'team_b']) }),
    fc.record({ from: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ to: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ type: fc.constantFrom(...types, 'token.*') }),
    fc.record({ actor: fc.constantFrom('user_1', 'nobody') }),
    fc.record({ target: fc.constant('github') }),
    fc.record({ result: fc.constant('refused' as const) }),
    fc.record({ requestId: fc.constant('req_1') }),
    fc.record({ issuer: fc.constant('https://ci.example') }),
    fc.record({ account: fc.constant({ id: 'sa_1' }) }),
  ),
  { maxLength: 2 },
)
const someQuery = fc
  .record(
    {
      orgId: fc.constant(orgId),
      order: fc.constantFrom('newest' as const, 'oldest' as const),
      limit: fc.integer({ min: 1, max: 20 }),
      after: fc.integer({ min: 0, max: 61 }),
    },
    { requiredKeys: ['orgId', 'order', 'limit'] },
  )
  .chain((query) => someFilters.map((filters): TrailQuery => Object.assign({}, query, ...filters)))

/** What a search finds, said once more without a database. */
function found(entries: readonly Entry[], query: TrailQuery): Entry[] {
  const { teamIds, from, to, type, actor, target, result, requestId, issuer, account, order, after, limit } = query
  const sign = order === 'newest' ? -1 : 1
  return entries
    .filter((entry) => entry.orgId === query.orgId)
    .filter(({ seq }) => after === undefined || sign * (seq - after) > 0)
    .filter(({ teamId }) => !teamIds || (teamId !== null && teamIds.includes(teamId)))
    .filter(({ at }) => (from === undefined || at >= from) && (to === undefined || at <= to))
    .filter((entry) => type === undefined || entry.type === type || type === `${entry.type.split('.')[0]}.*`)
    .filter(({ actorId }) => actor === undefined || actorId === actor)
    .filter(({ targetName }) => target === undefined || targetName === target)
    .filter((entry) => result === undefined || entry.result === result)
    .filter((entry) => requestId === undefined || entry.requestId === requestId)
    .filter(({ body }) => issuer === undefined || body === bodies[0])
    .filter(({ body }) => account === undefined || body === bodies[2])
    .sort((a, b) => sign * (a.seq - b.seq))
    .slice(0, limit)
}
