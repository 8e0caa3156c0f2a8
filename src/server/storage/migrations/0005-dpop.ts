import type { Kysely } from 'kysely'

/** Accounts that get tokens only for a key that they prove to hold. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('service_accounts')
    .addColumn('dpop_bound', 'integer', (col) => col.notNull().defaultTo(0))
    .execute()
}
