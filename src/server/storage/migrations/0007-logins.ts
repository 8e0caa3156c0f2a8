import type { Kysely } from 'kysely'

/**
 * Terminals that wait to be let in, and the keys of those that were. No reference to who let them in: that is looked at
 * anew when they ask, and what ends with a key is ended by its deed, which has its event.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  let logins = db.schema
    .createTable('pending_logins')
    .addColumn('device_digest', 'text', (col) => col.primaryKey().notNull())
    .addColumn('user_digest', 'text', (col) => col.notNull().unique())
  for (const column of ['client_name', 'client_ip', 'client_net', 'client_agent', 'decision'])
    logins = logins.addColumn(column, 'text', (col) => col.notNull())
  for (const column of ['started_at', 'expires_at', 'key_life', 'interval'])
    logins = logins.addColumn(column, 'bigint', (col) => col.notNull())
  for (const column of ['polled_at', 'decided_at']) logins = logins.addColumn(column, 'bigint')
  for (const column of ['decided_ip', 'decided_agent', 'org_id', 'user_id', 'key_id'])
    logins = logins.addColumn(column, 'text')
  await logins.execute()
  await db.schema.createIndex('pending_logins_expires_at').on('pending_logins').column('expires_at').execute()
  await db.schema.alterTable('api_keys').addColumn('let_in_by', 'text').execute()
  await db.schema.createIndex('api_keys_let_in_by').on('api_keys').column('let_in_by').execute()
}
