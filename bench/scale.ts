/**
 * What an answer costs in a large installation (population.ts): introspection and evaluation beside a bare Express JSON
 * echo, and an exchange beside one in an installation that is as large but for its accounts. One machine, one run, rounds
 * that alternate; the median of each ratio counts.
 *
 *   npm run bench:scale -- [--check] [--accounts 100000] [--count 20000] [--rounds 5] [--connections 32]
 *
 * Asked about in turn (questions.ts): 1,000 API keys; 1,000 access tokens; 4,000 times whether the bearer of one may write
 * to a project of its team. `wide` is without a target: 12,000 questions, which is more than are remembered, so that each
 * reads the database. An echo is sent, and sends, the answer to such an introspection (0.3 and 0.6 KB), or the question of
 * such an evaluation (1 KB). The exchanges are the same in both installations, by the External accounts that both have;
 * `wide` is without a target again: by all that there are, so that each exchange reads the database.
 *
 * --check: exits 1 when a target is missed. --at DIR: another checkout, built, to compare with. --profile DIR: a CPU profile.
 */
import { setTimeout as waited } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { generateKey } from '../test/support/identity-provider.ts'
import { forms } from './assertions.ts'
import type { Load, Measured, Sent } from './load.ts'
import { cpuOf, memoryOf, startClient, startEcho } from './processes.ts'
import { questions } from './questions.ts'
import { type Large, startPopulated } from './service.ts'
import { type Figure, median, show } from './table.ts'

const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const
const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    accounts: number(100_000),
    count: number(20_000),
    rounds: number(5),
    connections: number(32),
    at: { type: 'string' },
    profile: { type: 'string' },
  },
})
const count = Number(options.count)
const rounds = Number(options.rounds)
const connections = Number(options.connections)
type Place = { port: number; pid: number }
type Phase = Measured & { cpu: number }

