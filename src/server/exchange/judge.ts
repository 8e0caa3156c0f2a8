/**
 * Who is asking, and what they get, on what is known. A refusal for what others may have changed meanwhile is thought
 * over: what was made on one process is there at once on any other.
 */
import type { ExchangeReason } from '../errors/catalogue.ts'
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

/**
 * Whether an admin's deed may have made the difference: to who is trusted, with which keys, algorithms, times and audiences,
 * and for whom. What is wrong with the request or the token by themselves stays wrong.
 */
const changeable: Readonly<Record<ExchangeReason, boolean>> = {
  malformed_request: false,
  parameter_missing: false,
  parameter_repeated: false,
  request_too_large: false,
  unsupported_media_type: false,
  unsupported_grant_type: false,
  token_malformed: false,
  token_too_large: false,
  algorithm_not_allowed: true,
  critical_header: false,
  issuer_missing: false,
  issuer_not_trusted: true,
  audience_not_accepted: true,
  key_not_found: true,
  signature_invalid: true,
  expiry_missing: false,
  issued_at_missing: false,
  token_expired: true,
  token_not_yet_valid: true,
  token_issued_in_future: true,
  token_too_old: true,
  subject_missing: true,
  no_account_matches: true,
  account_ambiguous: true,
  token_replayed: true,
  target_unknown: true,
  scope_not_allowed: true,
  dpop_proof_invalid: false,
  dpop_nonce_required: false,
  dpop_proof_missing: true,
  api_key_invalid: true,
  // These say themselves that another try may be answered otherwise.
  issuer_unavailable: false,
  storage_unavailable: false,
  rate_limited: false,
}
const isChangeable = (reason: string) => Object.hasOwn(changeable, reason) && changeable[reason as ExchangeReason]

/** Of a refusal: whether it has to be decided anew, since what it was for had been changed elsewhere. */
export const mayBeOutdated = async (error: unknown, since: number, { outdated }: Pick<Standing, 'outdated'>) =>
  error instanceof Refusal && isChangeable(error.reason) && (await outdated(since))

/** What changes so often meanwhile is another's. */
export const maxThoughts = 3

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
        if (thoughts === maxThoughts || !(await mayBeOutdated(error, since, standing))) throw error
      }
    }
  }
}
