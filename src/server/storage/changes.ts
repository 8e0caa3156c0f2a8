import { sql } from 'kysely'
import type { ChangeStore } from '../accounts/changes.ts'
import type { Database } from './database.ts'

export function changes(db: Database): ChangeStore {
  return {
    async advance(orgId, now) {
      const { n } = await db
        .insertInto('change_heads')
        .values({ org_id: orgId, n: 1, at: now })
        .onConflict((conflict) =>
          conflict.column('org_id').doUpdateSet({ n: sql<number>`change_heads.n + 1`, at: now }),
        )
        .returning('n')
        .executeTakeFirstOrThrow()
      return n
    },
    async since(at) {
      const rows = await db.selectFrom('change_heads').select(['org_id', 'n']).where('at', '>=', at).execute()
      return new Map(rows.map(({ org_id, n }) => [org_id, n]))
    },
  }
}
