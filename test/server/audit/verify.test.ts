/** A trail that was touched says where; one that was not, on a database of any age, says nothing. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { link } from '../../../src/server/audit/chain.ts'
import { type Deed, installation } from '../../../src/server/audit/event.ts'
import { createRetention } from '../../../src/server/audit/retention.ts'
import { verifyTrails } from '../../../src/server/audit/verify.ts'
import type { Break } from '../../../src/server/audit/walk.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { deedOf, newId, noon, organization } from '../../support/nouns.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { trailOf } from '../../support/trails.ts'

/** Somebody with the database file in their hands, and with what they know of the chain. */
type Tamper = (db: DatabaseSync, org: string) => void

const run = (db: DatabaseSync, sql: string, ...params: (string | number)[]) => db.prepare(sql).run(...params)
const change =
  (set: string, seq: number): Tamper =>
  (db, org) =>
    run(db, `update audit_events set ${set} where org_id = ? and seq = ?`, org, seq)

/** Gives each chain, with its head, to the other. */
const swap = (db: DatabaseSync, one: string, other: string) => {
  for (const table of ['audit_events', 'audit_heads']) {
    for (const [from, to] of [
      [one, 'nobody'],
      [other, one],
      ['nobody', other],
    ] as const) {
      run(db, `update ${table} set org_id = ? where org_id = ?`, to, from)
    }
  }
}

const creation = ({ id, name }: { id: string; name: string }): Deed =>
  deedOf({ type: 'organization.create', result: 'done', orgId: id, org: name, target: { type: 'organization', id } })

/** What a first start records. */
const firstKeys: Deed = {
  at: noon,
  type: 'signing_key.schedule',
  result: 'done',
  request_id: 'req_first',
  actor: { type: 'system' },
  target: { type: 'signing_key' },
  client: { ip: '', user_agent: '' },
  detail: {},
}

const tampered: [what: string, tamper: Tamper, brokenAt: Omit<Break, 'id'>][] = [
  [
    'a changed body',
    change(`body = replace(body, 'projects:read', 'projects:write')`, 3),
    { seq: 3, why: 'body_changed' },
  ],
  ['a body that is no JSON', change(`body = 'x'`, 3), { seq: 3, why: 'body_changed' }],
  ['a changed hash', change(`hash = '${'0'.repeat(64)}'`, 3), { seq: 3, why: 'body_changed' }],
  ['another actor to be found by', change(`actor_name = 'mallory'`, 4), { seq: 4, why: 'column_changed' }],
  ['another time to be found by', change('at = at + 1', 1), { seq: 1, why: 'column_changed' }],
  ['another result to be found by', change(`result = 'refused'`, 5), { seq: 5, why: 'column_changed' }],
  ['another request', change(`request_id = 'req_x'`, 2), { seq: 2, why: 'column_changed' }],
  ['another id', change(`id = 'evt_x'`, 2), { seq: 2, why: 'column_changed' }],
  [
    'the first removed',
    (db, org) => run(db, 'delete from audit_events where org_id = ? and seq = 1', org),
    { seq: 1, why: 'removed' },
  ],
  [
    'one removed',
    (db, org) => run(db, 'delete from audit_events where org_id = ? and seq = 3', org),
    { seq: 3, why: 'removed' },
  ],
  [
    'the last removed',
    (db, org) => run(db, 'delete from audit_events where org_id = ? and seq = 6', org),
    { seq: 6, why: 'removed' },
  ],
  ['all removed', (db, org) => run(db, 'delete from audit_events where org_id = ?', org), { seq: 1, why: 'removed' }],
  [
    'all removed, and the head',
    (db, org) => {
      for (const table of ['audit_events', 'audit_heads']) run(db, `delete from ${table} where org_id = ?`, org)
    },
    { seq: 1, why: 'removed' },
  ],
  [
    'one removed and the rest moved up',
    (db, org) => {
      run(db, 'delete from audit_events where org_id = ? and seq = 3', org)
      for (const seq of [4, 5, 6])
        run(db, 'update audit_events set seq = seq - 1 where org_id = ? and seq = ?', org, seq)
    },
    { seq: 3, why: 'reordered' },
  ],
  [
    'two in each other’s place',
    (db, org) => {
      for (const [from, to] of [
        [3, 99],
        [4, 3],
        [99, 4],
      ] as const) {
        run(db, 'update audit_events set seq = ? where org_id = ? and seq = ?', to, org, from)
      }
    },
    { seq: 3, why: 'reordered' },
  ],
  [
    'one written anew, with its hash',
    (db, org) => {
      const { prev } = db.prepare('select hash as prev from audit_events where org_id = ? and seq = 2').get(org) as {
        prev: string
      }
      const { entry } = link(deedOf({ orgId: org }), 'evt_forged', { seq: 2, hash: prev })
      run(
        db,
        `update audit_events set id = ?, body = ?, hash = ?, request_id = ?, at = ? where org_id = ? and seq = 3`,
        entry.id,
        entry.body,
        entry.hash,
        entry.requestId,
        entry.at,
        org,
      )
    },
    { seq: 4, why: 'reordered' },
  ],
  [
    'a head with another hash',
    (db, org) => run(db, `update audit_heads set hash = 'x' where org_id = ?`, org),
    { seq: 6, why: 'head_mismatch' },
  ],
  [
    'a head that is further',
    (db, org) => run(db, 'update audit_heads set seq = 9 where org_id = ?', org),
    { seq: 7, why: 'removed' },
  ],
  [
    'a head moved back',
    (db, org) =>
      run(
        db,
        'update audit_heads set seq = 5, hash = (select hash from audit_events where org_id = ? and seq = 5) where org_id = ?',
        org,
        org,
      ),
    { seq: 6, why: 'head_mismatch' },
  ],
  [
    'a head removed',
    (db, org) => run(db, 'delete from audit_heads where org_id = ?', org),
    { seq: 1, why: 'head_mismatch' },
  ],
]

