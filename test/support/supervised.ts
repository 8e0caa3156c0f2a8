/**
 * A program that supervises workers of the tests' own: each says who it is, after a moment. Told by its arguments how
 * many, and how they behave: `serve`; `fail`, with what ends a start; `die`, by a signal at the start; `late`, all but
 * the first fail.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as waited } from 'node:timers/promises'
import { createClose } from '../../src/server/http/close.ts'
import type { Life } from '../../src/server/main.ts'
import { asWorker, isWorker, supervise } from '../../src/server/supervise.ts'

const [count, behaviour] = process.argv.slice(2)
const say = (fields: object, msg: string) => process.stdout.write(`${JSON.stringify({ ...fields, msg })}\n`)

async function work({ name, offersSetup, ready, stopped }: Life): Promise<number> {
  say({ ...name, pid: process.pid, offersSetup }, 'begun')
  if (behaviour === 'die') process.kill(process.pid, 'SIGKILL')
  if (behaviour === 'fail' || (behaviour === 'late' && !offersSetup))
    throw Object.assign(new Error('storage_unavailable', { cause: new Error('no such database') }), {
      name: 'Refusal',
      reason: 'storage_unavailable',
    })
  const server = createServer(async (_, res) => {
    if (draining) res.setHeader('Connection', 'close')
    await waited(10)
    res.end(String(process.pid))
  })
  let draining = false
  const close = createClose(server)
  await new Promise<void>((resolve) => server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  ready?.(url, url)
  await stopped()
  draining = true
  say({ pid: process.pid }, 'draining')
  await waited(300)
  await close()
  say({ pid: process.pid }, 'closed')
  return 0
}

try {
  process.exitCode = isWorker()
    ? await asWorker(work)
    : await supervise({ count: Number(count), log: { info: say, warn: say }, delay: () => 20 })
} catch (error) {
  const { name, message, reason, cause } = error as Error & { reason?: string }
  say({ name, message, reason, cause: cause instanceof Error ? cause.message : undefined }, 'failed')
  process.exitCode = 7
}
