/**
 * What an exchange costs beside the least that it could: a bare Express handler with the same cryptography, on the same
 * machine, in the same run. Rounds alternate, and the median of each ratio counts, so that a neighbour matters little.
 *
 *   npm run bench -- [--check] [--long] [--count 20000] [--rounds 3] [--connections 32]
 *
 * --check: exits 1 when a target is missed. --long: memory after 100,000 exchanges too. --profile DIR: a CPU profile.
 * Ratios stand a busy machine; p99 and the start do not.
 */
import { parseArgs } from 'node:util'
import { generateKey } from '../test/support/identity-provider.ts'
import { forms } from './assertions.ts'
import type { Measured } from './load.ts'
import { cpuOf, memoryOf, startCeiling, startClient } from './processes.ts'
import { readyTime, startOurs } from './service.ts'
import { type Figure, median, show } from './table.ts'

const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const
const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    count: number(20_000),
    rounds: number(3),
    connections: number(32),
    /** A folder for a CPU profile of ours; what is measured then is the profiler too. */
    profile: { type: 'string' },
  },
})
const count = Number(options.count)
const connections = Number(options.connections)
type Phase = Measured & { cpu: number }

const ready = await readyTime()
const key = generateKey('RS256')
const bodies = await forms(count, key)
const profiling = options.profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.profile}` } : undefined
const ours = await startOurs(key.jwk, { ...profiling })
const ceiling = await startCeiling(key.jwk)
const exchanges = startClient()
const introspections = startClient()

let exchanged = 0
async function exchange({ port, pid }: { port: number; pid: number }, some = count): Promise<Phase> {
  const common = { port, path: '/oauth/token', connections, expect: '"access_token":"' }
  const before = cpuOf(pid)
  const measured = await exchanges.run({ ...common, count: some, again: true })
  if (pid === ours.pid) exchanged += some
  return { ...measured, cpu: (cpuOf(pid) - before) / some }
}
const introspect = (some = count) =>
  introspections.run({
    port: ours.port,
    path: '/oauth/introspect',
    connections,
    count: some,
    expect: '"active":true',
    bodies: [{ body: `token=${ours.apiKey}`, bearer: ours.serverKey }],
  })

const rounds: { ceiling: Phase; ours: Phase; introspection: Measured }[] = []
let memory: number | undefined
try {
  await exchanges.run({
    port: ceiling.port,
    path: '/oauth/token',
    connections,
    count: 1,
    expect: '',
    bodies,
  })
  const warm = Math.min(count, 4000)
  for (const side of [ceiling, ours, ceiling, ours]) await exchange(side, warm)
  await introspect(warm)
  for (let i = 0; i < Number(options.rounds); i++) {
    rounds.push({ ceiling: await exchange(ceiling), ours: await exchange(ours), introspection: await introspect() })
  }
  if (options.long) {
    while (exchanged < 100_000) await exchange(ours, Math.min(count, 100_000 - exchanged))
    memory = memoryOf(ours.pid)
  }
} finally {
  exchanges.stop()
  introspections.stop()
  ceiling.stop()
  await ours.close()
}

const of = (pick: (round: (typeof rounds)[number]) => number) => median(rounds.map(pick))
const figures: Figure[] = [
  {
    name: 'exchanges per second',
    ceiling: of((round) => round.ceiling.perSecond),
    ours: of((round) => round.ours.perSecond),
    ratio: of((round) => round.ours.perSecond / round.ceiling.perSecond),
    least: 0.65,
  },
  {
    name: 'CPU per exchange, ms',
    ceiling: of((round) => round.ceiling.cpu),
    ours: of((round) => round.ours.cpu),
    ratio: of((round) => round.ours.cpu / round.ceiling.cpu),
    most: 1.6,
  },
  { name: 'p50, ms', ceiling: of((round) => round.ceiling.p50), ours: of((round) => round.ours.p50) },
  { name: 'p99, ms', ceiling: of((round) => round.ceiling.p99), ours: of((round) => round.ours.p99), most: 25 },
  {
    name: 'introspections per second, to exchanges',
    ours: of((round) => round.introspection.perSecond),
    ratio: of((round) => round.introspection.perSecond / round.ours.perSecond),
    least: 1,
  },
  { name: 'spawn to ready, ms', ours: ready, most: 1000 },
]
if (memory !== undefined) figures.push({ name: `resident after ${exchanged} exchanges, MB`, ours: memory, most: 150 })

process.exitCode = show(figures, process.stdout) || !options.check ? 0 : 1
