/**
 * What a policy may cost: an exchange whose account has a glob and two conditions, one with an expression, and one among a
 * thousand policies, each beside an exchange by one exact policy, in the same service, in turns. The tokens are the same
 * but for their audience. And what compiling ten thousand policies takes.
 *
 *   npm run bench:policies -- [--check] [--count 4000] [--rounds 9] [--connections 32]
 *
 * --check: exits 1 when a target is missed. Ratios are of the CPU that the service needs for an exchange.
 */
import { parseArgs } from 'node:util'
import { createReadyPolicies } from '../src/server/shared-state/ready-policies.ts'
import { loadCel } from '../src/server/trust/cel.ts'
import { compilePolicy } from '../src/server/trust/compile.ts'
import type { Condition, WrittenCandidate } from '../src/server/trust/policy.ts'
import { generateKey } from '../test/support/identity-provider.ts'
import { call, startService } from '../test/support/server.ts'
import { forms, issuer, subject } from './assertions.ts'
import { cpuOf, startClient } from './processes.ts'
import { type Figure, median, show } from './table.ts'

const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const
const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    count: number(4_000),
    rounds: number(9),
    connections: number(32),
  },
})
const count = Number(options.count)

const glob = { subject: 'repo:acme/app:*', match: 'glob' }
const two: Condition[] = [
  { claim: 'repository_id', op: 'equals', value: '76543210' },
  { claim: 'ref', op: 'in', value: ['refs/heads/main', 'refs/heads/release'] },
]
const cel = "claims.repository_id == '76543210' && claims.ref.startsWith('refs/heads/')"
/** Of the thousand one fits; the others ask for another workflow run's environment, after what all of them share. */
const thousand = Array.from({ length: 1_000 }, (_, i) => ({
  ...glob,
  conditions: [two[0], { claim: 'workflow', op: 'equals', value: i === 500 ? 'Build and deploy' : `Deploy to ${i}` }],
}))
const kinds: Record<string, object[]> = {
  exact: [{ subject }],
  'a glob and two conditions': [{ ...glob, conditions: two }],
  'an expression': [{ subject, cel }],
  'one of 1,000 policies': thousand,
}

const key = generateKey('RS256')
const service = await startService({ searched: false, env: { LOG_LEVEL: 'warn' } })
const { pid } = service.process
if (pid === undefined) throw new Error('the service did not start')
const made = async (path: string, json: object) => {
  const answer = await call(service, 'POST', `/api/v1${path}`, { secret: service.operatorKey, json })
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
}
await made('/orgs', { name: 'acme' })
await made('/orgs/acme/teams', { name: 'ci' })
const audienceOf = (kind: string) => `https://bench.example/${kind.replaceAll(/\W/g, '-')}`
for (const [n, [kind, policies]] of Object.entries(kinds).entries()) {
  const audiences = [audienceOf(kind)]
  await made('/orgs/acme/issuers', { name: `ci-${n}`, issuer, audiences, jwks: { keys: [key.jwk] } })
  for (const [i, policy] of policies.entries())
    await made('/orgs/acme/teams/ci/service-accounts', {
      name: `deploy-${n}-${i}`,
      method: 'federated',
      trust: { issuer: `ci-${n}`, ...policy },
    })
}

const port = Number(new URL(service.url).port)
const clients: Record<string, ReturnType<typeof startClient>> = {}
const load = { port, path: '/oauth/token', connections: Number(options.connections), expect: '"access_token":"' }
const measure = async (kind: string, some = count) => {
  const before = cpuOf(pid)
  await clients[kind]?.run({ ...load, count: some, again: true })
  return (cpuOf(pid) - before) / some
}
const rounds: Record<string, number>[] = []
try {
  for (const kind of Object.keys(kinds)) {
    clients[kind] = startClient()
    const bodies = await forms(count, key, [{ subject, audience: audienceOf(kind) }])
    await clients[kind].run({ ...load, count, bodies })
  }
  for (let i = 0; i < Number(options.rounds); i++) {
    const round: Record<string, number> = {}
    for (const kind of Object.keys(kinds)) round[kind] = await measure(kind)
    rounds.push(round)
  }
} finally {
  for (const client of Object.values(clients)) client.stop()
  await service.close()
}

/** Milliseconds for so many policies, as the first exchange of their issuer waits for them. */
async function compiling(policies: number, expression: string | null): Promise<number> {
  const engine = await loadCel()
  const written = Array.from({ length: policies }, (_, i): WrittenCandidate => {
    const conditions = two.map((condition) => ({ ...condition, ...(condition.op === 'equals' && { value: `${i}` }) }))
    const policy = { match: 'glob' as const, subject: `repo:acme/app-${i}:*`, conditions: conditions as Condition[] }
    const source = expression?.replace('76543210', String(i)) ?? null
    return {
      policy: { ...policy, cel: source, state: 'live', id: `tp_${i}`, name: `p${i}`, version: 1, issuerId: 'iss_1' },
      account: {} as WrittenCandidate['account'],
    }
  })
  const ready = createReadyPolicies(async (policy) => {
    const result = compilePolicy(policy, engine)
    if (!result.ok) throw new Error(JSON.stringify(result.faults))
    return result.policy
  })
  const from = performance.now()
  await ready(written)
  return performance.now() - from
}

const targets: Record<string, number> = {
  'a glob and two conditions': 1.05,
  'an expression': 1.15,
  'one of 1,000 policies': 2,
}
const exact = median(rounds.map((round) => round.exact ?? Number.NaN))
const figures: Figure[] = Object.entries(targets).map(([kind, most]) => ({
  name: kind,
  ceiling: exact,
  ours: median(rounds.map((round) => round[kind] ?? Number.NaN)),
  ratio: median(rounds.map((round) => (round[kind] ?? Number.NaN) / (round.exact ?? Number.NaN))),
  most,
}))
figures.push({ name: 'compile 10,000 policies, ms', ours: await compiling(10_000, null), most: 2_000 })
figures.push({ name: 'the same, each with an expression, ms', ours: await compiling(10_000, cel), most: 2_000 })
process.stdout.write('CPU per exchange, ms\n')
process.exitCode = show(figures, process.stdout, ['exact', 'ours']) || !options.check ? 0 : 1
