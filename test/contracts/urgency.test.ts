/** An exchange waits for its record and its claim; admins may have queued any number of deeds before. */
import { expect } from 'chai'
import { createTrail, type Trail } from '../../src/server/audit/trail.ts'
import { verifyTrails } from '../../src/server/audit/verify.ts'
import { deedOf, newId } from '../support/nouns.ts'
import { sealed } from '../support/trails.ts'
import { contract } from './implementations.ts'

/** So many are queued at any time. Whoever has to wait for all of them has lost; nobody who passes them waits for half. */
const queued = 200
const half = queued / 2
/** Of the urgent, after which whoever still waits would wait forever. */
const forever = 10_000

contract('what an exchange waits for', (storage) => {
  /** How many deeds, all queued before it, have ended before the work. Each moves on the chain of acme. */
  async function endedBefore(work: (trail: Trail) => Promise<unknown>): Promise<number> {
    const trail = createTrail({ store: storage().writing.trail, newId })
    const begun = Promise.withResolvers<void>()
    let ended = 0
    let isDone = false
    const deeds = Array.from({ length: queued }, async (_, i) => {
      await storage().transaction(async (stores) => {
        begun.resolve()
        // Those of which nothing depends any more only have their turn.
        if (!isDone || i < 50) await trail.appendWithin(stores.trail, deedOf())
      })
      ended += 1
    })
    // The first has begun, so that all of the others are queued.
    await begun.promise
    await work(trail)
    const before = ended
    isDone = true
    await Promise.all(deeds)
    expect(ended).to.equal(queued)
    return before
  }

  it('an append passes the transactions that are queued', async () => {
    const deed = deedOf({ orgId: 'org_other', org: 'other' })
    expect(await endedBefore((trail) => trail.append(deed))).to.be.below(half)
  })

  it('an append to the very chain that they move on passes them too, and so does the next', async () => {
    const appended = async (trail: Trail) => {
      await trail.append(deedOf())
      await trail.append(deedOf())
    }
    expect(await endedBefore(appended)).to.be.below(half)
    await sealed(storage())
    const reports = await verifyTrails(storage().reading.trail)
    expect(reports.filter(({ brokenAt }) => brokenAt)).to.deep.equal([])
  })

  it('a claim passes them too', async () => {
    const { replays } = storage().writing
    expect(await endedBefore(() => replays.claim('digest', 1, 2))).to.be.below(half)
  })

  it('another write does not', async () => {
    expect(await endedBefore(() => storage().writing.values.set('own', 'x'))).to.equal(queued)
  })

  it('transactions go on however many claims come', async () => {
    const { replays, values } = storage().writing
    let claimed = 0
    let isDone = false
    // Each that ends is followed by another, so that there is never an end to them.
    const claimer = async () => {
      while (!isDone && claimed < forever) {
        await replays.claim(`digest ${claimed}`, 1, 2)
        claimed += 1
      }
    }
    const claimers = Array.from({ length: 20 }, claimer)
    await values.set('own', 'x')
    await storage().transaction((stores) => stores.values.set('own', 'y'))
    isDone = true
    expect(claimed).to.be.below(forever)
    await Promise.all(claimers)
  })

  for (const [urgent, ordinary] of [
    [20, 5],
    [5, 20],
  ] as const) {
    it(`${urgent} claims and ${ordinary} other writes that came before a close are kept`, async () => {
      const { replays, values } = storage().writing
      const claims = Array.from({ length: urgent }, (_, i) => replays.claim(`digest ${i}`, 1, 2))
      const others = Array.from({ length: ordinary }, (_, i) => values.set(`value ${i}`, 'x'))
      await Promise.race([...claims, ...others])
      await storage().close()
      await Promise.all([...claims, ...others])
    })
  }
})
