/**
 * What strangers cost: the strict reading and judging of each token, as a part of its exchange; and a flood of garbage (60
 * of 100 requests) beside good exchanges. Of so many clients that are never idle, all are good, or 60 of 100 send garbage; beside
that, what it is to the good ones when the others come in addition: at so many requests a second of both, and with clients
that are never idle, whose queues grow with their number whatever they send.
 *
 *   npm run bench:strangers -- [--check] [--count 20000] [--rounds 3] [--connections 32]
 *
 * The reading is compared, in one process and in turns, with the least that must be done: three splits, two decodings, two
 * JSON.parse. A part of the exchange: of the CPU that a whole one takes, measured in the same run.
 */
import { parseArgs } from 'node:util'
import { readToken } from '../src/server/issuers/read.ts'
import { judgeTime } from '../src/server/issuers/time.ts'
import { generateKey } from '../test/support/identity-provider.ts'
import { forms } from './assertions.ts'
import { garbage } from './garbage.ts'
import type { Measured } from './load.ts'
import { cpuOf, startClient } from './processes.ts'
import { startOurs } from './service.ts'
import { type Figure, median, show } from './table.ts'

const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const
const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    count: number(20_000),
    rounds: number(3),
    connections: number(32),
  },
})
const count = Number(options.count)
const rounds = Number(options.rounds)
const connections = Number(options.connections)
/** Of 100 requests. */
const garbageShare = 60
const strangers = Math.round((connections * garbageShare) / (100 - garbageShare))

/** Good exchanges a second, where both are paced. */
const pace = 1_000
const garbagePace = (pace * garbageShare) / (100 - garbageShare)

const key = generateKey('RS256')
const bodies = await forms(count, key)
const flood = await garbage(6_000, key, generateKey('RS256'))

/** Milliseconds of CPU for one, at the best of some rounds: what disturbs only adds. */
function cpuOfOne(work: (token: string) => unknown, tokens: readonly string[]): number {
  const times = Array.from({ length: 7 }, () => {
    const before = process.cpuUsage()
    for (const token of tokens) work(token)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000 / tokens.length
  })
  return Math.min(...times)
}
const tokens = bodies.slice(0, 5_000).map((form) => String(new URLSearchParams(form).get('assertion')))
const now = Math.floor(Date.now() / 1000)
const limits = { clockTolerance: 60, maxTokenAge: 86_400 }
const least = (token: string) => {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const parsed = [header, claims].map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
  return [...parsed, Buffer.from(signature, 'base64url')]
}
const judged = (token: string) => judgeTime(readToken(token).claims, limits, now)
for (const work of [least, judged, least, judged]) cpuOfOne(work, tokens)
const reading = { least: cpuOfOne(least, tokens), ours: cpuOfOne(judged, tokens) }

/** `alone`: the good clients without the others; `quiet`: as many clients as in the flood, all of them good. */
/** `paced`: so many good ones a second, without and with the garbage. */
type Paced = { quiet: Measured; flooded: Measured }
type Round = { paced: Paced; alone: Measured; quiet: Measured; flooded: Measured; cpu: number; garbage: number }

