/** One use, one access token: under a clock that stands still, since two tries may well fall into one millisecond. */
import { expect } from 'chai'
import { Refusal, StorageUnavailable } from '../../../src/server/errors/refusal.ts'
import type { VerifiedToken } from '../../../src/server/issuers/verify.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { createReplayGuard, type ReplayGuard } from '../../../src/server/tokens/replay.ts'
import { noon } from '../../support/nouns.ts'
import { registrationOf } from '../../support/registrations.ts'
import { tempDir } from '../../support/temp-dir.ts'

describe('tokens/replay', () => {
  const dataDir = tempDir()
  let storage: Storage
  let guard: ReplayGuard
  let now: number

  beforeEach(async () => {
    storage = await openStorage({ dataDir: dataDir() })
    now = noon
    guard = createReplayGuard({ store: storage.writing.replays, now: () => now })
  })
  afterEach(() => storage.close())

  const token = (digest: string, singleUseGrace = 0, singleUse = true) =>
    ({
      registration: registrationOf({ singleUse, singleUseGrace }),
      replayDigest: () => digest,
      expiresAt: noon / 1000 + 300,
    }) as unknown as VerifiedToken
  const outcome = (claimed: VerifiedToken) =>
    guard.claim(claimed).then(
      () => 'claimed',
      (error: unknown) => (error instanceof Refusal ? error.reason : error),
    )

  it('lets one of 200 through, all in the same millisecond', async () => {
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => outcome(token('a'))))
    expect(outcomes.filter((one) => one === 'claimed')).to.have.length(1)
    expect(outcomes.filter((one) => one === 'token_replayed')).to.have.length(199)
  })

  it('knows a token again after a restart, and when the clock was set back', async () => {
    expect(await outcome(token('a'))).to.equal('claimed')
    guard = createReplayGuard({ store: storage.writing.replays, now: () => now })
    for (const at of [noon, noon - 3_600_000, noon + 1]) {
      now = at
      expect(await outcome(token('a')), new Date(at).toISOString()).to.equal('token_replayed')
    }
    expect(await outcome(token('b'))).to.equal('claimed')
  })

  it('with a grace lets the same token through within it, to the millisecond, on both sides', async () => {
    const graceful = token('a', 10)
    expect(await outcome(graceful)).to.equal('claimed')
    for (const [off, expected] of [
      [0, 'claimed'],
      [10_000, 'claimed'],
      [-10_000, 'claimed'],
      [10_001, 'token_replayed'],
      [-10_001, 'token_replayed'],
    ] as const) {
      now = noon + off
      expect(await outcome(graceful), `${off} ms`).to.equal(expected)
    }
  })

  it('gives a token back when its claim led to nothing, to one of those who try again', async () => {
    const forgive = await guard.claim(token('a'))
    forgive()
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(token('a'))))
    expect(outcomes.filter((one) => one === 'claimed')).to.have.length(1)
  })

  it('takes a claim of which no answer came for its own, once, and nobody else does', async () => {
    const { replays } = storage.writing
    let lost = true
    const store: typeof replays = {
      ...replays,
      async claim(...claim) {
        const first = await replays.claim(...claim)
        if (lost) throw new StorageUnavailable(new Error('the answer was lost'))
        return first
      },
    }
    guard = createReplayGuard({ store, now: () => now })
    const elsewhere = createReplayGuard({ store: replays, now: () => now })
    expect(await outcome(token('a'))).to.equal('storage_unavailable')
    expect(await outcome(token('a'))).to.equal('storage_unavailable')
    lost = false
    expect(await elsewhere.claim(token('a')).catch(({ reason }: Refusal) => reason)).to.equal('token_replayed')
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(token('a'))))
    expect(outcomes.filter((one) => one === 'claimed')).to.have.length(1)
    expect(outcomes.filter((one) => one === 'token_replayed')).to.have.length(19)
  })

  it('does not give back what an earlier use within the grace has bought', async () => {
    await guard.claim(token('a', 10))
    const again = await guard.claim(token('a', 10))
    again()
    now = noon + 10_001
    expect(await outcome(token('a', 10))).to.equal('token_replayed')
  })

  it('asks nothing of an issuer that does not ask for it', async () => {
    for (let i = 0; i < 3; i++) expect(await outcome(token('a', 0, false))).to.equal('claimed')
  })
})
