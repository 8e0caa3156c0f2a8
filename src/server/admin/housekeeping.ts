/** What has to happen by itself: signing keys take turns, and what is past its time goes. */
import type { Storage } from '../storage/storage.ts'
import type { Keyring } from '../tokens/keyring.ts'
import type { Moments } from '../tokens/moments.ts'
import { keptFor, type Revocations } from '../tokens/revocations.ts'
import type { Perform } from './perform.ts'

type Needs = {
  storage: Pick<Storage, 'writing'>
  keyring: Pick<Keyring, 'tend' | 'load' | 'state'>
  revocations: Pick<Revocations, 'load' | 'purge'>
  /** Kept for the next start of the one process; undefined where there are others. */
  moments: Pick<Moments, 'read' | 'after'> | undefined
  perform: Perform
  now: () => number
  newRequestId: () => string
  report: (error: unknown) => void
  /** In ms. */
  every?: number | undefined
}

const latestMoment = 'latest_moment'

export function createHousekeeping({
  storage,
  keyring,
  revocations,
  moments,
  perform,
  now,
  newRequestId,
  report,
  every = 60_000,
}: Needs) {
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> | undefined

  const tendKeys = async () => {
    const origin = { requestId: newRequestId(), client: { ip: '', user_agent: '' } }
    await perform({ actor: { type: 'system' }, ...origin }, async (work) => {
      const { changed } = await keyring.tend(work.stores.signingKeys)
      if (changed) {
        await work.record('signing_key.schedule', {}, { type: 'signing_key' })
        work.changed(null)
      }
      return {}
    })
    await keyring.load()
  }
  /** How far minting has come, so that a revocation reaches it after a restart too, though the clock was set back. */
  const keepMoment = async () => {
    if (moments) await storage.writing.values.set(latestMoment, String(moments.read()))
  }
  const recallMoment = async () => {
    if (!moments) return
    const kept = Number(await storage.writing.values.get(latestMoment))
    if (kept > 0) moments.after(kept + every)
  }
  const purge = async () => {
    const { writing } = storage
    // A revocation whose durable write was never confirmed to us counts from here on.
    await revocations.load()
    await revocations.purge(writing.revocations)
    await writing.replays.purge(now() - keptFor)
    await writing.idempotency.purge(now())
    await writing.logins.purge(now())
    await writing.sessions.purge(now())
  }
  /** One after the other, however long one takes; a failure waits for the next. */
  const tick = () => {
    underWay ??= tendKeys()
      .then(keepMoment)
      .then(purge)
      .catch(report)
      .finally(() => {
        underWay = undefined
      })
  }
  return {
    /** What a start needs. */
    async run() {
      await recallMoment()
      await tendKeys()
    },
    start() {
      timer = setInterval(tick, every)
      timer.unref()
    },
    /** Resolves when what is under way is done: storage may then be closed. */
    async stop() {
      clearInterval(timer)
      await underWay
    },
  }
}
