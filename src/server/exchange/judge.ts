/**
 * Who is asking, and what they get, on what is known. A refusal for what others may have changed meanwhile is thought
 * over: what was made on one process is there at once on any other.
 */
import { Refusal } from '../errors/refusal.ts'
import type { Grant } from '../tokens/claims.ts'
import type { Standing } from '../tokens/standing.ts'
import type { GrantOf } from './grant.ts'
import type { Ask } from './parse.ts'
import type { Prove, Proven } from './prove.ts'
import type { Note } from './witness.ts'

/** `since`: what is decided stands unless something has moved since then. */
export type Judged = { proven: Proven; grant: Grant; since: number }
export type Judge = (ask: Ask, note: Note) => Promise<Judged>

type Needs = { prove: Prove; grantOf: GrantOf; standing: Pick<Standing, 'mark' | 'outdated'> }

/** Where an admin's deed may have made the difference; what is wrong with the token itself stays wrong. */
const changeable = new Set([
  'issuer_not_trusted',
  'audience_not_accepted',
  'algorithm_not_allowed',
  'key_not_found',
  'no_account_matches',
  'account_ambiguous',
  'api_key_invalid',
  'target_unknown',
  'scope_not_allowed',
])
const maxThoughts = 3

export function createJudge({ prove, grantOf, standing }: Needs): Judge {
  return async (ask, note) => {
    for (let thoughts = 1; ; thoughts++) {
      const since = standing.mark()
      note.again()
      try {
        const proven = await prove(ask, note)
        const grant = await grantOf(ask, proven)
        note({ grant })
        return { proven, grant, since }
      } catch (error) {
        const final = !(error instanceof Refusal && changeable.has(error.reason)) || thoughts === maxThoughts
        if (final || !(await standing.outdated(since))) throw error
      }
    }
  }
}
