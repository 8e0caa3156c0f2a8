import { createSealer } from '../../src/server/audit/sealer.ts'
import type { TrailStore } from '../../src/server/audit/store.ts'
import { createTrail, type Trail } from '../../src/server/audit/trail.ts'
import type { Storage } from '../../src/server/storage/storage.ts'
import { newId } from './nouns.ts'

/** A trail over the storage, as the house has it. `store`: what it appends through, when that is watched. */
export const trailOf = (storage: Storage, store: TrailStore = storage.writing.trail): Trail =>
  createTrail({ store, newId })

/** Links what waits, where events wait. */
export const sealed = async ({ sealing }: Storage): Promise<void> => {
  if (!sealing) return
  const report = (error: unknown) => {
    throw error
  }
  await createSealer({ sealing, now: Date.now, report }).now()
}
