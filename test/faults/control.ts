/** What the machine alone makes of an ask: the measure beside which waits are held. */
import { setTimeout as waited } from 'node:timers/promises'
import { call, type Service } from '../support/server.ts'
import { timed } from '../support/stopwatch.ts'

/** ms of the slowest answer to what needs neither database nor Redis, asked of each of them until `over`. */
export async function slowestOfNothing(replicas: () => readonly Service[], over: Promise<unknown>): Promise<number> {
  let slowest = 0
  let isOver = false
  over.catch(() => {}).then(() => (isOver = true))
  const one = async (_: Service, i: number) => {
    while (!isOver) {
      const at = replicas()[i]
      if (at) {
        const { answer, ms } = await timed(call(at, 'GET', '/livez'))
        if (!(answer instanceof Error)) slowest = Math.max(slowest, ms)
      }
      await waited(25)
    }
  }
  await Promise.all(replicas().map(one))
  return slowest
}
