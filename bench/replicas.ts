/**
 * What PostgreSQL and Redis cost, and what a second worker brings: exchanges of one process on the embedded database, of
 * one on PostgreSQL and Redis, and of two; one machine, one run, rounds that alternate; the median of each ratio counts.
 * Two workers can only bring what the machine has left, and the client, PostgreSQL and Redis run on it too: so one and two
 * are also held to a part of a core each, as on machines of their own. Then how long a revocation takes to count on another replica while that one is under load.
 *
 *   npm run bench:replicas -- [--check] [--count 20000] [--rounds 3] [--connections 64] [--revocations 200] [--share 0.35]
 *
 * --share: of a core, for each worker (needs control groups, so root). --check: exits 1 when a target is missed.
 */
import { setTimeout as waited } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { generateKey } from '../test/support/identity-provider.ts'
import { startPostgres } from '../test/support/postgres.ts'
import { startRedis } from '../test/support/redis.ts'
import { call, type Service, startService } from '../test/support/server.ts'
import { forms } from './assertions.ts'
import type { Measured } from './load.ts'
import { childrenOf, cpuOfTree, limited, startClient } from './processes.ts'
import { startOurs } from './service.ts'
import { type Figure, median, show } from './table.ts'

const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const
const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    count: number(20_000),
    rounds: number(3),
    connections: number(64),
    revocations: number(200),
    share: number(0.35),
  },
})
const count = Number(options.count)
const connections = Number(options.connections)

const key = generateKey('RS256')
const bodies = await forms(count, key)
const [postgres, redis] = [await startPostgres(), await startRedis()]
const pidOf = ({ pid }: { pid?: number | undefined }) => pid ?? 0
const shared = async () => ({
  DATABASE_URL: await postgres.create(),
  REDIS_URL: redis.url,
  MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  LOG_LEVEL: 'warn',
  NODE_OPTIONS: '--max-semi-space-size=16', // as deploy/ has it for replicas
})
const embedded = await startOurs(key.jwk, {})
const one = await startOurs(key.jwk, await shared())
const ofTwo = await shared()
const two = await startOurs(key.jwk, { ...ofTwo, WORKERS: '2' })
const client = startClient()

type Phase = Measured & { cores: number; beside: number }
/** `cores`: what the service took of the machine; `beside`: what PostgreSQL and Redis did. */
async function exchange({ port, pid }: { port: number; pid: number }, some = count, by = connections): Promise<Phase> {
  const besides = () => cpuOfTree(pidOf(postgres.process)) + cpuOfTree(pidOf(redis.process))
  const [before, besidesBefore, at] = [cpuOfTree(pid), besides(), performance.now()]
  const common = { port, path: '/oauth/token', connections: by, expect: '"access_token":"' }
  const measured = await client.run({ ...common, count: some, again: true })
  const took = performance.now() - at
  return { ...measured, cores: (cpuOfTree(pid) - before) / took, beside: (besides() - besidesBefore) / took }
}

/** ms until another replica, under load, calls a token inactive that was revoked here. */
async function revocations(): Promise<number[]> {
  const env = { ...ofTwo, PUBLIC_URL: two.publicUrl }
  const here = await startService({ searched: false, env })
  const took: number[] = []
  let over = false
  const load = (async () => {
    while (!over) await exchange(two, 2_000)
  })()
  const form = Object.fromEntries(new URLSearchParams(bodies[0]))
  const active = async (service: Pick<Service, 'url'>, token: string) =>
    (await call(service, 'POST', '/oauth/introspect', { form: { token }, secret: two.serverKey })).body.active
  for (let i = 0; i < Number(options.revocations); i++) {
    const token = String((await call(here, 'POST', '/oauth/token', { form })).body.access_token)
    if ((await active(two, token)) !== true) throw new Error('a token that is not active')
    await call(here, 'POST', '/oauth/revoke', { form: { token } })
    const at = performance.now()
    // Of the two workers either may answer: each has to know it, several times over.
    for (let no = 0; no < 6; ) {
      no = (await active(two, token)) === false ? no + 1 : 0
      if (no === 0) await waited(1)
    }
    took.push(performance.now() - at)
  }
  over = true
  await load
  await here.close()
  return took.sort((a, b) => a - b)
}

