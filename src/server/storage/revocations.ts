import { sql } from 'kysely'
import type { Revocation, RevocationStore } from '../tokens/store.ts'
import { atomically, type Database } from './database.ts'

/** Rows in one statement, far below any database's limit of parameters. */
const chunk = 500

/** One row an id: an upsert may not meet its own row twice. */
function latest(revocations: readonly Revocation[]): Revocation[] {
  const byId = new Map<string, Revocation>()
  for (const { id, before, expiresAt } of revocations) {
    const other = byId.get(id) ?? { before, expiresAt }
    byId.set(id, { id, before: Math.max(before, other.before), expiresAt: Math.max(expiresAt, other.expiresAt) })
  }
  return [...byId.values()]
}

const later = (column: 'dead_before' | 'expires_at') => {
  const [given, kept] = [sql.ref(`excluded.${column}`), sql.ref(`revocations.${column}`)]
  return sql<number>`case when ${given} > ${kept} then ${given} else ${kept} end`
}

async function save(db: Database, revocations: readonly Revocation[]): Promise<void> {
  await db
    .insertInto('revocations')
    .values(revocations.map(({ id, before, expiresAt }) => ({ id, dead_before: before, expires_at: expiresAt })))
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ dead_before: later('dead_before'), expires_at: later('expires_at') }),
    )
    .execute()
}

export function revocations(db: Database): RevocationStore {
  return {
    async find(id) {
      const row = await db.selectFrom('revocations').selectAll().where('id', '=', id).executeTakeFirst()
      return row && { id, before: row.dead_before, expiresAt: row.expires_at }
    },
    async all(now) {
      const rows = await db.selectFrom('revocations').selectAll().where('expires_at', '>', now).execute()
      return rows.map((row) => ({ id: row.id, before: row.dead_before, expiresAt: row.expires_at }))
    },
    async since(before) {
      const rows = await db.selectFrom('revocations').selectAll().where('dead_before', '>=', before).execute()
      return rows.map((row) => ({ id: row.id, before: row.dead_before, expiresAt: row.expires_at }))
    },
    async save(given) {
      const rows = latest(given)
      if (rows.length === 0) return
      if (rows.length <= chunk) return save(db, rows)
      await atomically(db, async (trx) => {
        for (let i = 0; i < rows.length; i += chunk) await save(trx, rows.slice(i, i + chunk))
      })
    },
    async purge(now) {
      await db.deleteFrom('revocations').where('expires_at', '<=', now).execute()
    },
  }
}
