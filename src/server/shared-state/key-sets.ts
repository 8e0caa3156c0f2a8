/** The keys of issuers, shared by nobody: for one process. */
import type { SharedKeySet, SharedKeySets } from '../issuers/store.ts'

/** Keeps the `max` sets that were put last. */
export function createLocalKeySets({ clock = Date.now, max = 10_000 } = {}): SharedKeySets {
  const sets = new Map<string, SharedKeySet>()
  const leases = new Map<string, number>()
  return {
    async get(id) {
      return sets.get(id)
    },
    async put(id, entry) {
      sets.delete(id)
      sets.set(id, entry)
      for (const oldest of sets.keys()) {
        if (sets.size <= max) break
        sets.delete(oldest)
      }
    },
    async remove(id) {
      sets.delete(id)
    },
    async lease(id, ms) {
      const until = clock() + ms
      if ((leases.get(id) ?? 0) > clock()) return undefined
      leases.set(id, until)
      return async () => {
        if (leases.get(id) === until) leases.delete(id)
      }
    },
  }
}
