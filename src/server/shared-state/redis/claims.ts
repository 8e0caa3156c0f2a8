/**
 * The quick no to a token that was used before.
 * The database alone says that a token is used for the first time. What it said is kept in Redis afterwards, never
 * before: a claim that failed leaves nothing behind that would call the next try a replay, and with Redis emptied or
 * away the database answers all.
 */
import type { ReplayStore } from '../../tokens/store.ts'
import { type Connection, keyOf } from './connection.ts'
import type { Stamp } from './stamp.ts'

type Needs = {
  connection: Connection
  /** The time of the first use decides whether a second is within its grace, so nobody else may set it. */
  stamp: Stamp
  /** The truth. */
  store: ReplayStore
}

/** As many as the guard remembers (tokens/replay.ts). */
const mostUnanswered = 10_000

export function createQuickClaims({ connection, stamp, store }: Needs): ReplayStore {
  /** When it was claimed, if Redis knows. */
  async function recall(digest: string, now: number): Promise<number | undefined> {
    const key = keyOf('claim', digest)
    const stamped = await connection.ask((redis) => redis.get(key)).catch(() => null)
    const [first, expiresAt] = (stamped && stamp.read(stamped, key))?.split(' ').map(Number) ?? []
    // Clocks differ: what has expired by ours is for the database, which may have purged it.
    return expiresAt !== undefined && expiresAt > now ? first : undefined
  }

  async function remember(digest: string, first: number, now: number, expiresAt: number): Promise<void> {
    if (expiresAt <= now) return
    const key = keyOf('claim', digest)
    const stamped = stamp.on(`${first} ${expiresAt}`, key)
    await connection.ask((redis) => redis.set(key, stamped, 'PX', expiresAt - now, 'NX')).catch(() => {})
  }

  /** Tries that had no answer: the database knows which of them was the first, and Redis, from others, only that one was. */
  const unanswered = new Set<string>()
  async function asked(...claim: Parameters<ReplayStore['claim']>): Promise<number | undefined> {
    const [, , , tryId] = claim
    try {
      return await store.claim(...claim)
    } catch (error) {
      if (tryId !== undefined && unanswered.size < mostUnanswered) unanswered.add(tryId)
      throw error
    }
  }

  return {
    async claim(digest, now, expiresAt, tryId) {
      const isAgain = tryId !== undefined && unanswered.delete(tryId)
      const known = isAgain ? undefined : await recall(digest, now)
      if (known !== undefined) return known
      const first = await asked(digest, now, expiresAt, tryId)
      // Nobody waits for it: until it is there the database is asked.
      void remember(digest, first ?? now, now, expiresAt)
      return first
    },
    find: (digest) => store.find(digest),
    purge: (now) => store.purge(now),
  }
}
