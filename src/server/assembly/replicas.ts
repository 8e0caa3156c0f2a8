/** What a process shares with others of the same installation; nothing, where it is the only one. */
import type { Changes } from '../accounts/changes.ts'
import type { TrailStore } from '../audit/store.ts'
import type { Keys } from '../issuers/keys.ts'
import type { Settings } from '../settings.ts'
import { createWatch, type Heads, type Watch } from '../shared-state/watch.ts'
import type { Storage } from '../storage/storage.ts'
import type { Keyring } from '../tokens/keyring.ts'
import type { Revocations } from '../tokens/revocations.ts'
import { sealAside } from './sealer-aside.ts'
import type { SharedMemory } from './shared-memory.ts'

/**
 * ms: what a revocation reaches beyond now. Until it is durable other processes know nothing of it; their clocks may
 * differ from ours by half of it.
 */
export const reachAmongReplicas = 2_000

export type Replicas = {
  watch: Watch
  /** For questions: what was durable before is in its chain when it is asked for. */
  trail: TrailStore
  heard: (heads: Heads) => void
  /** What the others have done so far. */
  load(): Promise<void>
  start(): void
  close(): Promise<void>
}

type Needs = {
  storage: Storage
  settings: Pick<Settings, 'databaseUrl'>
  changes: Changes
  revocations: Pick<Revocations, 'apply' | 'load'>
  keyring: Pick<Keyring, 'load'>
  keys: Pick<Keys, 'forget'>
  memory: Pick<SharedMemory, 'forgetKeys' | 'listen'>
  now: () => number
  report: (error: unknown) => void
}

/** Undefined for an embedded database, which one process serves. */
export function createReplicas(needs: Needs): Replicas | undefined {
  const { settings, storage, changes, revocations, keyring, keys, memory, now, report } = needs
  const { sealing, reading } = storage
  const { databaseUrl: url } = settings
  if (!sealing || url === undefined) return undefined
  const reload = async () => {
    await revocations.load()
    await keyring.load()
  }
  const forget = (id: string) => {
    keys.forget(id)
    memory.forgetKeys(id)
  }
  const { apply } = revocations
  const watch = createWatch({ changes, reading, apply, reload, forget, now, report })
  const sealer = sealAside({ url, report })
  return {
    watch,
    heard: watch.hear,
    load: watch.load,
    start() {
      watch.start()
      memory.listen({ hear: watch.hear, apply, resync: watch.look })
      sealer.start()
    },
    trail: {
      ...reading.trail,
      async list(query) {
        await sealer.now()
        return reading.trail.list(query)
      },
      async span(orgId) {
        await sealer.now()
        return reading.trail.span(orgId)
      },
    },
    async close() {
      await watch.close()
      await sealer.close()
    },
  }
}
