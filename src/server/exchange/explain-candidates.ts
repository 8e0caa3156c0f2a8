/** How candidates are shown, and what they say of a match that failed. Claims are redacted as in the trail. */
import type { Candidate } from '../trust/compile.ts'
import { type Hint, hint } from '../trust/hints.ts'
import type { Judged, JudgedTest } from '../trust/judged.ts'
import { isAskedFor } from '../trust/match.ts'
import { issuerHints } from '../trust/token-hints.ts'
import type { Seen } from './explain-source.ts'
import type { ExplainedCandidate, Told } from './explained.ts'
import type { Ask } from './parse.ts'
import { redactedClaim } from './redact.ts'

/** A policy that is judged as a draft would be. `issuer`: the URL that it is for. */
export type Tried = { candidate: Candidate; issuer: string; name: string | null }

/** `granted`: the account that the token is granted for, as `team/name`. */
export function candidateOf(
  { candidate, fits, tests, hints }: Judged,
  granted: string | undefined,
): ExplainedCandidate {
  const { policy, account } = candidate
  const name = `${account.team}/${account.name}`
  const isGranted = fits && policy.state === 'live' && granted === name
  return {
    service_account: name,
    team: account.team,
    policy: policy.id,
    name: policy.name,
    state: policy.state,
    outcome: isGranted ? 'granted' : fits ? 'fits' : 'refused',
    conditions: tests.map(shownTest),
    hints,
  }
}

export function triedOf({ issuer, name }: Tried, one: Judged, seen: Seen): ExplainedCandidate {
  const ofIssuer: JudgedTest[] =
    issuer === seen.issuer
      ? []
      : [
          {
            claim: 'iss',
            op: 'equals',
            expected: issuer,
            received: seen.issuer,
            holds: false,
            hints: issuerHints([issuer], seen.issuer),
          },
        ]
  const shown = candidateOf({ ...one, tests: [...ofIssuer, ...one.tests] }, undefined)
  return { ...shown, policy: null, name }
}

const shownTest = ({ received, ...test }: JudgedTest) => ({
  ...test,
  received: test.claim === 'cel' ? received : redactedClaim(test.claim, received),
})

/** What the candidates nearest to it say of a match. `isMatched`: whether it led to somebody. */
export function matchHints(
  near: readonly Judged[],
  { serviceAccount }: Pick<Ask, 'serviceAccount'>,
  isMatched: boolean,
): Partial<Told> {
  const hints: Hint[] = []
  const holding = near.filter(({ tests }) => tests.every(({ holds }) => holds))
  const asked = holding.filter(({ candidate: { account } }) =>
    isAskedFor(account, serviceAccount === undefined ? {} : { serviceAccount }),
  )
  for (const { candidate, hints: own } of asked) {
    const { account, policy } = candidate
    if (!account.enabled) hints.push(hint('disabled', `${account.team}/${account.name} would fit, but is disabled`))
    if (policy.state !== 'live')
      hints.push(hint('draft', `${policy.name} of ${account.team}/${account.name} would fit, but is a draft`))
    if (own.length === 0 && !isMatched)
      hints.push(hint('nearest', `${account.team}/${account.name} fits: name it with service_account`))
  }
  if (isMatched) return { hints: hints.slice(0, mostHints) }
  if (asked.length === 0) {
    const elsewhere = holding[0]?.candidate.account
    if (elsewhere)
      hints.push(hint('nearest', `${elsewhere.team}/${elsewhere.name} fits, and is not the one that was asked for`))
    const [nearest] = near
    if (!elsewhere && nearest) hints.push(nearestHint(nearest))
  }
  return { hints: hints.slice(0, mostHints) }
}

const mostHints = 20

function nearestHint({ candidate: { policy, account }, tests }: Judged): Hint {
  const missed = tests.filter(({ holds }) => !holds).map(({ claim }) => claim)
  return hint(
    'nearest',
    `${account.team}/${account.name} comes nearest: ${policy.name} misses ${missed.slice(0, 8).join(', ')}`,
  )
}
