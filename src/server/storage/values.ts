import type { ValueStore } from '../admin/store.ts'
import type { Database } from './database.ts'

export function values(db: Database): ValueStore {
  return {
    async get(name) {
      const row = await db.selectFrom('installation_values').select('value').where('name', '=', name).executeTakeFirst()
      return row?.value
    },
    async set(name, value) {
      await db
        .insertInto('installation_values')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute()
    },
    async remove(name) {
      await db.deleteFrom('installation_values').where('name', '=', name).execute()
    },
  }
}
