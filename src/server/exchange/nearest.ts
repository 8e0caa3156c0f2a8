/**
 * The policies of a registration as one token meets them: those that its subject fits, and those that come nearest.
 * However many there are, they pass through in small pages, with a turn for others behind each.
 */
import { setImmediate as soon } from 'node:timers/promises'
import { type Candidate, compilePolicy } from '../trust/compile.ts'
import { byNearness, type Nearness, nearnessOf } from '../trust/judged.ts'
import type { MatchAsk, Subject } from '../trust/match.ts'
import type { WrittenCandidate } from '../trust/policy.ts'
import type { WrittenPolicyLookups } from '../trust/store.ts'

/** `fitting`: every policy, drafts too, that the subject fits, by id; `nearest`: of those that may be shown. */
export type Met = { fitting: readonly Candidate[]; nearest: readonly Candidate[] }

type Needs = {
  /** Milliseconds of a clock that only goes forward. */
  stopwatch: () => number
  lookups: Pick<WrittenPolicyLookups, 'allPolicies'>
  ready: (written: readonly WrittenCandidate[]) => Promise<readonly Candidate[]>
}
type Ask = MatchAsk & {
  /** Whether the caller may read it. */
  isVisible: (candidate: WrittenCandidate) => boolean
  /** A policy as far as it can be judged on what is known of the token. */
  candidate: (candidate: Candidate) => Candidate
}

export const mostCandidates = 50
const atOnce = 250
/** ms of work, after which others have their turn. */
const stint = 4

export function createMeet({ lookups, ready, stopwatch }: Needs) {
  return async (issuerIds: readonly string[], subject: Subject, ask: Ask): Promise<Met> => {
    const fitting: WrittenCandidate[] = []
    const nearest = createShortlist(mostCandidates)
    for (const issuerId of issuerIds)
      for await (const page of lookups.allPolicies(issuerId, atOnce)) {
        let since = stopwatch()
        for (const written of page) {
          if (stopwatch() - since >= stint) {
            await soon()
            since = stopwatch()
          }
          // Without its expression, which costs more than all the rest: those that are shown are compiled whole.
          const made = compilePolicy({ ...written.policy, cel: null })
          if (!made.ok) continue
          const candidate = ask.candidate({ policy: made.policy, account: written.account })
          if (candidate.policy.fitsSubject(subject.subject)) fitting.push(written)
          if (ask.isVisible(written)) nearest.add(written, nearnessOf(candidate, subject, ask))
        }
        await soon()
      }
    fitting.sort((a, b) => (a.policy.id < b.policy.id ? -1 : 1))
    return { fitting: await ready(fitting), nearest: await ready(nearest.all()) }
  }
}

/** The nearest so many of any number. */
function createShortlist(most: number) {
  const held: { written: WrittenCandidate; nearness: Nearness }[] = []
  return {
    add(written: WrittenCandidate, nearness: Nearness): void {
      const last = held.at(-1)
      if (held.length === most && last && byNearness(last.nearness, nearness) <= 0) return
      const at = held.findIndex((one) => byNearness(nearness, one.nearness) < 0)
      held.splice(at < 0 ? held.length : at, 0, { written, nearness })
      held.length = Math.min(held.length, most)
    },
    all: () => held.map(({ written }) => written),
  }
}
