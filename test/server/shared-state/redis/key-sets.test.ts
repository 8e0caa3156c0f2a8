import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import type { SharedKeySet } from '../../../../src/server/issuers/store.ts'
import { createSharedKeySets } from '../../../../src/server/shared-state/redis/key-sets.ts'
import { createSeal } from '../../../../src/server/tokens/seal.ts'
import { redisWorld } from '../../../support/redis-world.ts'
import { timed } from '../../../support/stopwatch.ts'

describe('shared-state/redis/key-sets', () => {
  const world = redisWorld()
  const masterKey = randomBytes(32)
  const seal = createSeal(masterKey)
  const entry: SharedKeySet = {
    source: 'https://idp.example',
    jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] },
    fetchedAt: 1,
    freshUntil: 2,
    attemptedAt: 1,
    failures: 0,
    message: null,
  }
  const open = async () => createSharedKeySets({ connection: await world().open(), seal })

  it('takes nothing that was put there by others, or for another registration', async () => {
    const sets = await open()
    const { admin } = world()
    const forged = [JSON.stringify(entry), createSeal(randomBytes(32)).close(Buffer.from('{}'), 'jwks:iss_1'), '', 'x']
    for (const value of forged) {
      await admin.set('countersign:jwks:iss_1', value)
      expect(await sets.get('iss_1')).to.equal(undefined)
    }
    await sets.put('iss_2', entry)
    await admin.copy('countersign:jwks:iss_2', 'countersign:jwks:iss_1', 'REPLACE')
    expect(await sets.get('iss_1')).to.equal(undefined)
    expect(await sets.get('iss_2')).to.deep.equal(entry)
  })

  it('keeps what opens with the previous master key, while that is changed', async () => {
    await (await open()).put('iss_1', entry)
    const connection = await world().open()
    const changing = createSharedKeySets({ connection, seal: createSeal(randomBytes(32), masterKey) })
    expect(await changing.get('iss_1')).to.deep.equal(entry)
  })

  it('keeps it for 26 hours, and leases for as long as was said', async () => {
    const sets = await open()
    await sets.put('iss_1', entry)
    await sets.lease('iss_1', 12_000)
    const { admin } = world()
    expect(await admin.pttl('countersign:jwks:iss_1')).to.be.within(26 * 3_600_000 - 5_000, 26 * 3_600_000)
    expect(await admin.pttl('countersign:jwks-lease:iss_1')).to.be.within(7_000, 12_000)
  })

  for (const [fault, befall] of [
    ['killed', async () => world().server.kill()],
    ['a black hole', async () => world().proxy.blackHole()],
  ] as const)
    it(`knows nothing and lets each go alone while Redis is ${fault}, in less than a second`, async () => {
      const sets = await open()
      await sets.put('iss_1', entry)
      const held = await sets.lease('iss_2', 10_000)
      await befall()
      const { answer, ms } = await timed(
        (async () => [
          await sets.get('iss_1'),
          await sets.put('iss_1', entry),
          await sets.remove('iss_1'),
          await held?.(),
        ])(),
      )
      expect(answer).to.deep.equal([undefined, undefined, undefined, undefined])
      expect(ms).to.be.below(1_000)
      const release = await sets.lease('iss_2', 10_000)
      expect(release).to.be.a('function')
      await release?.()
    })

  it('is empty after Redis was emptied, and fills again', async () => {
    const sets = await open()
    await sets.put('iss_1', entry)
    await world().admin.flushall()
    expect(await sets.get('iss_1')).to.equal(undefined)
    await sets.put('iss_1', entry)
    expect(await sets.get('iss_1')).to.deep.equal(entry)
  })
})