const key = generateKey('RS256')
const profiling = options.profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.profile}` } : undefined
const small = await startPopulated(100, key.jwk, {}, options.at)
const large = await startPopulated(Number(options.accounts), key.jwk, { ...profiling }, options.at)
const echo = await startEcho()
const client = startClient()
/** They keep what they send. */
const exchanges = { same: startClient(), wide: startClient() }

async function measured(pid: number, run: () => Promise<Measured>): Promise<Phase> {
  const before = cpuOf(pid)
  const phase = await run()
  return { ...phase, cpu: (cpuOf(pid) - before) / count }
}
const exchanging = { path: '/oauth/token', connections, count, expect: '"access_token":"' }
const exchange = ({ port, pid }: Place, by: keyof typeof exchanges) =>
  measured(pid, () => exchanges[by].run({ ...exchanging, port, again: true }))
async function prepare({ organizations, port }: Large, by: keyof typeof exchanges): Promise<void> {
  const workloads = organizations.flatMap(({ external }) => external)
  await exchanges[by].run({ ...exchanging, port, bodies: await forms(count, key, workloads) })
}

type Kind = { name: string; ask: Pick<Load, 'path' | 'json' | 'expect'>; sent: Sent[]; echoed: Sent[]; least?: number }
const asking = ({ port, pid }: Place, ask: Kind['ask'], bodies: Sent[]) =>
  measured(pid, () => client.run({ ...ask, port, connections, count, bodies }))
const echoing = ({ echoed }: Kind) => asking(echo, { path: '/echo', json: true, expect: '"' }, echoed)

const exchangeRounds: { small: Phase; large: Phase; wide?: Phase }[] = []
const kindRounds = new Map<Kind, { echo: Phase; ours: Phase }[]>()
const memory: Figure[] = []
/** Resident memory. `most`: where both did the same. */
function remember(when: string, bound: { most?: number }): void {
  const [ceiling, ours] = [memoryOf(small.pid), memoryOf(large.pid)]
  memory.push({ name: `MB, ${when}`, ceiling, ours, ratio: ours / ceiling, ...bound })
}
try {
  await waited(2000)
  remember('idle', { most: 1.1 })
  await prepare(small, 'same')
  await exchange(large, 'same')
  for (let i = 0; i < rounds; i++) {
    // Now one comes first, now the other.
    const before = i % 2 === 0 ? await exchange(small, 'same') : undefined
    const many = await exchange(large, 'same')
    exchangeRounds.push({ small: before ?? (await exchange(small, 'same')), large: many })
  }
  remember(`after the same ${(rounds + 1) * count} exchanges`, { most: 1.1 })
  await prepare(large, 'wide')
  for (const round of exchangeRounds) round.wide = await exchange(large, 'wide')

  const { keys, tokens, usual, wide, answers } = await questions(large, key)
  const introspection = { path: '/oauth/introspect', expect: '"active":true' }
  const evaluation = { path: '/access/v1/evaluation', json: true, expect: '"decision":true' }
  const questionsAlone = usual.map((one) => (typeof one === 'string' ? one : one.body))
  const kinds: Kind[] = [
    { name: 'introspections of a key', ask: introspection, sent: keys, echoed: [answers.key], least: 0.6 },
    { name: 'introspections of a token', ask: introspection, sent: tokens, echoed: [answers.token], least: 0.5 },
    { name: 'evaluations', ask: evaluation, sent: usual, echoed: questionsAlone, least: 0.5 },
    { name: 'evaluations, wide', ask: evaluation, sent: wide, echoed: questionsAlone },
  ]
  for (const kind of kinds) {
    kindRounds.set(kind, [])
    await echoing(kind)
    await asking(large, kind.ask, kind.sent)
  }
  for (let i = 0; i < rounds; i++)
    for (const [kind, measured] of kindRounds)
      measured.push({ echo: await echoing(kind), ours: await asking(large, kind.ask, kind.sent) })
  remember('when the large one did the rest', {})
} finally {
  for (const one of [client, exchanges.same, exchanges.wide]) one.stop()
  echo.stop()
  await Promise.all([small.close(), large.close()])
}

const answered: Figure[] = [...kindRounds].flatMap(([{ name, least }, rounds]) => {
  const of = (pick: (round: (typeof rounds)[number]) => number) => median(rounds.map(pick))
  return [
    {
      name: `${name}, per second`,
      ceiling: of((round) => round.echo.perSecond),
      ours: of((round) => round.ours.perSecond),
      ratio: of((round) => round.ours.perSecond / round.echo.perSecond),
      ...(least === undefined ? {} : { least }),
    },
    {
      name: '  CPU, µs',
      ceiling: of((round) => round.echo.cpu * 1000),
      ours: of((round) => round.ours.cpu * 1000),
      ratio: of((round) => round.ours.cpu / round.echo.cpu),
    },
  ]
})
const ofExchange = (name: string, of: 'large' | 'wide', pick: (phase: Phase) => number, most?: number): Figure => {
  const whole = exchangeRounds.flatMap(({ small, [of]: other }) => (other ? [[pick(small), pick(other)] as const] : []))
  return {
    name,
    ceiling: median(whole.map(([few]) => few)),
    ours: median(whole.map(([, many]) => many)),
    ratio: median(whole.map(([few, many]) => many / few)),
    ...(most === undefined ? {} : { most }),
  }
}
const grown: Figure[] = [
  ofExchange('exchanges per second', 'large', ({ perSecond }) => perSecond),
  ofExchange('  p99, ms', 'large', ({ p99 }) => p99, 1.1),
  ofExchange('exchanges, wide, per second', 'wide', ({ perSecond }) => perSecond),
  ofExchange('  p99, ms', 'wide', ({ p99 }) => p99),
  ...memory,
]
const met = show(answered, process.stdout, ['echo', 'ours'])
process.stdout.write('\n')
const level = show(grown, process.stdout, ['100', options.accounts])
process.exitCode = (met && level) || !options.check ? 0 : 1
