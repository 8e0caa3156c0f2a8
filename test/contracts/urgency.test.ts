/** An exchange waits for its record and its claim; admins may have queued any number of deeds before. */
import { expect } from 'chai'
import { createTrail, type Trail } from '../../src/server/audit/trail.ts'
import { verifyTrails } from '../../src/server/audit/verify.ts'
import { deedOf, newId } from '../support/nouns.ts'
import { sealed } from '../support/trails.ts'
import { contract } from './implementations.ts'

contract('what an exchange waits for', (storage) => {
  /** How many of fifty deeds, all queued before it, have ended before the work. Each moves on the chain of acme. */
  async function endedBefore(work: (trail: Trail) => Promise<unknown>): Promise<number> {
    const trail = createTrail({ store: storage().writing.trail, newId })
    const begun = Promise.withResolvers<void>()
    let ended = 0
    const deeds = Array.from({ length: 50 }, async () => {
      await storage().transaction(async (stores) => {
        begun.resolve()
        await trail.appendWithin(stores.trail, deedOf())
      })
      ended += 1
    })
    // The first has begun, so that all of the others are queued.
    await begun.promise
    await work(trail)
    const before = ended
    await Promise.all(deeds)
    expect(ended).to.equal(50)
    return before
  }

  it('an append passes the transactions that are queued', async () => {
    const deed = deedOf({ orgId: 'org_other', org: 'other' })
    expect(await endedBefore((trail) => trail.append(deed))).to.be.at.most(15)
  })

  it('an append to the very chain that they move on passes them too, and so does the next', async () => {
    const appended = async (trail: Trail) => {
      await trail.append(deedOf())
      await trail.append(deedOf())
    }
    expect(await endedBefore(appended)).to.be.at.most(30)
    await sealed(storage())
    const reports = await verifyTrails(storage().reading.trail)
    expect(reports.filter(({ brokenAt }) => brokenAt)).to.deep.equal([])
  })

  it('a claim passes them too', async () => {
    const { replays } = storage().writing
    expect(await endedBefore(() => replays.claim('digest', 1, 2))).to.be.at.most(15)
  })

  it('another write does not', async () => {
    expect(await endedBefore(() => storage().writing.values.set('own', 'x'))).to.equal(50)
  })

  it('transactions go on among any number of claims', async () => {
    const { replays } = storage().writing
    let claimed = 0
    const claims = Array.from({ length: 300 }, async (_, i) => {
      await replays.claim(`digest ${i}`, 1, 2)
      claimed += 1
    })
    await claims[0]
    const queued = claimed
    await storage().transaction(({ values }) => values.set('own', 'x'))
    expect(claimed - queued).to.be.lessThan(100)
    await Promise.all(claims)
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
