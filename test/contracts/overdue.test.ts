/** Where other processes mint: a revocation that became durable late is made anew before anybody hears of a yes. */
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createCatchUp } from '../../src/server/admin/overdue.ts'
import { createPerform, type Work } from '../../src/server/admin/perform.ts'
import { StorageUnavailable } from '../../src/server/errors/refusal.ts'
import { createChanges } from '../../src/server/shared-state/changes.ts'
import type { Storage } from '../../src/server/storage/storage.ts'
import { createMoments } from '../../src/server/tokens/moments.ts'
import { createRevocations, marker } from '../../src/server/tokens/revocations.ts'
import { createSeal } from '../../src/server/tokens/seal.ts'
import { newId, noon, organization } from '../support/nouns.ts'
import { reasonOf } from '../support/refused.ts'
import { trailOf } from '../support/trails.ts'
import { contract } from './implementations.ts'

const reach = 2_000
const late = 3_000
const context = {
  requestId: 'req_deed',
  client: { ip: '203.0.113.7', user_agent: 'curl/8' },
  actor: { type: 'operator' as const, name: 'operator' },
}
const repeat = { scope: 'operator POST /x key', digest: 'of the request' }

contract('a revocation that is late', (storage) => {
  const org = organization()
  let seal: ReturnType<typeof createSeal>
  let time: number
  const now = () => time
  beforeEach(() => {
    seal = createSeal(randomBytes(32))
    time = noon
  })

  /** A process of its own. `nth`: what becomes of its transactions. */
  function replica(nth: ('late' | 'lost' | undefined)[] = []) {
    const transaction: Storage['transaction'] = async (work) => {
      const fate = nth.shift()
      if (fate === 'lost') throw new StorageUnavailable(new Error('away'))
      const answer = await storage().transaction(work)
      if (fate === 'late') time += late
      return answer
    }
    const revocations = createRevocations({
      reading: storage().reading.revocations,
      now,
      moments: createMoments(now),
      reach,
    })
    const perform = createPerform({
      ...{
        storage: { transaction },
        trail: trailOf(storage()),
        revocations,
        changes: createChanges(),
        seal,
        now,
        newId,
      },
    })
    let deeds = 0
    const deed = async (work: Work) => {
      deeds += 1
      await work.revoke(['sa_1'])
      await work.record('account.update', { org }, { type: 'service_account', id: 'sa_1', name: 'robot' })
      return { id: 'sa_1' }
    }
    return { perform, deed: () => perform(context, deed, repeat), deeds: () => deeds, revocations }
  }
  const reaches = async () => (await storage().reading.revocations.all(0)).find(({ id }) => id === 'sa_1')?.before

  it('was in time: asked again, the answer is the same, and nothing ends anew', async () => {
    const { deed, deeds } = replica()
    expect(await deed()).to.deep.equal({ id: 'sa_1' })
    const before = await reaches()
    time += 60_000
    expect(await replica().deed()).to.deep.equal({ id: 'sa_1' })
    expect(await deed()).to.deep.equal({ id: 'sa_1' })
    expect([await reaches(), deeds()]).to.deep.equal([before, 1])
  })

  it('is made anew before the answer', async () => {
    await replica(['late']).deed()
    expect(await reaches()).to.equal(noon + late + reach)
  })

  it('and could not be made anew: no yes, and asked again wherever, none before it is', async () => {
    const { deed } = replica(['late', 'lost'])
    expect(await reasonOf(deed())).to.equal('storage_unavailable')
    expect(await reaches()).to.equal(noon + reach)
    // As late as ever, and again without success.
    const other = replica(['late', 'lost'])
    expect(await reasonOf(other.deed())).to.equal('storage_unavailable')
    expect(await reaches()).to.equal(noon + late + reach)
    const third = replica()
    expect(await third.deed()).to.deep.equal({ id: 'sa_1' })
    expect(third.revocations.ended({ token: '', others: ['sa_1'] }, time)).to.equal(true)
    const before = await reaches()
    expect(before).to.equal(noon + 2 * late + reach)
    time += 60_000
    expect(await replica().deed()).to.deep.equal({ id: 'sa_1' })
    expect([await reaches(), other.deeds(), third.deeds()]).to.deep.equal([before, 0, 0])
  })

  it('or not, which nobody could say: asked again, it is made anew once', async () => {
    expect(await replica([undefined, 'lost']).deed()).to.deep.equal({ id: 'sa_1' })
    time += late
    expect(await replica().deed()).to.deep.equal({ id: 'sa_1' })
    const before = await reaches()
    expect(before).to.equal(noon + late + reach)
    time += late
    expect(await replica().deed()).to.deep.equal({ id: 'sa_1' })
    expect(await reaches()).to.equal(before)
  })

  it('is tried on until it succeeds, whether or not anybody asks again', async () => {
    const revocations = createRevocations({
      reading: storage().reading.revocations,
      now,
      moments: createMoments(now),
      reach,
    })
    let tries = 0
    const done = Promise.withResolvers<void>()
    const transaction: Storage['transaction'] = async (work) => {
      tries += 1
      if (tries < 4) throw new StorageUnavailable(new Error('away'))
      const answer = await storage().transaction(work)
      done.resolve()
      return answer
    }
    const catchUp = createCatchUp({ storage: { transaction }, revocations, now, every: 1 })
    time += late
    expect(await reasonOf(catchUp([marker('sa_1', noon)]))).to.equal('storage_unavailable')
    await done.promise
    expect([await reaches(), tries]).to.deep.equal([noon + late + reach, 4])
  })
})
