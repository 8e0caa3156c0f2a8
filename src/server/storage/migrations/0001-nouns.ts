import { type CreateTableBuilder, type Kysely, SqliteAdapter } from 'kysely'

type Build<C extends string> = CreateTableBuilder<string, C>

/** Deleting what it points to deletes the row. */
function owned<C extends string>(table: Build<C>, column: string, parent: string): Build<C> {
  return table.addColumn(column, 'text', (col) =>
    col.notNull().references(`${parent}.id`).onDelete('cascade'),
  ) as Build<C>
}

function maybeOwned<C extends string>(table: Build<C>, column: string, parent: string): Build<C> {
  return table.addColumn(column, 'text', (col) => col.references(`${parent}.id`).onDelete('cascade')) as Build<C>
}

const stamped = (table: Build<string>): Build<string> =>
  table
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('updated_at', 'bigint', (col) => col.notNull()) as Build<string>

const texts = (table: Build<string>, ...columns: string[]): Build<string> =>
  columns.reduce((built, column) => built.addColumn(column, 'text', (col) => col.notNull()) as Build<string>, table)

const integers = (table: Build<string>, ...columns: string[]): Build<string> =>
  columns.reduce((built, column) => built.addColumn(column, 'integer', (col) => col.notNull()) as Build<string>, table)

const create = (db: Kysely<unknown>, name: string): Build<string> =>
  db.schema.createTable(name) as unknown as Build<string>

const noun = (db: Kysely<unknown>, name: string): Build<string> =>
  stamped(
    create(db, name)
      .addColumn('id', 'text', (col) => col.primaryKey().notNull())
      .addColumn('name', 'text', (col) => col.notNull())
      .addColumn('version', 'integer', (col) => col.notNull()) as Build<string>,
  )

const inOrganization = (db: Kysely<unknown>, name: string): Build<string> =>
  owned(noun(db, name), 'org_id', 'organizations')

async function index(db: Kysely<unknown>, table: string, ...columns: string[]): Promise<void> {
  await db.schema
    .createIndex(`${table}_${columns.join('_')}`)
    .on(table)
    .columns(columns)
    .execute()
}

async function people(db: Kysely<unknown>): Promise<void> {
  await noun(db, 'organizations')
    .addColumn('display_name', 'text')
    .addUniqueConstraint('organizations_name', ['name'])
    .execute()
  await texts(inOrganization(db, 'users'), 'email', 'email_lower', 'role')
    .addUniqueConstraint('users_name', ['org_id', 'name'])
    .addUniqueConstraint('users_email', ['org_id', 'email_lower'])
    .execute()
  await inOrganization(db, 'teams')
    .addColumn('display_name', 'text')
    .addUniqueConstraint('teams_name', ['org_id', 'name'])
    .execute()
  const members = owned(owned(create(db, 'team_members'), 'team_id', 'teams'), 'user_id', 'users')
  await stamped(texts(members, 'org_id', 'role'))
    .addPrimaryKeyConstraint('team_members_id', ['team_id', 'user_id'])
    .execute()
  await index(db, 'team_members', 'user_id')
}

async function projects(db: Kysely<unknown>): Promise<void> {
  await texts(owned(inOrganization(db, 'projects'), 'team_id', 'teams'), 'visibility')
    .addColumn('deleted_at', 'bigint')
    .addUniqueConstraint('projects_name', ['team_id', 'name'])
    .execute()
  const members = texts(create(db, 'project_members'), 'org_id', 'principal_type', 'principal_id', 'role')
  const bound = maybeOwned(
    maybeOwned(owned(members, 'project_id', 'projects'), 'user_id', 'users'),
    'service_account_id',
    'service_accounts',
  )
  await stamped(bound).addPrimaryKeyConstraint('project_members_id', ['project_id', 'principal_id']).execute()
  await index(db, 'project_members', 'user_id')
  await index(db, 'project_members', 'service_account_id')
}

