/**
 * What replicas tell each other, in one process for now.
 * Rules of this room: entries name what changed, never what it is; nobody waits for a listener.
 */
import { LRUCache } from 'lru-cache'
import type { Change, Changes } from '../accounts/changes.ts'
import { StorageUnavailable } from '../errors/refusal.ts'

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

/** ms beyond its time that an answer serves while the storage is away: as long as a token lives. */
const awayFor = 3_600_000
/** ms that it serves before the storage is asked again. */
const restFor = 5_000

/** An answer, and the organizations that it speaks of. */
export type Loaded<T> = {
  value: T
  orgIds: readonly string[]
  /** Where all answers together are bounded. */
  size?: number
  /** Somebody else remembers it, for as long as it may be remembered. */
  passing?: boolean
}
type Held<T> = Loaded<T> & { mark: number; until: number; restedUntil?: number }
export type Bounds = {
  /** Answers kept. */
  max: number
  /** Of all answers together, each of the size that it was loaded with. */
  maxSize?: number
  /** ms. */
  ttl: number
  now: () => number
  /** An answer that speaks of no organization is kept too, until anything at all changes. */
  keepUnowned?: boolean
}

/**
 * Remembers what `load` answered, by key, until one of the organizations that it speaks of changes, `ttl` ms have
 * passed, or so many others were asked for since. Whether it still counts is asked when it is: a change costs nothing.
 */
export function cached<T>(
  changes: Changes,
  { max, maxSize, ttl, now, keepUnowned = false }: Bounds,
): (key: string, load: () => Promise<Loaded<T>>) => Promise<T> {
  const sized = maxSize && { maxSize, sizeCalculation: ({ size }: Held<T>) => size ?? 1 }
  const held = new LRUCache<string, Held<T>>({ max, ...sized })
  const moved = ({ orgIds, mark }: Held<T>): boolean =>
    orgIds.length === 0 ? changes.mark() !== mark : orgIds.some((orgId) => changes.changedSince(mark, orgId))
  const rests = (one: Held<T>): boolean => (one.restedUntil ?? 0) > now() && !moved(one)
  const counts = (one: Held<T>): boolean => one.until > now() && !moved(one)
  return async (key, load) => {
    const found = held.get(key)
    if (found && (counts(found) || rests(found))) return found.value
    // Before the look-up: what is read before a change and arrives after it is old when it is asked for again.
    const mark = changes.mark()
    let loaded: Loaded<T>
    try {
      loaded = await load()
    } catch (error) {
      // Old, but as it is known; while the storage is away, nobody can have changed it unheard for longer than this.
      const serves = found && !moved(found) && found.until + awayFor > now()
      if (!(error instanceof StorageUnavailable) || !serves) throw error
      // Nobody else waits for storage that was away a moment ago.
      found.restedUntil = now() + restFor
      return found.value
    }
    if (!loaded.passing && (keepUnowned || loaded.orgIds.length > 0))
      held.set(key, { ...loaded, mark, until: now() + ttl })
    return loaded.value
  }
}
