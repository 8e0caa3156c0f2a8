import type { CreateTableBuilder, Kysely } from 'kysely'

/** What came of fetching the keys of issuers. `n` counts those of one issuer; `digest` and `rotated_at`: as of then. */
export async function up(db: Kysely<unknown>): Promise<void> {
  let fetches: CreateTableBuilder<'issuer_fetches', string> = db.schema
    .createTable('issuer_fetches')
    .addColumn('issuer_id', 'text', (col) => col.notNull().references('issuers.id').onDelete('cascade'))
  for (const column of ['n', 'at']) fetches = fetches.addColumn(column, 'bigint', (col) => col.notNull())
  for (const column of ['ok', 'milliseconds', 'keys', 'rotated'])
    fetches = fetches.addColumn(column, 'integer', (col) => col.notNull())
  for (const column of ['message', 'digest']) fetches = fetches.addColumn(column, 'text')
  await fetches
    .addColumn('rotated_at', 'bigint')
    .addPrimaryKeyConstraint('issuer_fetches_place', ['issuer_id', 'n'])
    .execute()
}