async function issuers(db: Kysely<unknown>): Promise<void> {
  const described = texts(inOrganization(db, 'issuers'), 'issuer', 'audiences', 'algorithms', 'user_claim')
  const counted = integers(described, 'clock_tolerance', 'max_token_age', 'single_use', 'single_use_grace')
  await integers(counted, 'bound_lifetime', 'extra_audiences', 'users', 'enabled')
    .addColumn('jwks_uri', 'text')
    .addColumn('jwks', 'text')
    .addColumn('preset', 'text')
    .addUniqueConstraint('issuers_name', ['org_id', 'name'])
    .execute()
  await index(db, 'issuers', 'issuer')
  await texts(owned(create(db, 'issuer_audiences'), 'issuer_id', 'issuers'), 'issuer_url', 'audience')
    .addPrimaryKeyConstraint('issuer_audiences_pair', ['issuer_url', 'audience'])
    .execute()
  await index(db, 'issuer_audiences', 'issuer_id')
  await index(db, 'issuer_audiences', 'audience')
}

const isEmbedded = (db: Kysely<unknown>) => db.getExecutor().adapter instanceof SqliteAdapter

/** The default team of an account cannot be deleted before the account has another. */
async function accounts(db: Kysely<unknown>): Promise<void> {
  const named = texts(
    maybeOwned(inOrganization(db, 'service_accounts'), 'team_id', 'teams'),
    'parent_id',
    'method',
    'access',
  )
  await integers(named, 'admin', 'token_ttl', 'enabled')
    .addColumn('default_team_id', 'text')
    .addColumn('description', 'text')
    .addUniqueConstraint('service_accounts_name', ['parent_id', 'name'])
    // SQLite checks in the middle of a cascade, unless it is told to wait; the others wait by themselves.
    .addForeignKeyConstraint('service_accounts_default_team', ['default_team_id'], 'teams', ['id'], (reference) =>
      isEmbedded(db) ? reference.deferrable().initiallyDeferred() : reference,
    )
    .execute()
  await index(db, 'service_accounts', 'team_id', 'org_id', 'id')
  await index(db, 'service_accounts', 'default_team_id')
  await texts(inOrganization(db, 'resource_servers'), 'audience')
    .addUniqueConstraint('resource_servers_name', ['org_id', 'name'])
    .addUniqueConstraint('resource_servers_audience', ['org_id', 'audience'])
    .execute()
}

async function credentials(db: Kysely<unknown>): Promise<void> {
  const keys = texts(inOrganization(db, 'api_keys'), 'owner_type', 'owner_id', 'digest', 'hint')
  const bound = maybeOwned(maybeOwned(keys, 'user_id', 'users'), 'service_account_id', 'service_accounts')
  await maybeOwned(bound, 'resource_server_id', 'resource_servers')
    .addColumn('expires_at', 'bigint')
    .addColumn('last_used_at', 'bigint')
    .addColumn('replaced_by', 'text')
    .addUniqueConstraint('api_keys_digest', ['digest'])
    .addUniqueConstraint('api_keys_name', ['owner_id', 'name'])
    .execute()
  await index(db, 'api_keys', 'org_id', 'owner_type', 'owner_id', 'id')
  for (const column of ['user_id', 'service_account_id', 'resource_server_id']) await index(db, 'api_keys', column)
  const policies = owned(
    owned(inOrganization(db, 'trust_policies'), 'account_id', 'service_accounts'),
    'issuer_id',
    'issuers',
  )
  await texts(policies, 'subject', 'match').addUniqueConstraint('trust_policies_name', ['account_id', 'name']).execute()
  await index(db, 'trust_policies', 'issuer_id', 'subject')
  await index(db, 'trust_policies', 'org_id', 'account_id', 'id')
}

/** Lists are of one organization, by id; deleting one finds what it has. */
async function lists(db: Kysely<unknown>): Promise<void> {
  const listed = ['users', 'teams', 'projects', 'issuers', 'service_accounts', 'resource_servers']
  for (const table of listed) await index(db, table, 'org_id', 'id')
}

/** Organizations, and all that belongs to them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await people(db)
  await issuers(db)
  await accounts(db)
  await projects(db)
  await credentials(db)
  await lists(db)
}