const rounds: { embedded: Phase; one: Phase; two: Phase }[] = []
const held: typeof rounds = []
let seen: number[] = []
try {
  await client.run({
    port: embedded.port,
    path: '/oauth/token',
    connections,
    count: 1,
    expect: '',
    bodies,
  })
  for (const side of [embedded, one, two]) await exchange(side, Math.min(count, 6_000))
  for (let i = 0; i < Number(options.rounds); i++)
    rounds.push({ embedded: await exchange(embedded), one: await exchange(one), two: await exchange(two) })
  const free = limited([embedded.pid, one.pid, ...childrenOf(two.pid)], Number(options.share))
  if (free) {
    const some = Math.round(count / 2)
    for (let i = 0; i < Number(options.rounds); i++)
      held.push({
        // More of them: who accepts what is chance, and each of two is to have enough to do.
        embedded: await exchange(embedded, some, 2 * connections),
        one: await exchange(one, some, 2 * connections),
        two: await exchange(two, some, 2 * connections),
      })
    free()
  }
  seen = await revocations()
} finally {
  client.stop()
  await Promise.all([embedded.close(), one.close(), two.close()])
  await Promise.all([postgres.close(), redis.stop()])
}

const of = (pick: (round: (typeof rounds)[number]) => number) => median(rounds.map(pick))
const ofHeld = (pick: (round: (typeof held)[number]) => number) => median(held.map(pick))
const p99 = seen[Math.floor(seen.length * 0.99)] ?? Number.NaN
type Pair = { name: string; of: 'embedded' | 'one'; to: 'one' | 'two'; least: number }
const pairs: Pair[] = [
  { name: 'exchanges/s: one on PostgreSQL : embedded', of: 'embedded', to: 'one', least: 0.8 },
  { name: 'exchanges/s: two workers : one', of: 'one', to: 'two', least: 1.6 },
]
const figures: Figure[] = [
  ...pairs.map(({ name, of: from, to, least }) => ({
    name,
    ceiling: of((round) => round[from].perSecond),
    ours: of((round) => round[to].perSecond),
    ratio: of((round) => round[to].perSecond / round[from].perSecond),
    // Two, on a machine that has nothing left for the second, only where they cannot be held to a part.
    ...(held.length === 0 || to === 'one' ? { least } : {}),
  })),
  ...pairs.flatMap(({ of: from, to, least }) => {
    if (held.length === 0) return []
    return {
      name: `  each held to ${options.share} of a core`,
      ceiling: ofHeld((round) => round[from].perSecond),
      ours: ofHeld((round) => round[to].perSecond),
      ratio: ofHeld((round) => round[to].perSecond / round[from].perSecond),
      least,
    }
  }),
  {
    name: 'p99 ms: one on PostgreSQL : embedded',
    ceiling: of(({ embedded }) => embedded.p99),
    ours: of(({ one }) => one.p99),
  },
  { name: 'p99 ms: two workers : one', ceiling: of(({ one }) => one.p99), ours: of(({ two }) => two.p99) },
  {
    name: 'cores taken by the service: one, two',
    ceiling: of(({ one }) => one.cores),
    ours: of(({ two }) => two.cores),
  },
  {
    name: 'cores taken by PostgreSQL and Redis then',
    ceiling: of(({ one }) => one.beside),
    ours: of(({ two }) => two.beside),
  },
  { name: 'ms until a revocation counts elsewhere, p99', ours: p99, most: 1_000 },
]
process.exitCode = show(figures, process.stdout, ['beside', 'ours']) || !options.check ? 0 : 1
