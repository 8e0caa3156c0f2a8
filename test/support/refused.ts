import { Refusal } from '../../src/server/errors/refusal.ts'

/** The reason that the work is refused with; `done` when it is not. Anything that is no refusal is thrown on. */
export async function reasonOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (error instanceof Refusal) return error.reason
    throw error
  }
}
