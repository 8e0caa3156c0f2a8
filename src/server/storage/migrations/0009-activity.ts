import { type Kysely, sql } from 'kysely'

/** When each account was used last, and since when that is noted: of what was before, only the uses of keys are known. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('service_accounts').addColumn('last_used_at', 'bigint').execute()
  await sql`update service_accounts set last_used_at =
    (select max(last_used_at) from api_keys where api_keys.service_account_id = service_accounts.id)`.execute(db)
  await sql`insert into installation_values (name, value)
    values ('activity_since', ${String(Date.now())})`.execute(db)
}
