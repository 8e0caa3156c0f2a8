import type { SigningKeyRow, SigningKeyStore } from '../tokens/store.ts'
import type { Database } from './database.ts'
import { noun } from './noun.ts'
import type { Table } from './schema.ts'

const keys = noun<SigningKeyRow>('signing_keys', {
  kid: 'plain',
  alg: 'plain',
  publicJwk: 'json',
  sealed: 'plain',
  publishedAt: 'plain',
  activatesAt: 'plain',
  withdrawnAt: 'plain',
})

export function signingKeys(db: Database): SigningKeyStore {
  return {
    async all() {
      const rows = await db.selectFrom('signing_keys').selectAll().orderBy('published_at').orderBy('kid').execute()
      return rows.map((row) => keys.object(row))
    },
    async insert(row) {
      await db
        .insertInto('signing_keys')
        .values(keys.row(row) as Table<SigningKeyRow>)
        .execute()
    },
    async update(kid, changes) {
      const row = keys.row(changes)
      if (Object.keys(row).length > 0) {
        await db.updateTable('signing_keys').set(row).where('kid', '=', kid).execute()
      }
    },
    async remove(kid) {
      await db.deleteFrom('signing_keys').where('kid', '=', kid).execute()
    },
  }
}
