/** How the tests of the sources ask. */

import type { FederationError } from '../../../src/client/federation-error.ts'
import { type Environment, ownSurroundings, type Surroundings } from '../../../src/client/surroundings.ts'

export const audience = 'https://countersign.example/orgs/acme'

/** This machine, with another environment. */
export function surroundings(env: Environment, instead: Partial<Surroundings> = {}): Surroundings {
  return { ...ownSurroundings(), env, ...instead }
}

export const ask = (own: { audience?: string | undefined; signal?: AbortSignal } = {}) => ({
  audience,
  signal: new AbortController().signal,
  ...own,
})

/** What it is refused with. */
export async function failure(work: Promise<unknown> | (() => Promise<unknown>)): Promise<FederationError> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    return error as FederationError
  }
  throw new Error('it was not refused')
}
