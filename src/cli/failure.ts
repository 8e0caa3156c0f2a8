import type { JsonObject } from '../protocol/json.ts'
import { type Exit, exit } from './terminal.ts'

/** What ends a command that cannot do what it was asked: a sentence, an exit code, and what may help. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exit: Exit
  /** Stable: a reason of the service, or one of the command line itself. */
  readonly code: string
  readonly hint: string | undefined
  /** What else the service said, as it said it. */
  readonly problem: JsonObject

  constructor(
    message: string,
    {
      exit,
      code,
      hint,
      problem = {},
      cause,
    }: { exit: Exit; code: string; hint?: string | undefined; problem?: JsonObject; cause?: unknown },
  ) {
    super(message, { cause })
    this.exit = exit
    this.code = code
    this.hint = hint
    this.problem = problem
  }
}

/** Called wrongly. */
export const misuse = (message: string, hint?: string): Failure =>
  new Failure(message, { exit: exit.usage, code: 'usage', hint })

export const interrupted = (): Failure => new Failure('interrupted', { exit: exit.interrupted, code: 'interrupted' })

export const notLoggedIn = (url: string): Failure =>
  new Failure(`nobody is logged in at ${url}`, {
    exit: exit.unauthenticated,
    code: 'not_logged_in',
    hint: 'countersign login, or set COUNTERSIGN_API_KEY',
  })

const categories: Partial<Record<Exit, string>> = {
  [exit.usage]: 'usage',
  [exit.notFound]: 'not_found',
  [exit.unauthenticated]: 'auth',
  [exit.refused]: 'denied',
  [exit.conflict]: 'conflict',
  [exit.unavailable]: 'unavailable',
}

/** For programs: the coarse kind of a failure, one for each exit code. */
export const categoryOf = (code: Exit): string => categories[code] ?? 'unexpected'