/** `limit`: as LIMIT_FAILED_PER_MINUTE; 0 lets every one of the flood be judged to its end. */
async function measured(limit: number): Promise<Round[]> {
  const ours = await startOurs(key.jwk, { LIMIT_FAILED_PER_MINUTE: String(limit) })
  const good = startClient()
  const common = { port: ours.port, path: '/oauth/token' }
  const exchange = (some: number, clients = connections, more: { pace?: number } = {}) =>
    good.run({
      ...common,
      ...more,
      connections: clients,
      expect: '"access_token":"',
      count: some,
      bodies: bodies.slice(0, some),
    })
  /** A client of its own, since it is stopped in the middle. */
  const flooding = (more: { pace?: number } = {}) => {
    const client = startClient()
    const load = { ...common, ...more, connections: strangers, expect: '"reason":"', refused: true, bodies: flood }
    const ended = client.run({ ...load, count: Number.MAX_SAFE_INTEGER }).catch(() => {})
    return async () => {
      client.stop()
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 200))])
    }
  }
  const cpuFor = async (work: () => Promise<unknown>, some: number) => {
    const before = cpuOf(ours.pid)
    await work()
    return (cpuOf(ours.pid) - before) / some
  }
  const out: Round[] = []
  try {
    await exchange(count)
    const other = startClient()
    const garbageAlone = () =>
      other.run({ ...common, connections, expect: '"reason":"', refused: true, count: 5_000, bodies: flood })
    await garbageAlone()
    for (let i = 0; i < rounds; i++) {
      let quiet: Measured | undefined
      const cpu = await cpuFor(async () => {
        quiet = await exchange(count, connections + strangers)
      }, count)
      const garbage = await cpuFor(garbageAlone, 5_000)
      const stop = flooding()
      await new Promise((resolve) => setTimeout(resolve, 500))
      const flooded = await exchange(count)
      await stop()
      const alone = await exchange(count)
      const paced = async () => exchange(pace * 5, connections, { pace })
      const quietly = await paced()
      const stopPaced = flooding({ pace: garbagePace })
      await new Promise((resolve) => setTimeout(resolve, 500))
      const beside = await paced()
      await stopPaced()
      out.push({ paced: { quiet: quietly, flooded: beside }, alone, quiet: quiet as Measured, flooded, cpu, garbage })
    }
    other.stop()
    return out
  } finally {
    good.stop()
    await ours.close()
  }
}

const figuresOf = (name: string, measured: readonly Round[]): Figure[] => {
  const of = (pick: (round: Round) => number) => median(measured.map(pick))
  const share = of(({ cpu, garbage }) => cpu / (cpu + garbage * (garbageShare / (100 - garbageShare))))
  return [
    {
      name: `${name}: CPU of a garbage request, ms`,
      ceiling: of((r) => r.cpu),
      ours: of((r) => r.garbage),
      ratio: of((r) => r.garbage / r.cpu),
    },
    {
      name: `${name}: good exchanges per second`,
      ceiling: of((r) => r.quiet.perSecond),
      ours: of((r) => r.flooded.perSecond),
      ratio: of((r) => r.flooded.perSecond / r.quiet.perSecond),
      // What is left when the garbage takes its share of the work; a tenth of it for the client, which shares the machine.
      least: Math.round(share * 0.9 * 100) / 100,
    },
    {
      name: `${name}: their p99, ms`,
      ceiling: of((r) => r.quiet.p99),
      ours: of((r) => r.flooded.p99),
      ratio: of((r) => r.flooded.p99 / r.quiet.p99),
      most: 2,
    },
    {
      name: `${name}: in addition, ${pace} a second, p99, ms`,
      ceiling: of((r) => r.paced.quiet.p99),
      ours: of((r) => r.paced.flooded.p99),
      ratio: of((r) => r.paced.flooded.p99 / r.paced.quiet.p99),
      most: 2,
    },
    {
      name: `${name}: in addition, never idle, p99, ms`,
      ceiling: of((r) => r.alone.p99),
      ours: of((r) => r.flooded.p99),
      ratio: of((r) => r.flooded.p99 / r.alone.p99),
    },
  ]
}
const usual = await measured(300)
const unlimited = await measured(0)
const cpu = median([...usual, ...unlimited].map((round) => round.cpu))
const added = reading.ours - reading.least
const figures: Figure[] = [
  {
    name: 'reading and judging, us (least / ours)',
    ceiling: reading.least * 1000,
    ours: reading.ours * 1000,
    ratio: reading.ours / reading.least,
  },
  {
    name: 'what it adds to an exchange (CPU, ms)',
    ceiling: cpu - added,
    ours: cpu,
    ratio: added / (cpu - added),
    most: 0.15,
  },
  ...figuresOf('flood', usual),
  ...figuresOf('flood, no limit', unlimited),
]
process.exitCode = show(figures, process.stdout, ['quiet', 'ours']) || !options.check ? 0 : 1
