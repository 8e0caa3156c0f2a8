/** Whom a recorded token would become, by the exchange's own match; unknown where that hangs on what was not kept. Pure. */
import type { Candidate } from '../../trust/compile.ts'
import { withoutDoubt } from '../../trust/doubt.ts'
import { matchInTurns, type Stopwatch, type Subject } from '../../trust/match.ts'
import type { CandidateAccount } from '../../trust/policy.ts'
import { isMark } from '../redact.ts'
import type { Recorded } from './recorded.ts'
import { turn } from './walk.ts'

export type Outcome =
  | { is: 'account'; account: CandidateAccount }
  | { is: 'several'; accounts: readonly CandidateAccount[] }
  | { is: 'user'; user: string }
  | { is: 'nobody' }
  | { is: 'unknown'; claims: readonly string[] }

/** At which registration, of which organization. */
export type At = Pick<Subject, 'registrationId' | 'orgId'>

export async function outcomeOf(
  candidates: readonly Candidate[],
  recorded: Recorded,
  at: At,
  stopwatch: Stopwatch,
): Promise<Outcome> {
  const { evidence, hasHeader, marked } = recorded
  const kept = { claims: evidence.claims, marked, hasHeader, isMark }
  const tried = candidates.map((candidate) => withoutDoubt(candidate, kept))
  const decided = (which: typeof tried) =>
    decide(
      which.map(({ candidate }) => candidate),
      recorded,
      at,
      stopwatch,
    )
  const most = await decided(tried)
  const sure = tried.filter(({ doubts }) => doubts.length === 0)
  if (sure.length === tried.length) return most.outcome
  // What is doubtful may fit or not: when it makes no difference whether all of it does or none, nothing between does.
  const least = await decided(sure)
  if (nameOf(most.outcome) === nameOf(least.outcome)) return most.outcome
  const open = tried.filter(({ candidate }) => most.fitting.has(candidate.policy.id))
  return { is: 'unknown', claims: [...new Set(open.flatMap(({ doubts }) => doubts))] }
}

async function decide(
  candidates: readonly Candidate[],
  { evidence, asked, user }: Recorded,
  at: At,
  stopwatch: Stopwatch,
) {
  const ask = asked === undefined ? {} : { serviceAccount: asked }
  const decision = await matchInTurns(candidates, { ...evidence, ...at }, ask, stopwatch, turn)
  const fitting = new Set(decision.trials.filter(({ miss }) => miss === undefined).map(({ policy }) => policy))
  const outcome = (): Outcome => {
    if (decision.outcome === 'granted') return { is: 'account', account: decision.candidate.account }
    if (decision.reason === 'account_ambiguous') {
      const live = candidates.filter(({ policy }) => policy.state === 'live' && fitting.has(policy.id))
      const accounts = new Map(live.map(({ account }) => [account.id, account]))
      return { is: 'several', accounts: [...accounts.values()] }
    }
    // A person is meant only where no account is, be it disabled.
    const isDisabled = decision.trials.some(({ miss, draft }) => miss === 'disabled' && !draft)
    return user !== undefined && asked === undefined && !isDisabled ? { is: 'user', user } : { is: 'nobody' }
  }
  return { fitting, outcome: outcome() }
}

/** Equal for outcomes that are the same. */
export function nameOf(outcome: Outcome): string {
  switch (outcome.is) {
    case 'account':
      return outcome.account.id
    case 'several':
      return 'several'
    case 'user':
      return `user ${outcome.user}`
    default:
      return outcome.is
  }
}
