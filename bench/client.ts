/**
 * What the client SDK costs its caller: `getToken` while the token is fresh, beside a bare function that answers with a
 * promise made before; and how many exchanges ten thousand callers cause, cold and when the token has to be replaced.
 *
 *   npm run bench:client -- [--check] [--rounds 9] [--calls 1000000]
 *
 * --check: exits 1 when a target is missed.
 */
import { parseArgs } from 'node:util'
import { startClientWorld } from '../test/support/client-world.ts'
import { type Figure, median, show } from './table.ts'

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '9' },
    calls: { type: 'string', default: '1000000' },
  },
})
const calls = Number(options.calls)
const callers = 10_000

const job = await startClientWorld({ LOG_LEVEL: 'warn' })
try {
  const provider = job.provider()
  const made = await provider.getToken()
  const bare = Promise.resolve(made)
  const least = { getToken: () => bare }

  /** Microseconds a call, each awaited. */
  async function timed({ getToken }: { getToken(): Promise<unknown> }): Promise<number> {
    const begun = performance.now()
    for (let i = 0; i < calls; i++) await getToken()
    return ((performance.now() - begun) * 1000) / calls
  }
  const rounds: { ceiling: number; ours: number }[] = []
  for (let round = 0; round < Number(options.rounds); round++)
    rounds.push({ ceiling: await timed(least), ours: await timed(provider) })

  /** How often the platform was asked, and so the service. */
  async function asksOf(work: () => Promise<unknown>): Promise<number> {
    const before = job.asked()
    await work()
    return job.asked() - before
  }
  const many = () => Promise.all(Array.from({ length: callers }, () => provider.getToken()))
  provider.invalidate()
  const cold = await asksOf(many)
  job.pass(760_000)
  const replaced = new Promise((resolve) => provider.on('refresh', resolve))
  const advisory = await asksOf(async () => {
    await many()
    await replaced
  })
  job.pass(901_000)
  const expired = await asksOf(many)

  const figures: Figure[] = [
    {
      name: 'getToken from memory, µs',
      ceiling: median(rounds.map(({ ceiling }) => ceiling)),
      ours: median(rounds.map(({ ours }) => ours)),
      most: 2,
    },
    { name: `exchanges, ${callers} callers, no token`, ours: cold, most: 1 },
    { name: 'the same, one to be replaced', ours: advisory, most: 1 },
    { name: 'the same, one that has expired', ours: expired, most: 1 },
  ]
  const isMet = show(figures, process.stdout)
  if (options.check && !isMet) process.exitCode = 1
} finally {
  await job.close()
}
