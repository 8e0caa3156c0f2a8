/**
 * What other replicas changed, learned from the database: asked every second, and told by whatever else brings numbers of
 * changes here (an append to the journal, the feed). A number that is not the one we know means: forget what we
 * remember of that organization. Whoever decides on what we know is as late as the last look, no later.
 */
import type { ChangeStore, Changes } from '../accounts/changes.ts'
import { installation } from '../audit/event.ts'
import type { Revocation, RevocationStore } from '../tokens/store.ts'

export type Heads = ReadonlyMap<string, number>

export interface Watch {
  /** Everything that is in force, at the start or after we were away. */
  load(): Promise<void>
  start(): void
  /** Looks at once: resolves when all is known that was durable before the call. */
  look(): Promise<void>
  /** What somebody else says of the numbers. */
  hear(heads: Heads): void
  /** While it is known that something changed, but not yet what; rejects when that cannot be read. */
  settling(): Promise<void> | undefined
  close(): Promise<void>
}

type Needs = {
  changes: Changes
  reading: { changes: ChangeStore; revocations: Pick<RevocationStore, 'since'> }
  apply: (revocations: readonly Revocation[]) => void
  /** Signing keys may have changed. */
  reload: () => Promise<void>
  /** Something that is no organization: an issuer, whose keys were dropped. */
  forget: (id: string) => void
  now: () => number
  report: (error: unknown) => void
  /** ms between looks. */
  every?: number
}

/** ms: how long before its number a change may become visible, and what clocks may differ by. */
const overlap = 120_000

export function createWatch({ changes, reading, apply, reload, forget, now, report, every = 1_000 }: Needs): Watch {
  const known = new Map<string, number>()
  /** Signing keys changed, and were not read yet. */
  let keysOld = false
  /** Something is known to have changed, but not yet what. */
  let behind = false
  /** How often we heard of something, and when the last look began that succeeded. */
  let heard = 0
  let lookedAt = 0
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let next: Promise<void> | undefined

  // What this process changed, it knows; of two changes the later counts for both, since one organization's are in order.
  changes.listen(({ orgId, n }) => {
    // Unless another's came before it: that is still to be heard of.
    const id = orgId ?? installation
    if (n !== undefined && n === (known.get(id) ?? 0) + 1) known.set(id, n)
  })

  /** Whether there was anything new. An answer may be older than what we know by now. */
  function take(heads: Heads): boolean {
    let news = false
    for (const [id, n] of heads) {
      if ((known.get(id) ?? 0) >= n) continue
      news = true
      known.set(id, n)
      if (id === installation) {
        keysOld = true
        behind = true
        changes.publish({ orgId: null })
      } else if (id.startsWith('iss_')) forget(id)
      else changes.publish({ orgId: id })
    }
    return news
  }

  async function read(): Promise<void> {
    // Revocations after the numbers: whoever knows of a change then knows what it ended, too.
    const at = now()
    const from = Math.min(at, lookedAt) - overlap
    const heads = await reading.changes.since(from)
    apply(await reading.revocations.since(from))
    take(heads)
    lookedAt = at
    if (!keysOld) return
    // What is heard while they are read is for the next look.
    keysOld = false
    try {
      await reload()
    } catch (error) {
      keysOld = true
      throw error
    }
  }

  /** A look that begins now, or when the one under way has ended: it may have begun too early. */
  function look(): Promise<void> {
    next ??= (looking ?? Promise.resolve())
      .catch(() => {})
      .then(async () => {
        looking = next
        next = undefined
        const begun = heard
        await read()
        // What was heard meanwhile is for the next one.
        if (begun === heard) behind = false
      })
      .then(
        () => {},
        (error: unknown) => {
          behind = true
          throw error
        },
      )
      .finally(() => {
        if (next === undefined) looking = undefined
      })
    next.catch(() => {})
    return next
  }

  return {
    async load() {
      lookedAt = now()
      const heads = await reading.changes.since(0)
      apply(await reading.revocations.since(0))
      known.clear()
      for (const [id, n] of heads) known.set(id, n)
      changes.publish({ orgId: null })
      await reload()
    },
    look,
    hear(heads) {
      if (!take(heads)) return
      // The numbers alone do not say what was revoked.
      behind = true
      heard += 1
      look().catch(report)
    },
    settling: () => (behind ? look() : undefined),
    start() {
      timer = setInterval(() => {
        if (!looking) look().catch(report)
      }, every)
      timer.unref()
    },
    async close() {
      clearInterval(timer)
      await Promise.allSettled([looking, next])
    },
  }
}
