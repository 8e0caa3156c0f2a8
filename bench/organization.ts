/**
 * One large organization, written straight into a database before the service opens it: 100 teams, so many users, and so
 * many service accounts: the first twentieth of the organization itself, three tenths of one large team, all but its last
 * Built-in, the rest over the other teams, every second one External. 20 accounts and users bear a name that is rare.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { digestOf, formatApiKey } from '../src/server/accounts/api-key.ts'
import type { Team } from '../src/server/accounts/model.ts'
import type { Noun } from '../src/server/storage/noun.ts'
import * as nouns from '../src/server/storage/nouns.ts'
import { openStorage } from '../src/server/storage/open.ts'
import { generateKey } from '../test/support/identity-provider.ts'
import { accountOf, issuerOf, keyOf, organization, policyOf, teamOf, userOf } from '../test/support/nouns.ts'
import { type Service, startService } from '../test/support/server.ts'
import { issuer } from './assertions.ts'
import { inserting } from './population.ts'

export type Organization = Service & { adminKey: string; jobKey: string }
type Insert = (noun: Noun<never>, object: object) => void

const master = Buffer.alloc(32, 7).toString('base64')

/** Ours with that organization, `large`. `database`: an empty one of PostgreSQL; without it the embedded one. */
export async function startLarge(
  accounts: number,
  { database, env = {} }: { database?: string; env?: Record<string, string> } = {},
): Promise<Organization> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-bench-'))
  const adminKey = formatApiKey(randomBytes(32))
  const jobKey = formatApiKey(randomBytes(32))
  const objects = (insert: Insert) => make(insert, accounts, adminKey, jobKey)
  if (database === undefined) await intoFile(dataDir, objects)
  else await intoPostgres(database, objects)
  const more = database === undefined ? {} : { DATABASE_URL: database, MASTER_KEY: master }
  const service = await startService({
    searched: false,
    dataDir,
    env: { LOG_LEVEL: 'warn', LIMIT_FAILED_PER_MINUTE: '100000', ...more, ...env },
  })
  return Object.assign(service, { adminKey, jobKey })
}

async function intoFile(dataDir: string, objects: (insert: Insert) => void): Promise<void> {
  await (await openStorage({ dataDir })).close()
  const db = new DatabaseSync(join(dataDir, 'countersign.db'))
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; PRAGMA foreign_keys = OFF; BEGIN')
  objects(inserting(db) as unknown as Insert)
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

/** Table by table, in the order in which they were first written to: each names only those before it. */
async function intoPostgres(url: string, objects: (insert: Insert) => void): Promise<void> {
  // The service makes its tables, and writes nothing else.
  const maker = await startService({ searched: false, env: { DATABASE_URL: url, MASTER_KEY: master } })
  await maker.close()
  const tables = new Map<string, object[]>()
  objects((noun, object) => {
    const rows = tables.get(noun.table) ?? []
    tables.set(noun.table, rows)
    rows.push({ ...noun.row(object as never), ...noun.derived(object as never) })
  })
  const client = new pg.Client(url)
  await client.connect()
  for (const [table, rows] of tables) {
    const columns = Object.keys(rows[0] ?? {}).join(', ')
    for (let from = 0; from < rows.length; from += 5000)
      await client.query(
        `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1)`,
        [JSON.stringify(rows.slice(from, from + 5000))],
      )
  }
  await client.query('analyze')
  await client.end()
}

function make(into: Insert, accounts: number, adminKey: string, jobKey: string): void {
  const insert = <T extends object>(noun: Noun<T>, object: T): T => {
    into(noun as unknown as Noun<never>, object)
    return object
  }
  const { id: orgId } = insert(nouns.organizations, organization('large'))
  const teams = Array.from({ length: 100 }, (_, i) => insert(nouns.teams, teamOf(orgId, `team-${i}`)))
  const jwks = { keys: [generateKey('RS256').jwk as { kty: string }] }
  const trusted = insert(nouns.issuers, issuerOf(orgId, 'ci', { issuer, jwks, algorithms: ['RS256'] }))
  const named = (word: string, i: number) =>
    `${i % Math.floor(accounts / 20) === 7 ? 'needle' : word}-${String(i).padStart(6, '0')}`
  const admin = insert(nouns.users, userOf(orgId, 'admin', { role: 'admin' }))
  for (let i = 0; i < accounts; i++) insert(nouns.users, userOf(orgId, named('person', i)))
  const all = Array.from({ length: accounts }, (_, i) => {
    const team = teamAt(teams, i, accounts)
    const isExternal = i >= accounts * 0.35 ? i % 2 === 0 : i === Math.floor(accounts * 0.35) - 1
    return insert(
      nouns.serviceAccounts,
      accountOf(team ?? { ...(teams[0] as Team) }, named('deploy', i), {
        method: isExternal ? 'federated' : 'api_key',
        ...(team ? {} : { teamId: null, defaultTeamId: (teams[0] as Team).id }),
      }),
    )
  })
  insert(nouns.keys, keyOf(orgId, 'user', admin.id, digestOf(adminKey)))
  for (const [i, account] of all.entries())
    if (account.method === 'api_key')
      insert(nouns.keys, keyOf(orgId, 'service_account', account.id, i === 0 ? digestOf(jobKey) : `digest-${i}`))
  for (const [i, account] of all.entries())
    if (account.method === 'federated') insert(nouns.policies, policyOf(account, trusted.id, `repo:large/app-${i}`))
}

/** Undefined: of the organization itself. */
function teamAt(teams: readonly Team[], i: number, accounts: number): Team | undefined {
  if (i < accounts * 0.05) return undefined
  return i < accounts * 0.35 ? teams[0] : teams[1 + (Math.floor(i / 2) % (teams.length - 1))]
}
