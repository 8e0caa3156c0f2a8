/** How the tests of the sources ask. */
import { inspect } from 'node:util'
import type { FederationError } from '../../../src/client/federation-error.ts'
import { createSubjectFinder } from '../../../src/client/sources/find.ts'
import { type Environment, ownSurroundings, type Surroundings } from '../../../src/client/surroundings.ts'
import { leaks } from '../../support/leaks.ts'
import { onPath } from '../../support/platforms/machine.ts'

export const audience = 'https://countersign.example/orgs/acme'

/** This machine, with another environment; programs are looked for on its PATH. */
export function surroundings(env: Environment, instead: Partial<Surroundings> = {}): Surroundings {
  const own = ownSurroundings()
  return { ...own, env, run: (program, ...rest) => own.run(onPath(program, env.PATH), ...rest), ...instead }
}

export const ask = (own: { audience?: string | undefined; signal?: AbortSignal } = {}) => ({
  audience,
  signal: new AbortController().signal,
  ...own,
})

/** What `auto` finds in that environment. */
export const findIn = (env: Environment, own: Parameters<typeof ask>[0] = {}, instead: Partial<Surroundings> = {}) =>
  createSubjectFinder('auto', surroundings(env, instead))(ask(own))

/** What it is refused with, however that is shown without a secret in it. */
export async function failure(work: Promise<unknown> | (() => Promise<unknown>)): Promise<FederationError> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    leaks.refuse('an error', inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error))
    return error as FederationError
  }
  throw new Error('it was not refused')
}
