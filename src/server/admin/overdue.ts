/**
 * Where other processes mint, a revocation that became durable later than it reaches has not ended all that it should.
 * Rules of this file: it is made anew before anybody hears that the deed is done; when that fails the caller hears so, and
 * it is tried on until it succeeds, since the deed itself stands.
 */
import { setTimeout as waited } from 'node:timers/promises'
import type { Storage, Stores } from '../storage/storage.ts'
import type { Closing, Revocations } from '../tokens/revocations.ts'
import type { Revocation } from '../tokens/store.ts'

type Needs = {
  storage: Pick<Storage, 'transaction'>
  revocations: Pick<Revocations, 'overdue'>
  now: () => number
  /** ms between tries. */
  every?: number
}

export const reachingOf = (closings: readonly Closing[]): readonly Revocation[] =>
  closings.filter(({ reaches }) => reaches).flatMap(({ revocations }) => revocations)

/**
 * After the commit: resolves with what had to be made anew. `finish`: goes along with that, and is done too when nothing
 * was overdue; should only that fail, it is as if the process had ended before.
 */
export type CatchUp = (
  reaching: readonly Revocation[],
  finish?: (stores: Stores) => Promise<void>,
) => Promise<readonly Revocation[]>

export function createCatchUp({ storage, revocations, now, every = 1_000 }: Needs): CatchUp {
  const save = (overdue: readonly Revocation[], finish?: (stores: Stores) => Promise<void>) =>
    storage.transaction(async (stores) => {
      await stores.revocations.save(overdue)
      await finish?.(stores)
    })

  async function insist(overdue: readonly Revocation[]): Promise<void> {
    while (overdue.some(({ expiresAt }) => expiresAt > now())) {
      await waited(every, undefined, { ref: false })
      try {
        return await save(overdue)
      } catch {
        // Storage is still away.
      }
    }
  }

  return async (reaching, finish) => {
    const overdue = revocations.overdue(reaching)
    if (overdue.length === 0 && !finish) return overdue
    try {
      await save(overdue, finish)
    } catch (error) {
      if (overdue.length === 0) return overdue
      void insist(overdue)
      throw error
    }
    return overdue
  }
}