describe('audit/verify', () => {
  const dir = tempDir()
  const org = organization()
  const second = organization('second')
  /** Whose name was taken again, by `org`. */
  const deleted = organization()
  let storage: Storage
  beforeEach(async () => {
    storage = await openStorage({ dataDir: dir() })
    const trail = trailOf(storage)
    await trail.append(firstKeys)
    for (const each of [org, second]) await storage.writing.organizations.insert(each)
    for (const each of [org, second, deleted]) await trail.append(creation(each))
    for (let i = 0; i < 5; i++) await trail.append(deedOf({ orgId: org.id }))
    for (const { id, name } of [second, deleted]) {
      for (let i = 0; i < 2; i++) await trail.append(deedOf({ orgId: id, org: name }))
    }
  })
  afterEach(() => storage.close())

  const touch = (tamper: (db: DatabaseSync) => void) => {
    const db = new DatabaseSync(join(dir(), 'countersign.db'))
    tamper(db)
    db.close()
  }
  const breaks = async () =>
    (await verifyTrails(storage.reading.trail)).flatMap(({ orgId, brokenAt }) =>
      brokenAt ? [[orgId, brokenAt.seq, brokenAt.why]] : [],
    )

  it('finds nothing wrong where nothing is', async () => {
    const reports = await verifyTrails(storage.reading.trail)
    expect(reports.map(({ org: name, events, brokenAt }) => [name, events, brokenAt])).to.deep.equal([
      ['*', 1, undefined],
      ['acme', 6, undefined],
      ['second', 3, undefined],
      [deleted.id, 3, undefined],
    ])
  })

  for (const [what, tamper, expected] of tampered) {
    it(`finds ${what}, and only in that chain`, async () => {
      touch((db) => tamper(db, org.id))
      const reports = await verifyTrails(storage.reading.trail)
      const broken = reports.filter(({ brokenAt }) => brokenAt)
      expect(broken.map(({ orgId }) => orgId)).to.deep.equal([org.id])
      expect(broken[0]?.brokenAt).to.include(expected)
    })
  }

  const swapped: [what: string, other: { id: string }, broken: readonly string[]][] = [
    ['another’s', second, [org.id, second.id]],
    ['a deleted one’s of the same name', deleted, [org.id, deleted.id]],
    ['the installation’s', { id: installation }, [installation, org.id]],
  ]
  for (const [what, other, broken] of swapped) {
    it(`finds that an organization’s chain is ${what}`, async () => {
      touch((db) => swap(db, org.id, other.id))
      expect(await breaks()).to.deep.equal(broken.map((id) => [id, 1, 'other_organization']))
    })
  }

  it('finds one event of another organization, linked and counted as if it were here', async () => {
    await trailOf(storage).append(deedOf({ orgId: org.id, org: 'second' }))
    expect(await breaks()).to.deep.equal([[org.id, 7, 'other_organization']])
  })

  it('finds that all of the installation’s is removed, by its organizations and by its keys', async () => {
    touch((db) => {
      for (const table of ['audit_events', 'audit_heads'])
        run(db, `delete from ${table} where org_id = ?`, installation)
    })
    expect(await breaks()).to.deep.equal([[installation, 1, 'removed']])
    touch((db) => {
      run(
        db,
        `insert into signing_keys (kid, alg, public_jwk, sealed, published_at) values ('k', 'ES256', '{}', '', 1)`,
      )
      for (const table of ['organizations', 'audit_events', 'audit_heads']) db.exec(`delete from ${table}`)
    })
    expect(await breaks()).to.deep.equal([[installation, 1, 'removed']])
    touch((db) => db.exec('delete from signing_keys'))
    expect(await breaks(), 'as before a first start').to.deep.equal([])
  })

  describe('where the beginning was past its time', () => {
    beforeEach(async () => {
      const dayLater = noon + 86_400_000
      await trailOf(storage).append(deedOf({ orgId: org.id, at: dayLater }))
      await createRetention({
        storage,
        reading: storage.reading.trail,
        trail: trailOf(storage),
        settings: { auditRetentionDays: 1 },
        now: () => dayLater + 1,
        newId,
        report: (error) => {
          throw error
        },
        portion: 4,
      }).now()
    })
    const first = (db: DatabaseSync) =>
      db.prepare('select seq, hash from audit_events where org_id = ? order by seq limit 1').get(org.id) as {
        seq: number
        hash: string
      }

    it('finds nothing wrong where nothing is', async () => {
      const reports = await verifyTrails(storage.reading.trail)
      expect(reports.find(({ orgId }) => orgId === org.id)).to.include({ events: 3, since: '2026-11-25T12:00:00.000Z' })
      expect(await breaks()).to.deep.equal([])
    })

    const floored: [what: string, tamper: Tamper, seq: number, why: string][] = [
      ['no floor', (db) => run(db, 'delete from audit_floors where org_id = ?', org.id), 1, 'removed'],
      ['a floor moved back', (db) => run(db, 'update audit_floors set seq = 4 where org_id = ?', org.id), 5, 'removed'],
      [
        'a floor of another hash',
        (db) => run(db, `update audit_floors set hash = 'x' where org_id = ?`, org.id),
        7,
        'reordered',
      ],
      [
        'one more removed',
        (db) => run(db, 'delete from audit_events where org_id = ? and seq = ?', org.id, first(db).seq),
        7,
        'removed',
      ],
      [
        'one more removed, and the floor moved there',
        (db) => {
          const { seq, hash } = first(db)
          run(db, 'delete from audit_events where org_id = ? and seq = ?', org.id, seq)
          run(db, 'update audit_floors set seq = ?, hash = ? where org_id = ?', seq, hash, org.id)
        },
        1,
        'removed',
      ],
      [
        'one before the floor',
        (db) => run(db, 'update audit_events set seq = 2 where org_id = ? and seq = ?', org.id, first(db).seq),
        2,
        'reordered',
      ],
      [
        'all removed, the head too, and the organization',
        (db) => {
          for (const table of ['audit_events', 'audit_heads']) run(db, `delete from ${table} where org_id = ?`, org.id)
          run(db, 'delete from organizations where id = ?', org.id)
        },
        6,
        'head_mismatch',
      ],
      [
        'all removed, and the head at the floor',
        (db) => {
          run(db, 'delete from audit_events where org_id = ?', org.id)
          run(
            db,
            `update audit_heads set (seq, hash) = (select seq, hash from audit_floors f where f.org_id = audit_heads.org_id)
             where org_id = ?`,
            org.id,
          )
        },
        1,
        'removed',
      ],
    ]
    for (const [what, tamper, seq, why] of floored) {
      it(`finds ${what}, and only in that chain`, async () => {
        touch((db) => tamper(db, org.id))
        expect(await breaks()).to.deep.equal([[org.id, seq, why]])
      })
    }
  })

  it('walks a chain of many pages, while it grows', async () => {
    const trail = trailOf(storage)
    await Promise.all(Array.from({ length: 1200 }, () => trail.append(deedOf({ orgId: org.id }))))
    const growing = Promise.all(Array.from({ length: 300 }, () => trail.append(deedOf({ orgId: org.id }))))
    const during = await verifyTrails(storage.reading.trail)
    await growing
    const after = await verifyTrails(storage.reading.trail)
    expect([...during, ...after].filter(({ brokenAt }) => brokenAt)).to.deep.equal([])
    expect(after.find(({ orgId }) => orgId === org.id)?.events).to.equal(1506)
  })
})
