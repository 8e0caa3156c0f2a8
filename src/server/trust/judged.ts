/**
 * Every test of a policy on one token, where match.ts stops at the first that fails: for those who may read the policy.
 * Pure. What is said here and what is decided there is of one mind: a candidate fits when its trial has no miss.
 */
import type { Json } from '../../protocol/json.ts'
import { conditionHints, likeness, subjectHints } from './claim-hints.ts'
import type { Candidate, CompiledPolicy } from './compile.ts'
import { expectedOf } from './condition.ts'
import { type Hint, hint } from './hints.ts'
import { isAskedFor, type MatchAsk, type Stopwatch, type Subject } from './match.ts'

/** `claim`: of a condition; `sub`, `iss` and `cel` too. `received`: null when the token has none. */
export type JudgedTest = { claim: string; op: string; expected: Json; received: Json; holds: boolean; hints: Hint[] }
/** `fits`: it would stand for its account, were it live. `hints`: of the candidate as a whole. */
export type Judged = { candidate: Candidate; fits: boolean; tests: readonly JudgedTest[]; hints: Hint[] }

export function judged(candidate: Candidate, subject: Subject, ask: MatchAsk, stopwatch: Stopwatch): Judged {
  const { policy, account } = candidate
  const tests = [
    subjectTest(policy, subject),
    ...policy.conditions.map((condition) => {
      const received = condition.received(subject.claims)
      const holds = condition.holds(subject.claims)
      const { claim, op } = condition
      const hints = holds
        ? []
        : (condition.unknown?.(subject.claims) ?? conditionHints(condition, received, subject.claims))
      return { claim, op, expected: expectedOf(condition), received: received ?? null, holds, hints }
    }),
    ...celTest(policy, subject, stopwatch),
  ]
  const hints: Hint[] = []
  const isAsked = isAskedFor(account, ask)
  if (!account.enabled) hints.push(hint('disabled', `the service account ${account.team}/${account.name} is disabled`))
  if (policy.state !== 'live') hints.push(hint('draft', 'the policy is a draft, which grants nothing'))
  const fits = isAsked && account.enabled && isHere(candidate, subject) && tests.every(({ holds }) => holds)
  return { candidate, fits, tests: renamedIn(tests), hints }
}

const isHere = ({ policy, account }: Candidate, { registrationId, orgId }: Subject) =>
  policy.issuerId === registrationId && account.orgId === orgId

function subjectTest(
  { match, subject: expected, fitsSubject }: CompiledPolicy,
  { subject, claims }: Subject,
): JudgedTest {
  const holds = fitsSubject(subject)
  const hints = holds || subject === '' ? [] : subjectHints(expected, subject, match === 'glob', claims)
  const op = match === 'exact' ? 'equals' : match
  return { claim: 'sub', op, expected, received: subject === '' ? null : subject, holds, hints }
}

function celTest({ cel }: CompiledPolicy, subject: Subject, stopwatch: Stopwatch): JudgedTest[] {
  if (!cel) return []
  const { outcome, message } = cel.program.evaluate(subject, stopwatch)
  const received = outcome === 'true' ? true : outcome === 'false' ? false : (message ?? 'error')
  return [{ claim: 'cel', op: 'cel', expected: cel.source, received, holds: outcome === 'true', hints: [] }]
}

/** The id that the policy names is the token's, and its name is not: it was given another. */
function renamedIn(tests: readonly JudgedTest[]): readonly JudgedTest[] {
  const holding = new Set(tests.filter(({ op, holds }) => holds && op !== 'exists').map(({ claim }) => claim))
  return tests.map((test) => {
    if (test.holds || test.received === null || test.hints.length > 0) return test
    // Where the subject has the same name, it is another branch, or whatever else it says.
    if (test.claim === 'sub' && nameIn(test.expected) === nameIn(test.received)) return test
    const id = idsOf(test.claim).find((name) => holding.has(name))
    if (id === undefined) return test
    return { ...test, hints: [hint('renamed', `${id} is as expected: it has another name now`)] }
  })
}

/** `repo:NAME:…`, `project_path:NAME:…` */
const nameIn = (subject: unknown) => String(subject).split(':')[1]

/** Claims with the id of what this one calls by its name. */
export const idsOf = (claim: string): readonly string[] =>
  claim === 'sub'
    ? ['repository_id', 'project_id']
    : [`${claim}_id`, `${claim.replace(/_(?:path|name|slug)$/, '')}_id`].filter((name) => name !== claim)

/**
 * What a subject counts that neither fits nor is a near miss: a policy of the token's own subject that misses two tests is
 * nearer than one of somebody else's that asks nothing more.
 */
const strange = 3
const isNearMiss = (hints: readonly Hint[]) => hints.some(({ kind }) => kind !== 'fork_or_pull_request')

/** How far a policy is from a token: fewest misses first, then what looks most like it. The expression is not asked. */
export type Nearness = { misses: number; likeness: number; draft: boolean; id: string }

export function nearnessOf({ policy, account }: Candidate, subject: Subject, ask: MatchAsk): Nearness {
  const fits = policy.fitsSubject(subject.subject)
  const missed = policy.conditions.filter((condition) => !condition.holds(subject.claims)).length
  const others = (isAskedFor(account, ask) ? 0 : 1) + (account.enabled ? 0 : 1)
  const near = fits || isNearMiss(subjectHints(policy.subject, subject.subject, policy.match === 'glob', {}))
  return {
    misses: missed + others + (fits ? 0 : near ? 1 : strange),
    likeness: fits ? Number.MAX_SAFE_INTEGER : likeness(policy.subject, subject.subject),
    draft: policy.state !== 'live',
    id: policy.id,
  }
}

/** Negative when `a` is the nearer one. */
export const byNearness = (a: Nearness, b: Nearness): number =>
  a.misses - b.misses || b.likeness - a.likeness || Number(a.draft) - Number(b.draft) || (a.id < b.id ? -1 : 1)

/** The misses, with those of the expression. */
export function missesOf({ candidate: { account }, tests }: Judged, ask: MatchAsk): number {
  const others = (isAskedFor(account, ask) ? 0 : 1) + (account.enabled ? 0 : 1)
  const missed = tests.filter(({ holds }) => !holds)
  return missed.reduce((sum, { claim, hints }) => sum + (claim === 'sub' && !isNearMiss(hints) ? strange : 1), others)
}
