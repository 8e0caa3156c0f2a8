import { hash, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createQuickAnswers } from '../../../../src/server/shared-state/redis/answers.ts'
import { createStamp } from '../../../../src/server/shared-state/redis/stamp.ts'
import { redisWorld } from '../../../support/redis-world.ts'
import { timed } from '../../../support/stopwatch.ts'

describe('shared-state/redis/answers', () => {
  const world = redisWorld()
  const stamp = createStamp(randomBytes(32))
  const now = Date.now()
  const answer = { scope: 'user_1 POST /api/v1/orgs key', digest: 'd', sealed: 's', expiresAt: now + 86_400_000 }
  const open = async () => createQuickAnswers({ connection: await world().open(), stamp })

  it('finds what another replica remembers, until it expires', async () => {
    const [one, two] = [await open(), await open()]
    expect(await two.find(answer.scope, now)).to.equal(undefined)
    await one.remember(answer, now)
    expect(await two.find(answer.scope, now)).to.deep.equal(answer)
    expect(await two.find('another', now)).to.equal(undefined)
    expect(await two.find(answer.scope, answer.expiresAt)).to.equal(undefined)
    const [key = ''] = await world().admin.keys('countersign:answer:*')
    expect(key).to.match(/^countersign:answer:[0-9a-f]{64}$/)
    expect(await world().admin.pttl(key)).to.be.within(86_390_000, 86_400_000)
  })

  it('takes no answer that others wrote, or that was given elsewhere', async () => {
    const answers = await open()
    await answers.remember(answer, now)
    await answers.remember({ ...answer, scope: 'other' }, now)
    const [key, other] = [answer.scope, 'other'].map((scope) => `countersign:answer:${hash('sha256', scope)}`) as [
      string,
      string,
    ]
    await world().admin.copy(other, key, 'REPLACE')
    expect(await answers.find(answer.scope, now)).to.equal(undefined)
    await world().admin.set(key, JSON.stringify(answer))
    await world().admin.set(other, JSON.stringify({ ...answer, scope: 'other' }))
    expect([await answers.find(answer.scope, now), await answers.find('other', now)]).to.deep.equal([
      undefined,
      undefined,
    ])
  })

  it('knows nothing while Redis is away, and says so at once', async () => {
    const answers = await open()
    await answers.remember(answer, now)
    world().proxy.blackHole()
    const { answer: found, ms } = await timed(answers.find(answer.scope, now))
    expect(found).to.equal(undefined)
    expect(ms).to.be.below(1_000)
    expect((await timed(answers.remember(answer, now))).ms).to.be.below(200)
  })
})
