import type { IdempotencyStore } from '../admin/store.ts'
import type { Database } from './database.ts'

export function idempotency(db: Database): IdempotencyStore {
  return {
    async find(scope, now) {
      const row = await db
        .selectFrom('idempotency_keys')
        .selectAll()
        .where('scope', '=', scope)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return row && { scope: row.scope, digest: row.digest, sealed: row.sealed, expiresAt: row.expires_at }
    },
    async save({ scope, digest, sealed, expiresAt }) {
      const answer = { digest, sealed, expires_at: expiresAt }
      await db
        .insertInto('idempotency_keys')
        .values({ scope, ...answer })
        .onConflict((conflict) => conflict.column('scope').doUpdateSet(answer))
        .execute()
    },
    async purge(now) {
      await db.deleteFrom('idempotency_keys').where('expires_at', '<=', now).execute()
    },
  }
}
