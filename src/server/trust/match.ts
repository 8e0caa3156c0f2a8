/**
 * Which account a verified subject may become. Pure: no clock, no network, no log; the decision holds every trial, so
 * that the exchange and a dry run cannot disagree.
 */
import type { Candidate } from './policy.ts'

/** What of a verified token is matched. */
export type Subject = { registrationId: string; orgId: string; subject: string }
/** `serviceAccount`: an account's id or `team/name`; when given, only that one is tried. */
export type MatchAsk = { serviceAccount?: string }

export type Miss = 'issuer' | 'organization' | 'sub' | 'not_asked_for' | 'disabled'
export type Trial = { policy: string; account: string; miss?: Miss }
export type Decision =
  | { outcome: 'granted'; candidate: Candidate; trials: readonly Trial[] }
  | { outcome: 'refused'; reason: 'no_account_matches' | 'account_ambiguous'; trials: readonly Trial[] }

/** Granted when all that fits leads to one account; two policies of the same account are no ambiguity. */
export function match(candidates: readonly Candidate[], subject: Subject, ask: MatchAsk): Decision {
  const trials = candidates.map((candidate): Trial => {
    const miss = missOf(candidate, subject, ask)
    const trial = { policy: candidate.policy.id, account: candidate.account.id }
    return miss ? { ...trial, miss } : trial
  })
  const fitting = candidates.filter((_, i) => trials[i]?.miss === undefined)
  const [first] = fitting
  if (!first) return { outcome: 'refused', reason: 'no_account_matches', trials }
  if (fitting.some(({ account }) => account.id !== first.account.id))
    return { outcome: 'refused', reason: 'account_ambiguous', trials }
  return { outcome: 'granted', candidate: first, trials }
}

/** The first test that the candidate fails. The look-up has asked most of this before; a wrong yes is asked twice. */
function missOf({ policy, account }: Candidate, subject: Subject, { serviceAccount }: MatchAsk): Miss | undefined {
  if (policy.issuerId !== subject.registrationId) return 'issuer'
  if (account.orgId !== subject.orgId) return 'organization'
  if (policy.match !== 'exact' || policy.subject !== subject.subject) return 'sub'
  if (
    serviceAccount !== undefined &&
    serviceAccount !== account.id &&
    serviceAccount !== `${account.team}/${account.name}`
  )
    return 'not_asked_for'
  return account.enabled ? undefined : 'disabled'
}
