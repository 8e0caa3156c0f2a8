/** Who would gain, lose, become ambiguous, and of whom it cannot be said: counted by subject, within bounds. */
import type { CandidateAccount } from '../../trust/policy.ts'
import { nameOf, type Outcome } from './outcome.ts'
import type { Recorded } from './recorded.ts'

export const effects = ['gain', 'lose', 'ambiguous', 'unknown'] as const
export type Effect = (typeof effects)[number]

/** `account`: who is gained or lost, `team/name`, or the name of a user; null where the caller may not know. */
export type Group = {
  subject: string
  account: string | null
  /** Of what becomes ambiguous: between whom, as far as the caller may know. */
  between?: readonly string[]
  /** Of what is unknown: the claims that were not kept. */
  claims?: readonly string[]
  count: number
  firstAt: number
  lastAt: number
  /** Of the newest. */
  requestId: string
}
export type Tally = {
  /** Exchanges, by what would change for them. One that becomes another account is among both gain and lose. */
  counts: Record<Effect, number> & { unchanged: { granted: number; refused: number } }
  groups: Record<Effect, readonly Group[]>
  /** Whether there are groups that are counted and not listed. */
  more: boolean
}

/** Kept while counting, and shown. */
const mostKept = 2_000
const mostShown = 100

/** `isSeen`: whether the caller may know of this account. Of two that come, the newer comes first. */
export function createTally(isSeen: (account: CandidateAccount) => boolean) {
  const counts = { gain: 0, lose: 0, ambiguous: 0, unknown: 0, unchanged: { granted: 0, refused: 0 } }
  const groups: Record<Effect, Map<string, Group>> = {
    gain: new Map(),
    lose: new Map(),
    ambiguous: new Map(),
    unknown: new Map(),
  }
  let kept = 0
  let more = false
  const called = (account: CandidateAccount) => (isSeen(account) ? `${account.team}/${account.name}` : null)

  const add = (effect: Effect, recorded: Recorded, who: Pick<Group, 'account' | 'between' | 'claims'>) => {
    counts[effect] += 1
    const { at, requestId, evidence } = recorded
    const key = JSON.stringify([evidence.subject, who.account, who.between, who.claims])
    const group = groups[effect].get(key)
    if (group) {
      group.count += 1
      group.firstAt = Math.min(group.firstAt, at)
      group.lastAt = Math.max(group.lastAt, at)
    } else if (kept < mostKept) {
      kept += 1
      const { subject } = evidence
      groups[effect].set(key, { subject, ...who, count: 1, firstAt: at, lastAt: at, requestId })
    } else more = true
  }
  const nameFor = (outcome: Outcome): string | null => {
    if (outcome.is === 'account') return called(outcome.account)
    return outcome.is === 'user' ? outcome.user : null
  }
  const isSomebody = ({ is }: Outcome) => is === 'account' || is === 'user'

  const unchanged = ({ granted }: Recorded): void => {
    counts.unchanged[granted ? 'granted' : 'refused'] += 1
  }

  return {
    unchanged,
    /** What the exchange would have been without the change, and with it. */
    count(recorded: Recorded, before: Outcome, after: Outcome): void {
      const doubts = [before, after].flatMap((outcome) => (outcome.is === 'unknown' ? outcome.claims : []))
      if (doubts.length > 0) add('unknown', recorded, { account: null, claims: [...new Set(doubts)].sort() })
      else if (nameOf(before) === nameOf(after)) unchanged(recorded)
      else if (after.is === 'several') {
        const between = after.accounts.map(called).filter((name) => name !== null)
        add('ambiguous', recorded, { account: nameFor(before), between: between.sort() })
      } else if (isSomebody(before) || isSomebody(after)) {
        if (isSomebody(before)) add('lose', recorded, { account: nameFor(before) })
        if (isSomebody(after)) add('gain', recorded, { account: nameFor(after) })
      }
      // From several to nobody: it is refused either way.
      else unchanged(recorded)
    },
    tally(): Tally {
      const shown = (effect: Effect) => {
        const all = [...groups[effect].values()].sort((a, b) => b.count - a.count || b.lastAt - a.lastAt)
        if (all.length > mostShown) more = true
        return all.slice(0, mostShown)
      }
      const listed = {
        gain: shown('gain'),
        lose: shown('lose'),
        ambiguous: shown('ambiguous'),
        unknown: shown('unknown'),
      }
      return { counts, groups: listed, more }
    },
  }
}
