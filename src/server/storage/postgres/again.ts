/** What came to nothing since another came between is begun anew. */
import { setTimeout as waited } from 'node:timers/promises'
import { StorageUnavailable } from '../../errors/refusal.ts'
import { Conflict, PlanOutdated } from './failures.ts'

/** Others may come between so often; each time the wait is longer. */
const maxTries = 12

/** Nothing of what failed so has happened. */
const isNothing = (error: unknown) => error instanceof Conflict || error instanceof PlanOutdated

/** Runs the work, which is done as a whole or not at all, until nobody comes between. Throws StorageUnavailable. */
export async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!isNothing(error)) throw error
      if (tries === maxTries) throw new StorageUnavailable(error)
      if (error instanceof Conflict) await waited(Math.random() * Math.min(5 * 2 ** tries, 250))
    }
  }
}
