import type { CreateTableBuilder, Kysely } from 'kysely'

async function tokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('signing_keys')
    .addColumn('kid', 'text', (col) => col.primaryKey().notNull())
    .addColumn('alg', 'text', (col) => col.notNull())
    .addColumn('public_jwk', 'text', (col) => col.notNull())
    .addColumn('sealed', 'text', (col) => col.notNull())
    .addColumn('published_at', 'bigint', (col) => col.notNull())
    .addColumn('activates_at', 'bigint')
    .addColumn('withdrawn_at', 'bigint')
    .execute()
  await db.schema
    .createTable('revocations')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('dead_before', 'bigint', (col) => col.notNull())
    .addColumn('expires_at', 'bigint', (col) => col.notNull())
    .execute()
  await db.schema
    .createTable('replay_claims')
    .addColumn('digest', 'text', (col) => col.primaryKey().notNull())
    .addColumn('first_at', 'bigint', (col) => col.notNull())
    .addColumn('expires_at', 'bigint', (col) => col.notNull())
    .execute()
  await db.schema.createIndex('replay_claims_expires_at').on('replay_claims').column('expires_at').execute()
}

async function administration(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('idempotency_keys')
    .addColumn('scope', 'text', (col) => col.primaryKey().notNull())
    .addColumn('digest', 'text', (col) => col.notNull())
    .addColumn('sealed', 'text', (col) => col.notNull())
    .addColumn('expires_at', 'bigint', (col) => col.notNull())
    .execute()
  await db.schema
    .createTable('installation_values')
    .addColumn('name', 'text', (col) => col.primaryKey().notNull())
    .addColumn('value', 'text', (col) => col.notNull())
    .execute()
}

/** No reference to an organization: the trail outlives it. Few indexes: it is written far more often than read. */
async function trail(db: Kysely<unknown>): Promise<void> {
  const required = ['org_id', 'id', 'type', 'result', 'request_id', 'body', 'hash']
  const found = ['reason', 'team_id', 'actor_id', 'actor_name', 'target_id', 'target_name']
  let events: CreateTableBuilder<'audit_events', string> = db.schema
    .createTable('audit_events')
    .addColumn('seq', 'bigint', (col) => col.notNull())
    .addColumn('at', 'bigint', (col) => col.notNull())
  for (const column of required) events = events.addColumn(column, 'text', (col) => col.notNull())
  for (const column of found) events = events.addColumn(column, 'text')
  await events.addPrimaryKeyConstraint('audit_events_seq', ['org_id', 'seq']).execute()
  await db.schema.createIndex('audit_events_request_id').on('audit_events').columns(['request_id', 'org_id']).execute()
  await db.schema
    .createTable('audit_heads')
    .addColumn('org_id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('seq', 'bigint', (col) => col.notNull())
    .addColumn('hash', 'text', (col) => col.notNull())
    .execute()
}

/** What the installation keeps beside its nouns: keys, revocations, claims, answers, values, and the trail. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await tokens(db)
  await administration(db)
  await trail(db)
}
