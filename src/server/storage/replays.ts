import type { ReplayStore } from '../tokens/store.ts'
import type { Database } from './database.ts'

/** An expired claim counts until it is purged: a token that was used stays used. */
export function replays(db: Database): ReplayStore {
  return {
    async claim(digest, now, expiresAt, tryId) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('replay_claims')
        .values({ digest, first_at: now, expires_at: expiresAt, try_id: tryId ?? null })
        .onConflict((conflict) => conflict.column('digest').doNothing())
        .executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows === 1n) return undefined
      const first = await db
        .selectFrom('replay_claims')
        .select(['first_at', 'try_id'])
        .where('digest', '=', digest)
        .executeTakeFirst()
      if (tryId !== undefined && first?.try_id === tryId) return undefined
      // Purged between the two statements: it was claimed all the same.
      return first?.first_at ?? now
    },
    async find(digest) {
      const found = await db
        .selectFrom('replay_claims')
        .select('first_at')
        .where('digest', '=', digest)
        .executeTakeFirst()
      return found?.first_at
    },
    async purge(now) {
      await db.deleteFrom('replay_claims').where('expires_at', '<=', now).execute()
    },
  }
}
