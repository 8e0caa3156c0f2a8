/**
 * What replicas tell each other, in one process for now.
 * Rules of this room: entries name what changed, never what it is; nobody waits for a listener.
 */
import { LRUCache } from 'lru-cache'
import type { Change, Changes } from '../accounts/changes.ts'

export function createChanges(): Changes {
  const listeners: ((change: Change) => void)[] = []
  let published = 0
  /** The number of the last change of each organization; of the installation under null. */
  const last = new Map<string | null, number>()
  return {
    publish: (change) => {
      last.set(change.orgId, ++published)
      for (const listener of listeners) listener(change)
    },
    listen: (listener) => {
      listeners.push(listener)
    },
    mark: () => published,
    changedSince: (mark, orgId) => Math.max(last.get(orgId) ?? 0, last.get(null) ?? 0) > mark,
  }
}

type Loaded<T> = { value: T; orgIds: readonly string[] }
type Held<T> = Loaded<T> & { until: number }

/**
 * Remembers what `load` answered, by key, until one of the organizations that it speaks of changes, `ttl` ms have
 * passed, or `max` others were asked for since. An answer that names no organization is not kept, unless
 * `keepUnowned`: then it goes with any change at all.
 */
export function cached<T>(
  changes: Changes,
  { max, ttl, now, keepUnowned = false }: { max: number; ttl: number; now: () => number; keepUnowned?: boolean },
): (key: string, load: () => Promise<Loaded<T>>) => Promise<T> {
  const held = new LRUCache<string, Held<T>>({ max })
  let generation = 0
  changes.listen(({ orgId }) => {
    generation++
    for (const [key, { orgIds }] of held.entries()) {
      if (orgId === null || orgIds.length === 0 || orgIds.includes(orgId)) held.delete(key)
    }
  })
  return async (key, load) => {
    const found = held.get(key)
    if (found !== undefined && found.until > now()) return found.value
    // What was read before a change may be old when it arrives: only an answer of the same generation is kept.
    const asked = generation
    const loaded = await load()
    if (asked === generation && (keepUnowned || loaded.orgIds.length > 0))
      held.set(key, { ...loaded, until: now() + ttl })
    return loaded.value
  }
}
