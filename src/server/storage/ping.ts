/** Whether the database takes a write, for readiness. */
import { setTimeout as waited } from 'node:timers/promises'
import { StorageUnavailable } from '../errors/refusal.ts'

type Needs = {
  /** Asks something of the file. */
  read: () => void
  /** Writes something small, durably. */
  write: () => Promise<unknown>
}

/** ms. A probe gives up after a few seconds; it is to hear no rather than nothing. */
const patience = 1_000
/** ms that what a write told is good for: whoever asks often makes us write no more often. */
const goodFor = 1_000

/** Rejects with StorageUnavailable when reading or writing does not work, or not in time. */
export function createPing({ read, write }: Needs): () => Promise<void> {
  let last: { writing: Promise<unknown>; endedAt: number } | undefined

  /** Never a second one while the first is not through: probes must not queue up before those who have work to do. */
  function latest(): Promise<unknown> {
    if (last && performance.now() - last.endedAt < goodFor) return last.writing
    const fresh = { writing: write(), endedAt: Number.POSITIVE_INFINITY }
    const end = () => {
      fresh.endedAt = performance.now()
    }
    fresh.writing.then(end, end)
    last = fresh
    return fresh.writing
  }

  return async () => {
    read()
    const giveUp = new AbortController()
    const late = waited(patience, undefined, { signal: giveUp.signal }).then(() => {
      throw new StorageUnavailable(new Error(`nothing was written within ${patience} ms`))
    })
    late.catch(() => {})
    try {
      await Promise.race([latest(), late])
    } finally {
      giveUp.abort()
    }
  }
}
