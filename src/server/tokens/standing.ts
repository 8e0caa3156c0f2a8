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
  /**
   * The same, when the token is minted and on record: another process's change, of which we heard only then, was made
   * before it, and what was minted without knowing of it must not be handed out. What this process changed by itself
   * reaches what it had minted, and what is on record before a change is not late.
   */
  late: Standing['moved']
  /**
   * Whether a refusal has to be thought over: something had changed elsewhere of which we did not know. What was made on
   * one process is there at once on any other.
   */
  outdated(mark: number): Promise<boolean>
}

type Needs = {
  changes: Pick<Changes, 'mark' | 'changedSince'>
  revocations: Pick<Revocations, 'closing'>
  /** Where other processes change things too. */
  shared?: {
    /** While it is known that something changed, but not yet what. */
    settling(): Promise<void> | undefined
    /** Resolves when all is known that was durable before the call. */
    look(): Promise<void>
  }
}

export function createStanding({ changes, revocations, shared }: Needs): Standing {
  const moved: Standing['moved'] = (mark, { id, orgId, via }) =>
    revocations.closing([id, ...via]) ??
    shared?.settling() ??
    (changes.changedSince(mark, orgId) ? Promise.resolve() : undefined)
  return {
    mark: () => changes.mark(),
    moved,
    async outdated(mark) {
      if (!shared) return false
      await shared.look()
      return changes.mark() !== mark
    },
    late: (mark, principal) => (shared ? moved(mark, principal) : undefined),
  }
}
