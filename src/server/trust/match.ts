/**
 * Which account a verified subject may become. Pure: no clock, no network, no log; the decision holds every trial, so
 * that the exchange and a dry run cannot disagree.
 */
import type { Candidate, CompiledPolicy, Evidence } from './compile.ts'

/** What of a verified token is matched. */
export type Subject = Evidence & { registrationId: string; orgId: string; subject: string }
/** `serviceAccount`: an account's id or `team/name`; when given, only that one is tried. */
export type MatchAsk = { serviceAccount?: string }

export type Miss = 'issuer' | 'organization' | 'sub' | 'not_asked_for' | 'condition' | 'cel' | 'disabled'
/**
 * `claim`: of the first condition that does not hold. `because`: why an expression is not true. `late`: it was the clock, so
 * that nobody knows whether the policy fits.
 */
export type Trial = {
  policy: string
  account: string
  draft?: true
  miss?: Miss
  claim?: string
  because?: string
  late?: true
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
  return decided(
    candidates,
    candidates.map((candidate) => trialOf(candidate, subject, ask, stopwatch)),
  )
}

/** ms of work, after which others have their turn. */
const stint = 4

/** The same, where somebody else waits: thousands of policies may ask of one token all that one may ask. */
export async function matchInTurns(
  candidates: readonly Candidate[],
  subject: Subject,
  ask: MatchAsk,
  stopwatch: Stopwatch,
  turn: () => Promise<void>,
): Promise<Decision> {
  const trials: Trial[] = []
  let since = stopwatch()
  for (const candidate of candidates) {
    trials.push(trialOf(candidate, subject, ask, stopwatch))
    if (stopwatch() - since < stint) continue
    await turn()
    since = stopwatch()
  }
  return decided(candidates, trials)
}

function decided(candidates: readonly Candidate[], trials: readonly Trial[]): Decision {
  const fitting = candidates.filter((_, i) => trials[i]?.miss === undefined)
  const drafts = fitting.filter(({ policy }) => policy.state !== 'live')
  const [first, ...others] = fitting.filter(({ policy }) => policy.state === 'live')
  if (!first) return { outcome: 'refused', reason: 'no_account_matches', trials, drafts }
  // One that had no time to be judged may fit as well: whether others were busy decides nothing.
  const isLate = trials.some(({ late, draft, account }) => late && !draft && account !== first.account.id)
  if (isLate || others.some(({ account }) => account.id !== first.account.id))
    return { outcome: 'refused', reason: 'account_ambiguous', trials, drafts }
  return { outcome: 'granted', candidate: first, trials, drafts }
}

/** Where thousands of policies name one subject, this is asked thousands of times for one token. */
function trialOf(candidate: Candidate, subject: Subject, { serviceAccount }: MatchAsk, stopwatch: Stopwatch): Trial {
  const { policy, account } = candidate
  const trial: Trial = { policy: policy.id, account: account.id }
  if (policy.state !== 'live') trial.draft = true
  if (policy.issuerId !== subject.registrationId) trial.miss = 'issuer'
  else if (account.orgId !== subject.orgId) trial.miss = 'organization'
  else if (!policy.fitsSubject(subject.subject)) trial.miss = 'sub'
  else if (serviceAccount !== undefined && !isCalled(account, serviceAccount)) trial.miss = 'not_asked_for'
  else if (holdsAll(policy, subject, stopwatch, trial) && !account.enabled) trial.miss = 'disabled'
  return trial
}

const isCalled = ({ id, team, name }: Candidate['account'], asked: string) =>
  asked === id || asked === `${team}/${name}`

/** When not: the trial says which did not hold, and of an expression why. */
function holdsAll({ conditions, cel }: CompiledPolicy, subject: Subject, stopwatch: Stopwatch, trial: Trial): boolean {
  for (const condition of conditions) {
    if (condition.holds(subject.claims)) continue
    trial.miss = 'condition'
    trial.claim = condition.claim
    return false
  }
  if (!cel) return true
  const { outcome, message, late } = cel.program.evaluate(subject, stopwatch)
  if (outcome === 'true') return true
  trial.miss = 'cel'
  if (message !== undefined) trial.because = message
  if (late) trial.late = true
  return false
}

/** Whether only the account that was asked for is this one. */
export const isAskedFor = (account: Candidate['account'], { serviceAccount }: MatchAsk): boolean =>
  serviceAccount === undefined || isCalled(account, serviceAccount)
