import type { Kysely } from 'kysely'

/** What replicas learn from each other by the database. Only added to: replicas of the version before go on. */
async function changes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('change_heads')
    .addColumn('org_id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('n', 'bigint', (col) => col.notNull())
    .addColumn('at', 'bigint', (col) => col.notNull())
    .execute()
  await db.schema.createIndex('change_heads_at').on('change_heads').column('at').execute()
  await db.schema.alterTable('replay_claims').addColumn('try_id', 'text').execute()
  await db.schema.createIndex('revocations_dead_before').on('revocations').column('dead_before').execute()
}

/** Events on their way into the chains. A lane is one process's; `sealed_*`: how far it has been linked. */
async function journal(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_lanes')
    .addColumn('lane', 'text', (col) => col.primaryKey().notNull())
    .addColumn('seq', 'bigint', (col) => col.notNull())
    .addColumn('hash', 'text', (col) => col.notNull())
    .addColumn('sealed_seq', 'bigint', (col) => col.notNull())
    .addColumn('sealed_hash', 'text', (col) => col.notNull())
    .addColumn('at', 'bigint', (col) => col.notNull())
    .execute()
  await db.schema
    .createTable('audit_journal')
    .addColumn('lane', 'text', (col) => col.notNull())
    .addColumn('seq', 'bigint', (col) => col.notNull())
    .addColumn('id', 'text', (col) => col.notNull())
    .addColumn('org_id', 'text', (col) => col.notNull())
    .addColumn('team_id', 'text')
    .addColumn('body', 'text', (col) => col.notNull())
    .addColumn('hash', 'text', (col) => col.notNull())
    .addPrimaryKeyConstraint('audit_journal_place', ['lane', 'seq'])
    .execute()
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await changes(db)
  await journal(db)
}
