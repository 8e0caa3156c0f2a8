import type { Candidate } from '../../trust/compile.ts'
import type { Stopwatch } from '../../trust/match.ts'
import { nameOf, outcomeOf } from './outcome.ts'
import type { Recorded } from './recorded.ts'
import type { Change, FindCandidates } from './replay.ts'
import type { createTally } from './tally.ts'

type Needs = {
  changes: readonly Change[]
  candidates: FindCandidates
  orgId: string
  stopwatch: Stopwatch
  tally: ReturnType<typeof createTally>
}

/** Counts one exchange. What the change by itself makes no difference to is not looked at further: that is nearly all. */
export function createJudging({ changes, candidates, orgId, stopwatch, tally }: Needs) {
  const changed = new Set(changes.flatMap((change) => sides(change).map(({ policy }) => policy.id)))
  const listed = (side: 'before' | 'after') => changes.flatMap((change) => change[side] ?? [])
  const [before, after] = [listed('before'), listed('after')]

  return async (recorded: Recorded, registrationId: string): Promise<void> => {
    const { subject } = recorded.evidence
    const outcome = (of: readonly Candidate[]) => outcomeOf(of, recorded, { registrationId, orgId }, stopwatch)
    const matters = async (change: Change): Promise<boolean> => {
      if (!sides(change).some(({ policy }) => policy.fitsSubject(subject))) return false
      const [was, becomes] = [await outcome(only(change.before)), await outcome(only(change.after))]
      return was.is === 'unknown' || becomes.is === 'unknown' || nameOf(was) !== nameOf(becomes)
    }
    let isOpen = false
    for (const change of changes) isOpen ||= await matters(change)
    if (!isOpen) return tally.unchanged(recorded)
    const others = (await candidates(registrationId, subject)).filter(({ policy }) => !changed.has(policy.id))
    tally.count(recorded, await outcome([...others, ...before]), await outcome([...others, ...after]))
  }
}

const sides = ({ before, after }: Change): readonly Candidate[] => [...only(before), ...only(after)]
const only = (candidate: Candidate | undefined): readonly Candidate[] => (candidate ? [candidate] : [])
