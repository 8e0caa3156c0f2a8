/** Revoking under clocks that are wrong: what was minted before dies, what is minted after lives. */
import { expect } from 'chai'
import { ulid } from '../../../src/protocol/ids.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { createMoments, type Moments } from '../../../src/server/tokens/moments.ts'
import { createRevocations, keptFor, type Revocations } from '../../../src/server/tokens/revocations.ts'
import { noon } from '../../support/nouns.ts'
import { tempDir } from '../../support/temp-dir.ts'

const hour = 3_600_000

describe('tokens/revocations and moments', () => {
  const dataDir = tempDir()
  let storage: Storage
  let now: number
  let moments: Moments
  let revocations: Revocations

  const start = async () => {
    moments = createMoments(() => now)
    revocations = createRevocations({ reading: storage.reading.revocations, now: () => now, moments })
    await revocations.load()
  }
  beforeEach(async () => {
    storage = await openStorage({ dataDir: dataDir() })
    now = noon
    await start()
  })
  afterEach(() => storage.close())

  const revoke = async (id: string) => {
    const closing = revocations.close([id])
    await storage.writing.revocations.save(closing.revocations)
    revocations.apply(closing.revocations)
    closing.open()
  }
  /** A token of the account, minted now. */
  const minted = () => {
    const at = moments.read()
    const token = ulid(at, new Uint8Array(10))
    return { lives: () => !revocations.ended({ token, others: ['sa_1'] }, at), token }
  }

  it('ends what was minted in the same millisecond, and not what is minted next in it', async () => {
    const before = minted()
    await revoke('sa_1')
    const after = minted()
    expect([before.lives(), after.lives()]).to.deep.equal([false, true])
  })

  it('ends what was minted while the clock was fast, and not what is minted when it is right again', async () => {
    now = noon + hour
    const before = minted()
    now = noon
    await revoke('sa_1')
    const after = minted()
    expect([before.lives(), after.lives()]).to.deep.equal([false, true])
  })

  it('ends a single token by its own id, whatever the clock says', async () => {
    now = noon + hour
    const { token, lives } = minted()
    now = noon
    await start()
    await revoke(token)
    expect(lives()).to.equal(false)
  })

  it('kills nothing that is minted after a revocation, though the clock was set back or the process started anew', async () => {
    await revoke('sa_1')
    now = noon - hour
    expect(minted().lives()).to.equal(true)
    await start()
    expect(minted().lives()).to.equal(true)
  })

  it('does not un-revoke when the clock jumps ahead for a while and is set back', async () => {
    const { lives } = minted()
    await revoke('sa_1')
    now = noon + 2 * hour
    await revocations.purge(storage.writing.revocations)
    now = noon
    expect(lives()).to.equal(false)
    await start()
    expect(lives()).to.equal(false)
  })

  it('forgets in the end', async () => {
    await revoke('sa_1')
    now = noon + keptFor + 2 * hour
    await revocations.purge(storage.writing.revocations)
    expect(await storage.reading.revocations.all(0)).to.deep.equal([])
  })

  it('among others ends also what was dated later because of another revocation, by whichever clock', async () => {
    const reach = 2_000
    const of = (clock: () => number) =>
      createRevocations({ reading: storage.reading.revocations, now: clock, moments: createMoments(clock), reach })
    const [ahead, behind] = [of(() => noon + 900), of(() => noon)]
    const [first] = ahead.close(['sa_1']).revocations
    for (const replica of [ahead, behind]) if (first) replica.apply([first])
    // As it is minted under the first.
    const at = ahead.after(['sa_1'])
    behind.apply(behind.close(['tp_1']).revocations)
    expect(behind.ended({ token: 't', others: ['sa_1', 'tp_1'] }, at)).to.equal(true)
  })

  it('among others goes back for what is minted once the clock is right again, and ends what it dated ahead', () => {
    let at = noon + 60_000
    const among = createMoments(() => at, false)
    expect(among.read()).to.equal(noon + 60_000)
    at = noon
    expect(among.read()).to.equal(noon)
    expect(among.pass()).to.equal(noon + 60_000)
    expect(among.read()).to.equal(noon)
  })

  it('is closing from the moment that a marker bears until it counts, for its ids alone', async () => {
    const closing = revocations.close(['sa_1', 'key_1'])
    const other = revocations.close(['sa_2'])
    expect(revocations.closing(['tp_1', 'sa_3'])).to.equal(undefined)
    const opened = revocations.closing(['tp_1', 'key_1'])
    expect(opened).to.be.instanceOf(Promise)
    closing.open()
    await opened
    expect(revocations.closing(['tp_1', 'key_1'])).to.equal(undefined)
    expect(revocations.closing(['sa_2'])).to.be.instanceOf(Promise)
    other.open()
  })
})
