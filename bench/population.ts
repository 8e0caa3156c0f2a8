/**
 * An installation: 10 organizations, each with an issuer, a resource server and 100 teams of 100 projects, and so many
 * service accounts, a tenth in each organization, in turn over its teams. Every second one is External, with a trust policy
 * for a subject of its own; the others are Built-in, with a key each. Written straight into the database, which takes
 * seconds, before the service opens it.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { digestOf, formatApiKey } from '../src/server/accounts/api-key.ts'
import type { Team, Visibility } from '../src/server/accounts/model.ts'
import type { Noun } from '../src/server/storage/noun.ts'
import * as nouns from '../src/server/storage/nouns.ts'
import { openStorage } from '../src/server/storage/open.ts'
import {
  accountOf,
  issuerOf,
  keyOf,
  organization,
  policyOf,
  projectOf,
  resourceServerOf,
  teamOf,
} from '../test/support/nouns.ts'
import { issuer } from './assertions.ts'

/** One organization: what its resource server and its accounts show. `team`: the name of the account's. */
export type Populated = { serverKey: string; external: External[]; builtin: Builtin[] }
export type External = { team: string; subject: string; audience: string }
export type Builtin = { team: string; apiKey: string }

const organizations = 10
const perOrganization = 100
const perTeam = 100

/** By the last digit of a project's number. */
const visibilities: readonly Visibility[] = [...Array<Visibility>(7).fill('team'), 'open', 'public', 'restricted']
const nameOf = (project: number) => `project-${project}`
/** Those that all accounts of their team may write to, of every team. */
export const writable = Array.from({ length: perTeam }, (_, i) => i)
  .filter((i) => visibilities[i % 10] !== 'restricted')
  .map(nameOf)

export async function populate(dataDir: string, accounts: number, jwk: object): Promise<Populated[]> {
  await (await openStorage({ dataDir })).close()
  const db = new DatabaseSync(join(dataDir, 'countersign.db'))
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; PRAGMA foreign_keys = OFF; BEGIN')
  const insert = inserting(db)
  const populated = Array.from({ length: organizations }, (_, n) => fill(insert, n, accounts / organizations, jwk))
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
  return populated
}

type Insert = <T>(noun: Noun<T>, object: T) => T

export function inserting(db: DatabaseSync): Insert & { pair(...values: string[]): void } {
  const prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const run = (table: string, row: Record<string, SQLInputValue>) => {
    const names = Object.keys(row)
    const sql = `insert into ${table} (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`
    const statement = prepared.get(sql) ?? db.prepare(sql)
    prepared.set(sql, statement)
    statement.run(...Object.values(row))
  }
  const insert = <T>(noun: Noun<T>, object: T) => {
    run(noun.table, { ...noun.row(object), ...noun.derived(object) } as Record<string, SQLInputValue>)
    return object
  }
  return Object.assign(insert, {
    pair: (audience: string, issuerId: string) =>
      run('issuer_audiences', { issuer_url: issuer, audience, issuer_id: issuerId }),
  })
}

function fill(insert: ReturnType<typeof inserting>, n: number, accounts: number, jwk: object): Populated {
  const org = insert(nouns.organizations, organization(`org-${n}`))
  const keyFor = (type: 'service_account' | 'resource_server', id: string) => {
    const apiKey = formatApiKey(randomBytes(32))
    insert(nouns.keys, keyOf(org.id, type, id, digestOf(apiKey)))
    return apiKey
  }
  const server = insert(nouns.resourceServers, {
    ...resourceServerOf(org.id, 'api'),
    audience: `https://api-${n}.example`,
  })
  const audience = `https://bench.example/org-${n}`
  const jwks = { keys: [jwk as { kty: string }] }
  const trusted = insert(
    nouns.issuers,
    issuerOf(org.id, 'ci', { issuer, audiences: [audience], jwks, algorithms: ['RS256'], singleUse: false }),
  )
  insert.pair(audience, trusted.id)
  const teams: Team[] = []
  for (let t = 0; t < perOrganization; t++) {
    const team = insert(nouns.teams, teamOf(org.id, `team-${t}`))
    teams.push(team)
    for (let p = 0; p < perTeam; p++) {
      insert(nouns.projects, projectOf(team, nameOf(p), { visibility: visibilities[p % 10] as Visibility }))
    }
  }
  const populated: Populated = { serverKey: keyFor('resource_server', server.id), external: [], builtin: [] }
  for (let a = 0; a < accounts; a++) {
    const team = teams[Math.floor(a / 2) % teams.length] as Team
    const account = accountOf(team, `account-${a}`, { method: a % 2 === 0 ? 'federated' : 'api_key', tokenTtl: 3600 })
    insert(nouns.serviceAccounts, account)
    if (account.method === 'api_key') {
      populated.builtin.push({ team: team.name, apiKey: keyFor('service_account', account.id) })
      continue
    }
    const subject = `repo:org-${n}/app-${a}:ref:refs/heads/main`
    insert(nouns.policies, policyOf(account, trusted.id, subject))
    populated.external.push({ team: team.name, subject, audience })
  }
  return populated
}
