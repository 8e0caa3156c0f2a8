/**
 * Which account a verified subject may become. Pure: no clock, no network, no log; the decision holds every trial, so
 * that the exchange and a dry run cannot disagree.
 */
import type { Candidate, Evidence } from './compile.ts'

/** What of a verified token is matched. */
export type Subject = Evidence & { registrationId: string; orgId: string; subject: string }
/** `serviceAccount`: an account's id or `team/name`; when given, only that one is tried. */
export type MatchAsk = { serviceAccount?: string }

export type Miss = 'issuer' | 'organization' | 'sub' | 'not_asked_for' | 'condition' | 'cel' | 'disabled'
/** `claim`: of the first condition that does not hold. `because`: why an expression is not true. */
export type Trial = {
  policy: string
  account: string
  draft?: true
  miss?: Miss
  claim?: string
  because?: string
}
/** `drafts`: policies that would have granted, were they live. */
export type Decision = { trials: readonly Trial[]; drafts: readonly Candidate[] } & (
  | { outcome: 'granted'; candidate: Candidate }
  | { outcome: 'refused'; reason: 'no_account_matches' | 'account_ambiguous' }
)

/** Milliseconds of a clock that only goes forward: an expression is held to its time. */
export type Stopwatch = () => number

/** Granted when all that fits leads to one account; two policies of the same account are no ambiguity. */
export function match(
  candidates: readonly Candidate[],
  subject: Subject,
  ask: MatchAsk,
  stopwatch: Stopwatch,
): Decision {
  const trials = candidates.map((candidate) => trialOf(candidate, subject, ask, stopwatch))
  const fitting = candidates.filter((_, i) => trials[i]?.miss === undefined)
  const drafts = fitting.filter(({ policy }) => policy.state !== 'live')
  const [first, ...others] = fitting.filter(({ policy }) => policy.state === 'live')
  if (!first) return { outcome: 'refused', reason: 'no_account_matches', trials, drafts }
  if (others.some(({ account }) => account.id !== first.account.id))
    return { outcome: 'refused', reason: 'account_ambiguous', trials, drafts }
  return { outcome: 'granted', candidate: first, trials, drafts }
}

function trialOf(candidate: Candidate, subject: Subject, ask: MatchAsk, stopwatch: Stopwatch): Trial {
  const { policy, account } = candidate
  const trial = { policy: policy.id, account: account.id, ...(policy.state === 'live' ? {} : { draft: true as const }) }
  const miss = missOf(candidate, subject, ask, stopwatch)
  return miss ? { ...trial, ...miss } : trial
}

/** The first test that the candidate fails. The look-up has asked some of this before; a wrong yes is asked twice. */
function missOf(
  { policy, account }: Candidate,
  subject: Subject,
  { serviceAccount }: MatchAsk,
  stopwatch: Stopwatch,
): Pick<Trial, 'miss' | 'claim' | 'because'> | undefined {
  if (policy.issuerId !== subject.registrationId) return { miss: 'issuer' }
  if (account.orgId !== subject.orgId) return { miss: 'organization' }
  if (!policy.fitsSubject(subject.subject)) return { miss: 'sub' }
  if (
    serviceAccount !== undefined &&
    serviceAccount !== account.id &&
    serviceAccount !== `${account.team}/${account.name}`
  )
    return { miss: 'not_asked_for' }
  for (const condition of policy.conditions)
    if (!condition.holds(subject.claims)) return { miss: 'condition', claim: condition.claim }
  if (policy.cel) {
    const { outcome, message } = policy.cel.program.evaluate(subject, stopwatch)
    if (outcome !== 'true') return { miss: 'cel', ...(message === undefined ? {} : { because: message }) }
  }
  return account.enabled ? undefined : { miss: 'disabled' }
}
