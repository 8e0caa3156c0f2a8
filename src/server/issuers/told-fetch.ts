/** Fetches of registrations, told of when they have ended. */
import type { FetchKeys } from './discovery.ts'
import type { KeySet } from './key-set.ts'
import { Unreachable } from './outbound.ts'

/** `at`: when it ended, in ms since 1970. `message`: why it failed. */
export type ToldFetch = { issuerId: string; at: number; milliseconds: number } & (
  | { set: KeySet; message: null }
  | { set: undefined; message: string }
)
export type Tell = (fetch: ToldFetch) => void

/** What an admin may read of a fetch that failed. */
export const messageOf = (error: unknown): string =>
  error instanceof Unreachable ? error.message : 'the keys could not be fetched'

/** By the id of a registration. */
export function telling(fetchKeys: FetchKeys, clock: () => number, tell: Tell): (id: string) => FetchKeys {
  return (issuerId) => async (source, onStep) => {
    const begun = performance.now()
    const ended = () => ({ issuerId, at: clock(), milliseconds: Math.round(performance.now() - begun) })
    try {
      const fetched = await fetchKeys(source, onStep)
      tell({ ...ended(), set: fetched.set, message: null })
      return fetched
    } catch (error) {
      tell({ ...ended(), set: undefined, message: messageOf(error) })
      throw error
    }
  }
}
