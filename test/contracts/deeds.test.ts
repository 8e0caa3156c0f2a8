/** What an admin's deed leaves behind, and what one that was begun anew does not. */
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createPerform, type News, type Work } from '../../src/server/admin/perform.ts'
import type { KeptAnswer } from '../../src/server/admin/store.ts'
import { createChanges } from '../../src/server/shared-state/changes.ts'
import type { Storage } from '../../src/server/storage/storage.ts'
import { createMoments } from '../../src/server/tokens/moments.ts'
import { createRevocations } from '../../src/server/tokens/revocations.ts'
import { createSeal } from '../../src/server/tokens/seal.ts'
import { newId, noon, organization } from '../support/nouns.ts'
import { trailOf } from '../support/trails.ts'
import { contract } from './implementations.ts'

const context = {
  requestId: 'req_deed',
  client: { ip: '203.0.113.7', user_agent: 'curl/8' },
  actor: { type: 'operator' as const, name: 'operator' },
}
const repeat = { scope: 'operator POST /x key', digest: 'of the request' }
const now = () => noon

contract('a deed', (storage) => {
  const org = organization()
  const seal = createSeal(randomBytes(32))

  function replica(transaction: Storage['transaction'] = (work) => storage().transaction(work)) {
    const [news, remembered, published]: [News[], KeptAnswer[], unknown[]] = [[], [], []]
    const changes = createChanges()
    changes.listen(({ orgId }) => void published.push(orgId))
    const revocations = createRevocations({
      reading: storage().reading.revocations,
      now,
      moments: createMoments(now),
      reach: 2_000,
    })
    const perform = createPerform({
      storage: { transaction },
      trail: trailOf(storage()),
      revocations,
      changes,
      announce: (said) => news.push(said),
      answers: { find: async () => undefined, remember: async (answer) => void remembered.push(answer) },
      seal,
      now,
      newId,
    })
    const of = (what: string, ids: readonly string[]) => async (work: Work) => {
      if (ids.length > 0) await work.revoke(ids)
      await work.record('x.revoke', { org }, { type: 'x', id: what })
      if (ids.length === 0) work.changed(org.id)
      return { what }
    }
    return { perform, of, news, remembered, published }
  }
  const heads = () => storage().reading.changes.since(0)

  it('that ends one token changes nothing else: no decision is made anew because of it', async () => {
    const { perform, of, news, published } = replica()
    const before = await heads()
    await perform(context, of('token', [`${'0'.repeat(26)}.key_1`]))
    expect(await heads()).to.deep.equal(before)
    expect([published, news.map(({ heads }) => heads.size)]).to.deep.equal([[], [0]])
    await perform(context, of('account', ['sa_1']))
    expect((await heads()).get(org.id)).to.equal((before.get(org.id) ?? 0) + 1)
    expect([published, news[1]?.heads.has(org.id)]).to.deep.equal([[org.id], true])
  })

  it('that was undone, and done by another before it was begun anew, leaves nothing of its own', async () => {
    const other = replica()
    const undone = new Error('undone')
    const { perform, of, news, remembered, published } = replica(async (work) => {
      const first = storage().transaction(async (stores) => {
        await work(stores)
        throw undone
      })
      await first.catch((error: unknown) => expect(error).to.equal(undone))
      await other.perform(context, other.of('the other', []), repeat)
      return storage().transaction(work)
    })
    expect(await perform(context, of('its own', []), repeat)).to.deep.equal({ what: 'the other' })
    expect(remembered).to.deep.equal([])
    expect([published, news.map(({ heads }) => heads.size)]).to.deep.equal([[], [0]])
    expect((await heads()).get(org.id)).to.equal(1)
    expect(await storage().reading.revocations.all(0)).to.deep.equal([])
  })
})
