/** A long trail is counted in pieces: each once, with turns for others, and no further back than is asked or allowed. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { gathering } from '../../../src/server/audit/exchange-stats.ts'
import { createTallies } from '../../../src/server/audit/tally.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { turnsDuring } from '../../support/loop-turns.ts'
import { tempDir } from '../../support/temp-dir.ts'

const orgId = 'org_acme'
const minute = 60_000
const events = 5_050

describe('audit/tally', () => {
  const dir = tempDir()
  let storage: Storage
  let database: DatabaseSync
  let asked: number[]

  /** One event a minute; every fifth is no exchange, every second of the others refused. */
  beforeEach(async () => {
    storage = await openStorage({ dataDir: dir() })
    database = new DatabaseSync(join(dir(), 'countersign.db'))
    database.exec(`
      insert into audit_events (org_id, seq, id, at, type, result, reason, request_id, actor_id, body, hash)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${events})
      select '${orgId}', i, 'evt_' || i, i * ${minute}, case i % 5 when 0 then 'team.create' else 'token.exchange' end,
        case i % 2 when 0 then 'granted' else 'refused' end, case i % 2 when 0 then null else 'token_expired' end,
        'req_' || i, 'sa_' || (i % 3), json_object('detail', json_object('issuer', 'https://idp.example/' || (i % 2))), ''
      from n;
      insert into audit_heads (org_id, seq, hash) values ('${orgId}', ${events}, '')`)
    asked = []
  })
  afterEach(async () => {
    database.close()
    await storage.close()
  })

  const counting = (bounds: { piece?: number; most?: number }) => {
    const { span, tally } = storage.reading.trail
    const watched: typeof tally = (id, piece) => {
      asked.push(piece.to)
      return tally(id, piece)
    }
    const tallies = createTallies({ span, tally: watched }, bounds)
    return async (from: number, to = events) => {
      const gathered = gathering({ from: from * minute, to: to * minute, buckets: 10 })
      const walked = await tallies.walk(orgId, from * minute, gathered.add)
      return gathered.stats(walked.complete ? undefined : walked.reached)
    }
  }
  const inSpan = (from: number, to: number) => {
    const all = Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((i) => i % 5 !== 0)
    return { granted: all.filter((i) => i % 2 === 0).length, refused: all.filter((i) => i % 2 === 1).length }
  }

  it('counts every exchange of the span once, whatever the pieces', async () => {
    for (const piece of [1, 7, 1000, 100_000]) {
      for (const [from, to] of [
        [1, events],
        [2_000, 2_400],
        [events, events],
        [4_999, 5_001],
      ] as const) {
        const { granted, refused, buckets, issuers, reasons } = await counting({ piece })(from, to)
        expect({ granted, refused }, `${piece}: ${from} to ${to}`).to.deep.equal(inSpan(from, to))
        expect(buckets.reduce((all, bucket) => all + bucket.granted + bucket.refused, 0)).to.equal(granted + refused)
        expect(issuers.reduce((all, one) => all + one.granted, 0)).to.equal(granted)
        expect(reasons.reduce((all, one) => all + one.count, 0)).to.equal(refused)
      }
    }
  }).timeout(60_000)

  it('counts a piece that is full once, and what has come since anew', async () => {
    const count = counting({ piece: 1000 })
    const first = await count(1)
    expect(asked).to.deep.equal([5_050, 5_000, 4_000, 3_000, 2_000, 1_000])
    expect(await count(1)).to.deep.equal(first)
    expect(asked.slice(6)).to.deep.equal([5_050])
    database.exec(`insert into audit_events (org_id, seq, id, at, type, result, request_id, body, hash)
      values ('${orgId}', 5051, 'evt_new', ${events * minute}, 'token.exchange', 'granted', 'req_new', '{"detail":{}}', '');
      update audit_heads set seq = 5051`)
    expect((await count(1)).granted).to.equal(first.granted + 1)
  })

  it('looks back no further than to what is asked for', async () => {
    await counting({ piece: 1000 })(4_500)
    expect(asked).to.deep.equal([5_050, 5_000, 4_000])
  })

  it('looks at no more events than are allowed, and says how far it came', async () => {
    const { from, granted, refused, buckets } = await counting({ piece: 1000, most: 2000 })(1)
    expect(asked).to.deep.equal([5_050, 5_000, 4_000])
    expect(from).to.equal(3_001 * minute)
    expect({ granted, refused }).to.deep.equal(inSpan(3_001, events))
    expect(buckets[0]?.at).to.equal(from)
    const complete = await counting({ piece: 1000, most: 2000 })(3_500)
    expect(complete.from).to.equal(3_500 * minute)
  })

  it('begins where the trail begins, when its first events are past their time', async () => {
    database.exec(`delete from audit_events where seq <= 2500;
      insert into audit_floors (org_id, seq, hash, at, events) values ('${orgId}', 2500, '', 0, 2500)`)
    const { granted, refused } = await counting({ piece: 1000 })(1)
    expect({ granted, refused }).to.deep.equal(inSpan(2_501, events))
  })

  it('lets others have their turn behind each piece', async () => {
    const { turns } = await turnsDuring(counting({ piece: 100 })(1))
    expect(turns).to.be.at.least(50)
  })
})
