import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { eventOf } from '../../../src/server/audit/chain.ts'
import { type Deed, installation } from '../../../src/server/audit/event.ts'
import type { TrailStore } from '../../../src/server/audit/store.ts'
import { verifyTrails } from '../../../src/server/audit/verify.ts'
import { StorageUnavailable } from '../../../src/server/errors/refusal.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { deedOf } from '../../support/nouns.ts'
import { reasonOf } from '../../support/refused.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { trailOf } from '../../support/trails.ts'

const orgId = 'org_acme'

/** The same store, and the sizes of the batches that went through it. */
function counted(store: TrailStore): { store: TrailStore; batches: number[] } {
  const batches: number[] = []
  return {
    batches,
    store: {
      ...store,
      undisturbed: (work) =>
        store.undisturbed(({ heads, append }) =>
          work({
            heads,
            append(entries, moves) {
              batches.push(entries.length)
              return append(entries, moves)
            },
          }),
        ),
    },
  }
}

describe('audit/trail', () => {
  const dir = tempDir()
  let storage: Storage
  beforeEach(async () => {
    storage = await openStorage({ dataDir: dir(), busyTimeoutMs: 10 })
  })
  afterEach(() => storage.close())

  const events = async () => (await storage.reading.trail.list({ orgId, order: 'oldest', limit: 5000 })).map(eventOf)
  const broken = async () => (await verifyTrails(storage.reading.trail)).filter(({ brokenAt }) => brokenAt)
  const newTrail = () => trailOf(storage)

  /** Another process that keeps the database to itself while `work` runs. */
  async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
    const other = new DatabaseSync(join(dir(), 'countersign.db'))
    other.exec('BEGIN IMMEDIATE')
    try {
      return await work()
    } finally {
      other.close()
    }
  }

  it('answers with the event as it is kept', async () => {
    const event = await newTrail().append(deedOf())
    expect(await events()).to.deep.equal([event])
  })

  it('lets many who wait share a write, in the order of their coming', async () => {
    const { store, batches } = counted(storage.writing.trail)
    const trail = trailOf(storage, store)
    const appended = await Promise.all(
      Array.from({ length: 200 }, (_, i) => trail.append(deedOf({ detail: { number: i } }))),
    )
    expect(batches.length).to.be.lessThan(10)
    expect(batches.reduce((sum, size) => sum + size)).to.equal(200)
    expect(await events()).to.deep.equal(appended)
    expect(appended.map(({ detail }) => detail.number)).to.deep.equal(Array.from({ length: 200 }, (_, i) => i))
    expect(await broken()).to.deep.equal([])
  })

  it('writes at most 256 events at once', async () => {
    const { store, batches } = counted(storage.writing.trail)
    const trail = trailOf(storage, store)
    await Promise.all(Array.from({ length: 1000 }, () => trail.append(deedOf())))
    expect(Math.max(...batches)).to.equal(256)
  })

  it('keeps the chains of organizations apart in one write', async () => {
    const trail = newTrail()
    const orgs = ['a', 'b', 'c']
    await Promise.all(
      Array.from({ length: 90 }, (_, i) =>
        trail.append(deedOf({ orgId: `org_${orgs[i % 3]}`, org: orgs[i % 3] as string })),
      ),
    )
    const reports = await verifyTrails(storage.reading.trail)
    expect(reports.map(({ events: count, brokenAt }) => [count, brokenAt])).to.deep.equal([
      [0, undefined],
      [30, undefined],
      [30, undefined],
      [30, undefined],
    ])
  })

  it('keeps one chain while transactions and another process append to it', async () => {
    const other = await openStorage({ dataDir: dir() })
    const [mine, theirs] = [newTrail(), trailOf(other)]
    const within = (deed: Deed) => storage.transaction(({ trail }) => mine.appendWithin(trail, deed))
    const rounds = Array.from({ length: 60 }, (_, i) => {
      const deed = deedOf({ detail: { number: i } })
      return [mine.append, theirs.append, within].map((append) => append(deed))
    })
    // A process that is kept from writing for longer than it waits says so; what is acknowledged is in the chain.
    const settled = await Promise.allSettled(rounds.flat())
    const acknowledged = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.id] : []))
    expect(acknowledged.length).to.be.greaterThan(60)
    expect((await events()).map(({ id }) => id)).to.have.members(acknowledged)
    expect(await broken()).to.deep.equal([])
    await other.close()
  })

  it('learns from its first try that others moved the chain on, and writes at the second', async () => {
    const { store, batches } = counted(storage.writing.trail)
    const mine = trailOf(storage, store)
    await mine.append(deedOf())
    await newTrail().append(deedOf())
    await mine.append(deedOf())
    await storage.transaction(({ trail }) => mine.appendWithin(trail, deedOf()))
    await mine.append(deedOf())
    expect(batches).to.have.length(1 + 2 + 2)
    expect(await events()).to.have.length(5)
    expect(await broken()).to.deep.equal([])
  })

  it('leaves no trace of an event when its transaction is undone', async () => {
    const trail = newTrail()
    await trail.append(deedOf())
    const undone = storage.transaction(async (stores) => {
      await trail.appendWithin(stores.trail, deedOf())
      throw new Error('changed my mind')
    })
    await undone.catch(() => undefined)
    await trail.append(deedOf())
    expect(await events()).to.have.length(2)
    expect(await broken()).to.deep.equal([])
  })

  it('says so when it cannot record, keeps nothing, and goes on when it can again', async () => {
    const trail = newTrail()
    await trail.append(deedOf())
    const refused = await whileLocked(() => Promise.all([trail.append(deedOf()), trail.append(deedOf())].map(reasonOf)))
    expect(refused).to.deep.equal(['storage_unavailable', 'storage_unavailable'])
    expect(await events()).to.have.length(1)
    await trail.append(deedOf())
    expect(await events()).to.have.length(2)
    expect(await broken()).to.deep.equal([])
  })

  it('does not fork the chain when a write failed that had arrived: it looks at the end again before the next one', async () => {
    const { store, batches } = counted(storage.writing.trail)
    const trail = trailOf(storage, {
      ...store,
      undisturbed: (work) =>
        store.undisturbed(({ heads, append }) =>
          work({
            heads,
            async append(entries, moves) {
              const kept = await append(entries, moves)
              if (batches.length === 2) throw new StorageUnavailable(new Error('the answer was lost'))
              return kept
            },
          }),
        ),
    })
    await trail.append(deedOf())
    expect(await reasonOf(trail.append(deedOf()))).to.equal('storage_unavailable')
    expect(await events(), 'it has arrived').to.have.length(2)
    await Promise.all([trail.append(deedOf()), trail.append(deedOf())])
    expect(await events()).to.have.length(4)
    expect(await broken()).to.deep.equal([])
    expect(batches, 'one write each').to.deep.equal([1, 1, 2])
  })

  it('records what was held for later with the next append that succeeds, once and first', async () => {
    const trail = newTrail()
    const late = deedOf({ type: 'api_key.use', result: 'refused' })
    expect(trail.later(late)).to.equal(true)
    expect(await whileLocked(() => reasonOf(trail.append(deedOf())))).to.equal('storage_unavailable')
    await trail.append(deedOf())
    await trail.append(deedOf())
    expect((await events()).map(({ type }) => type)).to.deep.equal(['api_key.use', 'token.exchange', 'token.exchange'])
  })

  it('holds a thousand for later, no more, and records them all at a flush', async () => {
    const trail = newTrail()
    const taken = Array.from({ length: 1001 }, () => trail.later(deedOf()))
    expect(taken.filter((held) => held)).to.have.length(1000)
    await whileLocked(() => trail.flush())
    expect(await events()).to.have.length(0)
    const appended = trail.append(deedOf())
    await trail.flush()
    await appended
    expect(await events()).to.have.length(1001)
    expect(await broken()).to.deep.equal([])
  })

  it('counts what it could not hold, and says so in the installation’s trail', async () => {
    const trail = newTrail()
    for (let i = 0; i < 1000; i++) trail.later(deedOf())
    for (let i = 0; i < 7; i++) expect(trail.later(deedOf())).to.equal(false)
    await whileLocked(() => trail.flush())
    await trail.flush()
    expect(await events()).to.have.length(1000)
    const gaps = await storage.reading.trail.list({ orgId: installation, order: 'oldest', limit: 10 })
    expect(gaps.map(eventOf).map(({ type, detail }) => ({ type, detail }))).to.deep.equal([
      { type: 'trail.gap', detail: { lost: 7 } },
    ])
    await trail.append(deedOf())
    expect(await storage.reading.trail.list({ orgId: installation, order: 'oldest', limit: 10 })).to.have.length(1)
  })

  it('counts what was held when a write fails for good: it keeps nothing else from the trail', async () => {
    let broken = true
    const store: TrailStore = {
      ...storage.writing.trail,
      async undisturbed(work) {
        if (broken) throw new Error('the file is malformed (SQLite 11)')
        return storage.writing.trail.undisturbed(work)
      },
    }
    const trail = trailOf(storage, store)
    trail.later(deedOf({ at: Number.NaN }))
    for (let i = 0; i < 5; i++) trail.later(deedOf())
    expect(await trail.append(deedOf()).catch((error: Error) => error.message)).to.contain('SQLite 11')
    broken = false
    await trail.append(deedOf())
    expect(await events()).to.have.length(1)
    const gaps = await storage.reading.trail.list({ orgId: installation, order: 'oldest', limit: 10 })
    expect(gaps.map(eventOf).map(({ detail }) => detail)).to.deep.equal([{ lost: 6 }])
  })

  it('fails what cannot be written down, and nothing beside it', async () => {
    const trail = newTrail()
    const hopeless = deedOf({ at: Number.NaN })
    const [bad, good] = await Promise.allSettled([trail.append(hopeless), trail.append(deedOf())])
    expect(bad.status).to.equal('rejected')
    expect(good.status).to.equal('fulfilled')
    expect(await events()).to.have.length(1)
  })
})
