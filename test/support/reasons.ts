/** Why something was refused. What throws anything but a Refusal fails the test. */
import { Refusal } from '../../src/server/errors/refusal.ts'

/** The reason, or null when it was not refused. */
export function reasonOf(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.reason
  }
}

/** The refusal, of work that must be refused. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('it was not refused')
}
