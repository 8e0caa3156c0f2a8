/**
 * What is dead before its time.
 * Rules: the database is the truth and is written first; a marker lives as long as the longest token it could end.
 */
import type { Revocation, RevocationStore } from './store.ts'

/** Longest life of an access token, and what clocks may differ by. Seconds. */
export const longestLife = 3600
const margin = 300

export interface Revocations {
  /** Reads everything that is in force. */
  load(): Promise<void>
  /** Writes markers for `ids` through `store` (a transaction's, or the writing one); `apply` them once that is durable. */
  save(store: RevocationStore, ids: readonly string[]): Promise<Revocation[]>
  /** Makes them count in this process. Resolves once the clock has passed them, so that what is minted next lives. */
  apply(revocations: readonly Revocation[]): Promise<void>
  /** Whether one of the ids was revoked at or after `mintedAt` (ms). */
  ended(ids: readonly string[], mintedAt: number): boolean
  purge(store: RevocationStore): Promise<void>
}

export function createRevocations({ reading, now }: { reading: RevocationStore; now: () => number }): Revocations {
  const inForce = new Map<string, Revocation>()
  const keep = (revocation: Revocation) => {
    const known = inForce.get(revocation.id)
    if (!known || known.before < revocation.before) inForce.set(revocation.id, revocation)
  }
  return {
    async load() {
      for (const revocation of await reading.all(now())) keep(revocation)
    },
    async save(store, ids) {
      const before = now()
      const expiresAt = before + (longestLife + margin) * 1000
      const revocations = ids.map((id) => ({ id, before, expiresAt }))
      await store.save(revocations)
      return revocations
    },
    async apply(revocations) {
      for (const revocation of revocations) keep(revocation)
      const last = Math.max(0, ...revocations.map(({ before }) => before))
      while (now() <= last) await new Promise((resolve) => setTimeout(resolve, 1))
    },
    ended: (ids, mintedAt) => ids.some((id) => (inForce.get(id)?.before ?? -1) >= mintedAt),
    async purge(store) {
      for (const [id, { expiresAt }] of inForce) if (expiresAt <= now()) inForce.delete(id)
      await store.purge(now())
    },
  }
}
