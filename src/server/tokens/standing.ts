/**
 * Whether a decision still stands when its token is minted. An exchange looks up who may become whom, and then waits, for
 * a claim or for nothing but its turn; meanwhile an admin may disable, delete or revoke. Without this the token would
 * be younger than the revocation, and live.
 */
import type { Changes } from '../accounts/changes.ts'
import type { Principal } from '../accounts/principal.ts'
import type { Revocations } from './revocations.ts'

export interface Standing {
  /** To be taken before the first look-up of a decision. */
  mark(): number
  /**
   * Undefined when nothing has moved since: mint now, before anything else can run. Else what to wait for before the
   * decision is made anew.
   */
  moved(mark: number, principal: Pick<Principal, 'id' | 'orgId' | 'via'>): Promise<void> | undefined
}

type Needs = { changes: Pick<Changes, 'mark' | 'changedSince'>; revocations: Pick<Revocations, 'closing'> }

export function createStanding({ changes, revocations }: Needs): Standing {
  return {
    mark: () => changes.mark(),
    moved(mark, { id, orgId, via }) {
      return revocations.closing([id, ...via]) ?? (changes.changedSince(mark, orgId) ? Promise.resolve() : undefined)
    },
  }
}
