/** What is past its time goes, what is left verifies, and what was done to it shows; on both databases. */
import { expect } from 'chai'
import { eventOf, link } from '../../../src/server/audit/chain.ts'
import type { Deed } from '../../../src/server/audit/event.ts'
import { createRetention } from '../../../src/server/audit/retention.ts'
import { createSealer } from '../../../src/server/audit/sealer.ts'
import { genesis, type Head } from '../../../src/server/audit/store.ts'
import { verifyLanes, verifyTrails } from '../../../src/server/audit/verify.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { contract } from '../../contracts/implementations.ts'
import { deedOf, newId, noon, organization } from '../../support/nouns.ts'
import { sealed, trailOf } from '../../support/trails.ts'

const aDay = 86_400_000
const days = 400
/** Past its time at noon, as so many days have gone by; and at its very end. */
const old = noon - days * aDay - 1
const young = old + 1

contract('retention', (storage) => {
  const org = organization()
  const complaints: string[] = []
  beforeEach(async () => {
    complaints.length = 0
    await storage().writing.organizations.insert(org)
  })

  const record = async (...times: number[]) => {
    const trail = trailOf(storage())
    for (const at of times) await trail.append(deedOf({ orgId: org.id, at }))
    await sealed(storage())
  }
  const shown = (of: Storage) => ({
    ...of.reading.trail,
    list: async (query: Parameters<typeof of.reading.trail.list>[0]) => {
      await sealed(of)
      return of.reading.trail.list(query)
    },
  })
  const retention = (now = noon, portion = 3, clock = () => now) =>
    createRetention({
      storage: storage(),
      reading: shown(storage()),
      trail: trailOf(storage()),
      settings: { auditRetentionDays: days },
      now: clock,
      newId,
      report: (error) => complaints.push(String(error)),
      portion,
    })
  const kept = async () =>
    (await shown(storage()).list({ orgId: org.id, order: 'oldest', limit: 999 })).map(({ seq, type }) =>
      type === 'trail.prune' ? 'prune' : seq,
    )
  const report = async () => {
    const { reading, sealing } = storage()
    const reports = await verifyTrails(reading.trail, sealing)
    if (sealing) expect(await verifyLanes(sealing)).to.deep.equal([])
    return reports.find(({ orgId }) => orgId === org.id)
  }
  const brokenAt = async () => (await report())?.brokenAt

  it('removes what is past its time, and says so in the same trail', async () => {
    await record(old, old, young, young)
    const [, last] = await storage().reading.trail.list({ orgId: org.id, order: 'oldest', limit: 2 })
    await retention().now()
    expect(await report(), 'before what says so has its place').to.deep.include({
      since: new Date(young).toISOString(),
    })
    expect(await kept()).to.deep.equal([3, 4, 'prune'])
    const [entry] = await storage().reading.trail.list({ orgId: org.id, order: 'newest', limit: 1 })
    const { type, result, actor, detail, org: name } = eventOf(entry as NonNullable<typeof entry>)
    expect({ type, result, actor, detail, name }).to.deep.equal({
      type: 'trail.prune',
      result: 'done',
      actor: { type: 'system' },
      detail: { through_seq: 2, through_hash: last?.hash, events: 2, before: new Date(young).toISOString() },
      name: 'acme',
    })
    const { events, since, head, brokenAt: flaw } = (await report()) as NonNullable<Awaited<ReturnType<typeof report>>>
    expect({ events, since, seq: head.seq, flaw }).to.deep.equal({
      events: 3,
      since: new Date(young).toISOString(),
      seq: 5,
      flaw: undefined,
    })
    expect(complaints).to.deep.equal([])
  })

  it('leaves a trail alone of which nothing is past its time', async () => {
    await record(young, young)
    await retention().now()
    expect(await kept()).to.deep.equal([1, 2])
    expect(await report()).to.not.have.property('since')
  })

  it('ends at the first event that is younger, though older ones follow', async () => {
    await record(old, young, old, young)
    await retention().now()
    expect(await kept()).to.deep.equal([2, 3, 4, 'prune'])
    expect(await brokenAt()).to.equal(undefined)
  })

  it('keeps the newest of a trail that is all old, and goes on from there', async () => {
    await record(...Array.from({ length: 8 }, () => old))
    await retention().now()
    expect(await kept(), 'in portions').to.deep.equal([8, 'prune', 'prune', 'prune'])
    expect(await brokenAt()).to.equal(undefined)
    await record(young)
    expect(await brokenAt()).to.equal(undefined)
  })

  it('does not go round and round where nothing happens but removals', async () => {
    await record(old, young)
    await retention().now()
    await sealed(storage())
    await retention(noon + 500 * aDay).now()
    expect(await kept()).to.deep.equal(['prune', 'prune'])
    for (const later of [1_000, 1_500]) await retention(noon + later * aDay).now()
    expect(await kept()).to.deep.equal(['prune', 'prune'])
    expect(await brokenAt()).to.equal(undefined)
  })

  it('removes nothing twice when two do it at once', async () => {
    await record(...Array.from({ length: 12 }, () => old), young)
    const both = await Promise.allSettled([retention().now(), retention().now()])
    expect(both.map(({ status }) => status)).to.deep.equal(['fulfilled', 'fulfilled'])
    expect(await kept()).to.deep.equal([13, 'prune', 'prune', 'prune', 'prune'])
    expect(await brokenAt()).to.equal(undefined)
    expect(complaints).to.deep.equal([])
  })

  it('verifies while it is at it, and while more is appended', async () => {
    await record(...Array.from({ length: 60 }, () => old))
    const verifying = (async () => {
      const found = []
      for (let i = 0; i < 15; i++) found.push(await brokenAt())
      return found.filter(Boolean)
    })()
    await Promise.all([retention().now(), record(young, young, young)])
    expect(await verifying).to.deep.equal([])
    expect(await brokenAt()).to.equal(undefined)
  })

  it('verifies though the beginning goes between two looks', async () => {
    await record(old, old, young)
    const { reading, sealing } = storage()
    let pruned: Promise<void> | undefined
    const store: typeof reading.trail = {
      ...reading.trail,
      async list(query) {
        pruned ??= retention().now()
        await pruned
        return reading.trail.list(query)
      },
    }
    const reports = await verifyTrails(store, sealing)
    const mine = reports.find(({ orgId }) => orgId === org.id)
    expect(mine).to.include({ since: new Date(young).toISOString() })
    expect(mine).to.not.have.property('brokenAt')
  })

  it('verifies though what attests the beginning is linked between two looks', async () => {
    await record(old, young)
    await retention().now()
    const { reading, sealing } = storage()
    const lanes = async () => {
      await sealed(storage())
      return (await sealing?.lanes()) ?? []
    }
    const unsealed = sealing && { lanes, waiting: sealing.waiting }
    const reports = await verifyTrails(reading.trail, unsealed)
    expect(reports.find(({ orgId }) => orgId === org.id)).to.not.have.property('brokenAt')
  })

  it('ends when it is told to', async () => {
    await record(old, old, old, old, young)
    const one = retention()
    one.start()
    await one.stop()
    expect(await brokenAt()).to.equal(undefined)
  })

  describe('where somebody removed something', () => {
    const entries = () => storage().reading.trail.list({ orgId: org.id, order: 'oldest', limit: 99 })
    /** Somebody with the database in their hands: the beginning goes, and a floor is in its place. */
    const forge = async (through: number, from?: Head) => {
      const end = (await entries()).find(({ seq }) => seq === through)
      const floor = { seq: through, hash: String(end?.hash), at: noon, events: through }
      const known = from ?? (await storage().reading.trail.floor(org.id)) ?? { seq: 0, hash: '' }
      await storage().transaction(({ trail }) => trail.cut(org.id, known, floor))
    }

    it('finds a floor of which no event says so, and never covers it up', async () => {
      await record(old, old, old, old, young)
      await forge(2)
      expect(await brokenAt()).to.deep.equal({ seq: 1, why: 'removed' })
      await retention().now()
      expect(complaints.join()).to.include('no event says that it does')
      expect(await kept()).to.deep.equal([3, 4, 5])
      expect(await brokenAt()).to.deep.equal({ seq: 1, why: 'removed' })
    })

    it('finds a floor that went further than was told', async () => {
      await record(old, old, young, young, young)
      await retention().now()
      await sealed(storage())
      await forge(4)
      expect(await brokenAt()).to.deep.equal({ seq: 1, why: 'removed' })
      await retention(noon + aDay).now()
      expect(await brokenAt()).to.deep.equal({ seq: 1, why: 'removed' })
    })

    const told: [what: string, deed: (detail: Deed['detail']) => Partial<Deed>][] = [
      ['of another place', (detail) => ({ detail: { ...detail, through_seq: 3 } })],
      ['of another hash', (detail) => ({ detail: { ...detail, through_hash: '0'.repeat(64) } })],
      ['by somebody', (detail) => ({ detail, actor: { type: 'user', id: 'user_1' } })],
      ['by another deed', (detail) => ({ detail, type: 'team.create' })],
      ['in another trail', (detail) => ({ detail, orgId: 'org_other', org: 'acme' })],
    ]
    for (const [what, deed] of told) {
      it(`does not take what is told ${what}, waiting or linked`, async () => {
        await record(old, old, young)
        const hash = String((await entries())[1]?.hash)
        await forge(2)
        const detail = { through_seq: 2, through_hash: hash, events: 2, before: '' }
        const base = deedOf({ orgId: org.id, type: 'trail.prune', result: 'done', actor: { type: 'system' } })
        await trailOf(storage()).append({ ...base, ...deed(detail) })
        expect(await brokenAt()).to.deep.equal({ seq: 1, why: 'removed' })
        await sealed(storage())
        expect(await brokenAt()).to.deep.equal({ seq: 1, why: 'removed' })
      })
    }

    it('leaves a beginning that does not hold together, so that it is found', async () => {
      let to = genesis
      const made = [old, old, old, young].map((at) => {
        const { entry } = link(deedOf({ orgId: org.id, at }), newId('evt'), to)
        to = { seq: entry.seq, hash: entry.hash }
        return entry
      })
      const left = made.filter(({ seq }) => seq !== 2)
      await storage().writing.trail.append(left, [{ orgId: org.id, from: genesis, to }])
      await retention().now()
      expect(complaints.join()).to.include('is broken')
      expect(await kept()).to.deep.equal([1, 3, 4])
      expect(await brokenAt()).to.deep.equal({ seq: 2, why: 'removed' })
    })
  })

  it('takes what waits in the journal for what says so', async () => {
    const { sealing, reading } = storage()
    if (!sealing) return
    await record(old, young)
    await createRetention({
      storage: storage(),
      reading: reading.trail,
      trail: trailOf(storage()),
      settings: { auditRetentionDays: days },
      now: () => noon,
      newId,
      report: (error) => complaints.push(String(error)),
    }).now()
    expect(await sealing.waits()).to.equal(true)
    expect(await brokenAt()).to.equal(undefined)
    expect((await verifyTrails(reading.trail)).find(({ orgId }) => orgId === org.id)?.brokenAt).to.deep.equal({
      seq: 1,
      why: 'removed',
    })
    await createSealer({ sealing, now: () => noon, report: () => undefined }).now()
    expect(await brokenAt()).to.equal(undefined)
  })
})
