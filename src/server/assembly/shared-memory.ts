/**
 * What a process remembers that others should know of too: in Redis where there is one, else in this process alone.
 * Redis is never the truth: with it emptied or away the database says all of it, only later or more slowly.
 */
import type { Failures } from '../accounts/failures.ts'
import type { News } from '../admin/perform.ts'
import type { IdempotencyStore, KeptAnswer } from '../admin/store.ts'
import type { SharedKeySets } from '../issuers/store.ts'
import type { Settings } from '../settings.ts'
import { createFailures } from '../shared-state/failures.ts'
import { createLocalKeySets } from '../shared-state/key-sets.ts'
import type { Seal } from '../tokens/seal.ts'
import type { ReplayStore, Revocation } from '../tokens/store.ts'

/** What is heard of others. */
export type Hears = {
  hear(heads: ReadonlyMap<string, number>): void
  apply(revoked: readonly Revocation[]): void
  /** Some of it may have been missed. */
  resync(): Promise<void>
}

export type SharedMemory = {
  keySets: SharedKeySets
  /** Another replica dropped the keys of this registration. */
  forgetKeys(id: string): void
  /** `name`: what is counted. */
  failures(name: string, perMinute: number): Failures
  claims(store: ReplayStore): ReplayStore
  answers?: Pick<IdempotencyStore, 'find'> & { remember(answer: KeptAnswer, now: number): Promise<void> }
  announce(news: News): void
  /** To be called once, when everything can be heard. */
  listen(hears: Hears): void
  /** Undefined where there is nobody to be away. */
  state?: () => Promise<'ok' | 'unavailable'>
  close(): Promise<void>
}

type Needs = { settings: Settings; seal: Seal; now: () => number; report: (error: unknown) => void }

export async function openSharedMemory({ settings, seal, now, report }: Needs): Promise<SharedMemory> {
  if (!settings.redis) return ownMemory(now)
  const { redisMemory } = await import('./redis-memory.ts')
  return redisMemory({ settings, redis: settings.redis, seal, report })
}

function ownMemory(now: () => number): SharedMemory {
  const keySets = createLocalKeySets({ clock: now })
  return {
    keySets,
    forgetKeys: (id) => void keySets.remove(id),
    failures: (_name, perMinute) => createFailures(perMinute),
    claims: (store) => store,
    announce() {},
    listen() {},
    async close() {},
  }
}
