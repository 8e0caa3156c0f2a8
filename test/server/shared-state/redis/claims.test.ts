import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createQuickClaims } from '../../../../src/server/shared-state/redis/claims.ts'
import { createStamp } from '../../../../src/server/shared-state/redis/stamp.ts'
import { openStorage } from '../../../../src/server/storage/open.ts'
import type { Storage } from '../../../../src/server/storage/storage.ts'
import type { ReplayStore } from '../../../../src/server/tokens/store.ts'
import { redisWorld } from '../../../support/redis-world.ts'
import { timed, until } from '../../../support/stopwatch.ts'
import { tempDir } from '../../../support/temp-dir.ts'

describe('shared-state/redis/claims', () => {
  const world = redisWorld()
  const dataDir = tempDir()
  const stamp = createStamp(randomBytes(32))
  const key = 'countersign:claim:digest'
  let storage: Storage
  let asked = 0
  /** The database, counted; away while it says why. */
  let isAway: Error | undefined
  const store: ReplayStore = {
    claim(...claim) {
      asked++
      return isAway ? Promise.reject(isAway) : storage.writing.replays.claim(...claim)
    },
    find: (digest) => storage.writing.replays.find(digest),
    purge: (now) => storage.writing.replays.purge(now),
  }
  const now = Date.now()
  const end = now + 600_000
  const open = async () => createQuickClaims({ connection: await world().open(), stamp, store })
  const remembered = () => until(async () => (await world().admin.exists(key)) === 1)

  beforeEach(async () => {
    storage = await openStorage({ dataDir: dataDir() })
    asked = 0
    isAway = undefined
  })
  afterEach(() => storage.close())

  it('says the quick no without the database, on another replica too', async () => {
    const [one, two] = [await open(), await open()]
    expect(await one.claim('digest', now, end)).to.equal(undefined)
    await remembered()
    expect(await world().admin.pttl(key)).to.be.within(590_000, 600_000)
    isAway = new Error('nobody should ask')
    expect(await one.claim('digest', now + 5, end)).to.equal(now)
    expect(await two.claim('digest', now + 6, end)).to.equal(now)
    expect(asked).to.equal(1)
  })

  it('lets nothing be replayed when Redis was emptied, and remembers again what the database says', async () => {
    const claims = await open()
    await claims.claim('digest', now, end)
    await remembered()
    await world().admin.flushall()
    expect(await claims.claim('digest', now + 9, end)).to.equal(now)
    await remembered()
    expect(await claims.claim('digest', now + 10, end)).to.equal(now)
    expect(asked).to.equal(2)
  })

  it('calls no retry a replay after a claim that the database did not take', async () => {
    const claims = await open()
    isAway = new Error('the database is away')
    expect((await timed(claims.claim('digest', now, end))).answer).to.equal(isAway)
    isAway = undefined
    expect(await claims.claim('digest', now + 9, end)).to.equal(undefined)
    expect(await claims.claim('digest', now + 10, end)).to.equal(now + 9)
  })

  it('believes no time of a first use that others wrote, nor that of another token', async () => {
    const claims = await open()
    await claims.claim('digest', now, end)
    await remembered()
    await claims.claim('later', now + 55, end)
    await until(async () => (await world().admin.exists('countersign:claim:later')) === 1)
    const theirs = await world().admin.get('countersign:claim:later')
    const foreign = createStamp(randomBytes(32)).on(`${now + 55} ${end}`, key)
    for (const value of [`${now + 55} ${end}`, `.${now + 55} ${end}`, theirs ?? '', foreign, 'x', '']) {
      await world().admin.set(key, value)
      expect(await claims.claim('digest', now + 60, end)).to.equal(now)
    }
  })

  for (const [fault, befall] of [
    ['killed', async () => world().server.kill()],
    ['a black hole', async () => world().proxy.blackHole()],
    ['slow', async () => world().proxy.slow(600)],
  ] as const)
    it(`asks the database while Redis is ${fault}, each answer in less than a second`, async () => {
      const claims = await open()
      await claims.claim('used', now, end)
      await befall()
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => timed(claims.claim('digest', now + 1, end))).concat(
          timed(claims.claim('used', now + 1, end)),
        ),
      )
      for (const { ms } of answers) expect(ms).to.be.below(1_000)
      const firsts = answers.map(({ answer }) => answer)
      expect(firsts.pop()).to.equal(now)
      expect(firsts.filter((first) => first === undefined)).to.have.length(1)
      expect(firsts.filter((first) => first === now + 1)).to.have.length(49)
    })
})
