/**
 * Whether the size of an installation is felt: exchanges on PostgreSQL in one with so many service accounts and issuers,
 * beside one with 1,000 accounts and 10 issuers; the same load, by 1,000 accounts in turn; rounds that alternate.
 *
 *   npm run bench:million -- [--check] [--accounts 1000000] [--issuers 10000] [--count 10000] [--rounds 5]
 *
 * `cold`: by accounts that were never asked for before, so that each exchange reads the database.
 */
import { parseArgs } from 'node:util'
import pg from 'pg'
import { generateKey } from '../test/support/identity-provider.ts'
import { startPostgres } from '../test/support/postgres.ts'
import { audience, forms } from './assertions.ts'
import type { Measured } from './load.ts'
import { startClient } from './processes.ts'
import { startOurs } from './service.ts'
import { type Figure, median, show } from './table.ts'

const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const
const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    accounts: number(1_000_000),
    issuers: number(10_000),
    count: number(10_000),
    rounds: number(5),
    connections: number(32),
  },
})
const [count, rounds, connections] = [Number(options.count), Number(options.rounds), Number(options.connections)]
const key = generateKey('RS256')
const postgres = await startPostgres()

/** Copies of the one account, its policy and its issuer, under other names. */
const copies = (accounts: number, issuers: number) => [
  `insert into service_accounts (id, name, version, created_at, updated_at, org_id, team_id, default_team_id, method,
     access, admin, token_ttl, description, enabled, parent_id)
   select 'sa_' || lpad(i::text, 26, '0'), 'bulk-' || i, 1, s.created_at, s.updated_at, s.org_id, s.team_id,
     s.default_team_id, s.method, s.access, s.admin, s.token_ttl, s.description, s.enabled, s.parent_id
   from service_accounts s cross join generate_series(1, ${accounts}) i where s.name = 'deploy'`,
  `insert into trust_policies (id, name, version, created_at, updated_at, org_id, account_id, issuer_id, subject, match)
   select 'tp_' || lpad(i::text, 26, '0'), p.name, 1, p.created_at, p.updated_at, p.org_id,
     'sa_' || lpad(i::text, 26, '0'), p.issuer_id, 'repo:bulk/' || i, p.match
   from trust_policies p cross join generate_series(1, ${accounts}) i where p.subject not like 'repo:bulk/%'`,
  `insert into issuers (id, name, version, created_at, updated_at, org_id, issuer, audiences, jwks_uri, jwks, algorithms,
     clock_tolerance, max_token_age, single_use, single_use_grace, bound_lifetime, extra_audiences, users, user_claim, enabled, preset)
   select 'iss_' || lpad(i::text, 26, '0'), 'bulk-' || i, 1, created_at, updated_at, org_id, 'https://bulk-' || i || '.example',
     audiences, jwks_uri, jwks, algorithms, clock_tolerance, max_token_age, single_use, single_use_grace, bound_lifetime,
     extra_audiences, users, user_claim, enabled, preset
   from issuers cross join generate_series(1, ${issuers}) i where name = 'ci'`,
  `insert into issuer_audiences (issuer_url, audience, issuer_id)
   select issuer, '${audience}', id from issuers where name like 'bulk-%'`,
  'analyze',
]

async function start(accounts: number, issuers: number) {
  const url = await postgres.create()
  const master = Buffer.alloc(32, 7).toString('base64')
  const service = await startOurs(key.jwk, { DATABASE_URL: url, MASTER_KEY: master })
  const client = new pg.Client(url)
  await client.connect()
  for (const sql of copies(accounts, issuers)) await client.query(sql)
  await client.end()
  return service
}

const workloads = (from: number, many: number) =>
  Array.from({ length: many }, (_, i) => ({ subject: `repo:bulk/${from + i}`, audience }))
const [small, large] = [await start(1_000, 10), await start(Number(options.accounts), Number(options.issuers))]
const client = startClient()
const cold = startClient()
const common = { path: '/oauth/token', connections, expect: '"access_token":"' }
const measured: { small: Measured; large: Measured }[] = []
let coldly: Measured
try {
  await client.run({ ...common, port: small.port, count, bodies: await forms(count, key, workloads(1, 1_000)) })
  await client.run({ ...common, port: large.port, count, again: true })
  for (let i = 0; i < rounds; i++)
    measured.push({
      small: await client.run({ ...common, port: small.port, count, again: true }),
      large: await client.run({ ...common, port: large.port, count, again: true }),
    })
  const fresh = Math.min(count, Number(options.accounts) - 1_000)
  const bodies = await forms(fresh, key, workloads(1_001, fresh))
  coldly = await cold.run({ ...common, port: large.port, count: fresh, bodies })
} finally {
  client.stop()
  cold.stop()
  await Promise.all([small.close(), large.close()])
  await postgres.close()
}
const of = (pick: (round: (typeof measured)[number]) => number) => median(measured.map(pick))
const figures: Figure[] = [
  {
    name: `p99 ms: ${options.accounts} accounts : 1,000`,
    ceiling: of(({ small }) => small.p99),
    ours: of(({ large }) => large.p99),
    ratio: of(({ small, large }) => large.p99 / small.p99),
    most: 1.5,
  },
  {
    name: 'exchanges/s',
    ceiling: of(({ small }) => small.perSecond),
    ours: of(({ large }) => large.perSecond),
    ratio: of(({ small, large }) => large.perSecond / small.perSecond),
  },
  { name: 'p99 ms, cold', ours: coldly.p99 },
  { name: 'exchanges/s, cold', ours: coldly.perSecond },
]
process.exitCode = show(figures, process.stdout, ['1,000', 'many']) || !options.check ? 0 : 1
