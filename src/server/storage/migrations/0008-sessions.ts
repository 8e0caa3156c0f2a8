import type { Kysely } from 'kysely'

/**
 * People who are signed in with a browser. No reference to whom they are: that is looked at anew with every request, and
 * what ends with a key or a user is ended by its deed.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  let sessions = db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('digest', 'text', (col) => col.notNull().unique())
  for (const column of ['signed_in_by', 'client_ip', 'client_agent'])
    sessions = sessions.addColumn(column, 'text', (col) => col.notNull())
  for (const column of ['created_at', 'last_seen_at', 'expires_at'])
    sessions = sessions.addColumn(column, 'bigint', (col) => col.notNull())
  for (const column of ['principal_id', 'org_id', 'key_id', 'proof', 'email', 'id_token'])
    sessions = sessions.addColumn(column, 'text')
  await sessions.execute()
  for (const column of ['principal_id', 'key_id', 'expires_at'])
    await db.schema.createIndex(`sessions_${column}`).on('sessions').column(column).execute()
  await db.schema.createIndex('users_email_lower').on('users').column('email_lower').execute()
}
