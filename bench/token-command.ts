/**
 * What a job waits for `countersign token`, from its start to its end, with the code cached: beside Node itself, which starts,
 * does nothing and ends. The service runs on this machine, and the exchange is one of all its rights.
 *
 *   npm run bench:cli -- [--check] [--rounds 21]
 *
 * --check: exits 1 when the target is missed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startJobWorld } from '../test/support/job-world.ts'
import { bareEnv, root } from '../test/support/server.ts'
import { median, show } from './table.ts'

const { values: options } = parseArgs({
  options: { check: { type: 'boolean', default: false }, rounds: { type: 'string', default: '21' } },
})

const job = await startJobWorld()
try {
  const env = { ...bareEnv, ...job.env }
  /** Milliseconds. */
  async function timed(...args: readonly string[]): Promise<number> {
    const begun = performance.now()
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
    await once(child, 'exit')
    const took = performance.now() - begun
    if (child.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${child.exitCode}`)
    return took
  }
  const command = [join(root, 'bin/countersign.js'), 'token']
  for (let i = 0; i < 3; i++) await timed(...command)
  const [bare, ours]: [number[], number[]] = [[], []]
  // By turns: what else this machine does meanwhile is done to both.
  for (let round = 0; round < Number(options.rounds); round++) {
    bare.push(await timed('-e', '0'))
    ours.push(await timed(...command))
  }
  const isMet = show(
    [
      { name: 'countersign token, median (ms)', ceiling: median(bare), ours: median(ours), most: 150 },
      { name: 'the quickest (ms)', ceiling: Math.min(...bare), ours: Math.min(...ours) },
    ],
    process.stdout,
    ['node -e 0', 'ours'],
  )
  if (options.check && !isMet) process.exitCode = 1
} finally {
  await job.close()
}
