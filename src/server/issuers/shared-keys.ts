/** How replicas share one fetch: what another has fetched is taken over, and only one of them fetches at a time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isQuiet, type KeyState } from './key-clocks.ts'
import { takeKeySet } from './key-set.ts'
import type { Release, SharedKeySets } from './store.ts'

/** `current`: whether anybody still wants it. */
type Subject = { readonly source: string; readonly state: KeyState; readonly current: boolean }

export type Sharing = {
  /** Runs `fetch` (which brings `subject.state` up to date), unless another replica has done so or is doing it. */
  once(id: string, subject: Subject, fetch: () => Promise<void>): Promise<void>
  /** Runs `fetch`, whatever others do, and shares what came of it. */
  anew(id: string, subject: Subject, fetch: () => Promise<void>): Promise<void>
  /** Forgets what is shared. */
  drop(id: string): Promise<void>
}

/** Longer than discovery and the key set together may take. */
const leaseTime = 12_000
const pollTime = 100

export function shareKeys(
  shared: SharedKeySets | undefined,
  clock: () => number,
  report: (error: unknown) => void,
): Sharing {
  if (!shared)
    return { once: (_id, _subject, fetch) => fetch(), anew: (_id, _subject, fetch) => fetch(), drop: async () => {} }
  const store = shared

  /** What is shared being away is no reason not to verify a token. */
  const orElse = <T, U>(work: Promise<T>, instead: U): Promise<T | U> =>
    work.catch((error) => {
      report(error)
      return instead
    })
  const alone: Release = async () => {}

  async function once(id: string, subject: Subject, fetch: () => Promise<void>): Promise<void> {
    const { attemptedAt } = subject.state
    for (let waited = 0; waited <= leaseTime; waited += pollTime) {
      const release = await orElse(store.lease(id, leaseTime), alone)
      if (release) return first(id, subject, fetch, release)
      // Another replica is fetching: its result is ours. Should it be lost on the way, we are the next to fetch.
      await sleep(pollTime)
      await takeOver(id, subject)
      if (subject.state.attemptedAt !== attemptedAt) return
    }
  }

  async function first(id: string, subject: Subject, fetch: () => Promise<void>, release: Release): Promise<void> {
    try {
      if (await takeOver(id, subject)) return
      await anew(id, subject, fetch)
    } finally {
      await orElse(release(), undefined)
    }
  }

  async function anew(id: string, subject: Subject, fetch: () => Promise<void>): Promise<void> {
    await fetch()
    const { source, state, current } = subject
    // Refreshed meanwhile: what was under way before may bring what was to be dropped.
    if (!current) return
    const { set: _, ...kept } = state
    await orElse(store.put(id, { source, ...kept }), undefined)
  }

  /** Takes over what is newer than ours. True when nothing is left to do: somebody tried so lately that it is quiet. */
  async function takeOver(id: string, { source, state }: Subject): Promise<boolean> {
    const theirs = await orElse(store.get(id), undefined)
    if (theirs?.source !== source || theirs.attemptedAt <= state.attemptedAt) return false
    const { attemptedAt, failures, message, jwks, fetchedAt, freshUntil } = theirs
    Object.assign(state, { attemptedAt, failures, message })
    if (fetchedAt > state.fetchedAt) {
      const taken = takeKeySet(jwks, { uploaded: false })
      if (taken.ok) Object.assign(state, { set: taken.set, jwks, fetchedAt, freshUntil })
    }
    return isQuiet(state, clock())
  }

  return { once, anew, drop: (id) => orElse(store.remove(id), undefined) }
}
