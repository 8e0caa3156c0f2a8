/** What a process shares with others of the same installation; nothing, where it is the only one. */
import type { Changes } from '../accounts/changes.ts'
import { createSealer, type Sealer } from '../audit/sealer.ts'
import type { TrailStore } from '../audit/store.ts'
import { createWatch, type Heads, type Watch } from '../shared-state/watch.ts'
import type { Storage } from '../storage/storage.ts'
import type { Revocations } from '../tokens/revocations.ts'

/**
 * ms: what a revocation reaches beyond now. Until it is durable other processes know nothing of it; their clocks may
 * differ from ours by half of it.
 */
export const reachAmongReplicas = 2_000

export type Replicas = {
  watch: Watch
  sealer: Sealer
  /** For questions: what was durable before is in its chain when it is asked for. */
  trail: TrailStore
  heard: (heads: Heads) => void
  close(): Promise<void>
}

type Needs = {
  storage: Storage
  changes: Changes
  revocations: Pick<Revocations, 'apply'>
  reload: () => Promise<void>
  forget: (id: string) => void
  now: () => number
  report: (error: unknown) => void
}

/** Undefined for an embedded database, which one process serves. */
export function createReplicas({ storage, revocations, now, report, ...rest }: Needs): Replicas | undefined {
  const { sealing, reading } = storage
  if (!sealing) return undefined
  const watch = createWatch({ ...rest, reading, apply: (revoked) => revocations.apply(revoked), now, report })
  const sealer = createSealer({ sealing, now, report })
  return {
    watch,
    sealer,
    heard: watch.hear,
    trail: {
      ...reading.trail,
      async list(query) {
        await sealer.now()
        return reading.trail.list(query)
      },
    },
    async close() {
      await watch.close()
      await sealer.close()
    },
  }
}
