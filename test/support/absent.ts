/** What a machine may lack, and the tests of it are then skipped: said aloud, since a skipped test proves nothing. */
import { homedir } from 'node:os'
import { join } from 'node:path'

export class Absent extends Error {
  override readonly name = 'Absent'
}

/** For a hook: what the tests below it need. */
export async function orSkipped<T>(context: Mocha.Context, needed: Promise<T>): Promise<T> {
  try {
    return await needed
  } catch (error) {
    if (!(error instanceof Absent)) throw error
    const suite = context.test?.parent?.fullTitle() ?? ''
    process.stderr.write(`\n  SKIPPED: ${suite}\n  since ${error.message}\n\n`)
    return context.skip()
  }
}

/** What has to be installed or compiled once, for the next run to find. Never in the checkout. */
export function cacheFolder(name: string): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'countersign-tests', name)
}
