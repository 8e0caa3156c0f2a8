import type { Kysely } from 'kysely'

const inFiles = ['teams', 'projects', 'issuers', 'service_accounts', 'trust_policies', 'resource_servers']

/** What a trust policy asks beyond the subject, and what is kept in files. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const policies = (column: string, build: 'nullable' | { by: string }) =>
    db.schema
      .alterTable('trust_policies')
      .addColumn(column, 'text', (col) => (build === 'nullable' ? col : col.notNull().defaultTo(build.by)))
      .execute()
  await policies('conditions', { by: '[]' })
  await policies('cel', 'nullable')
  await policies('state', { by: 'live' })
  await db.schema
    .createIndex('trust_policies_issuer_id_match_id')
    .on('trust_policies')
    .columns(['issuer_id', 'match', 'id'])
    .execute()
  for (const table of inFiles) await db.schema.alterTable(table).addColumn('managed_by', 'text').execute()
}
