/** What conditions ask, whatever the provider: whether it narrows anything, and whether it can hold at all. */
import type { Json } from '../../../protocol/json.ts'
import type { Finding } from '../finding.ts'
import type { Scalar } from '../policy.ts'
import { type Ask, asksOf, holds, immutableIds, isPinned, type Reading } from './reading.ts'
import { asking, equal, listed, notAsking, quoted, say } from './say.ts'
import { isUnanchored, narrower } from './subject.ts'
import { isWild } from './subject-forms.ts'

/** What whoever starts a job decides, at one provider or another. */
const everywhereInfluenced = new Set([
  ...['actor', 'actor_id', 'triggering_actor', 'workflow', 'head_ref', 'base_ref', 'ref', 'environment', 'context'],
  ...['event_name', 'run_id', 'user_login', 'user_email', 'build_branch', 'commit', 'sha'],
])

export function claimFindings(reading: Reading): Finding[] {
  return [
    ...influencedOnly(reading),
    ...negationOnly(reading),
    ...privileged(reading),
    ...lifetime(reading),
    ...kinds(reading),
    ...unreachable(reading),
  ]
}

/** The subject says neither whose workload it is nor which. */
function isWideOpen(reading: Reading): boolean {
  if (isUnanchored(reading)) return true
  const { shape, subject, isPattern } = reading
  return isPattern && subject !== undefined && shape?.tenant !== undefined && subject.open.has(shape.tenant)
}

const isInfluenced = ({ preset }: Reading, claim: string) => {
  const known = preset?.claims.find((one) => one.claim === claim)
  return known ? known.control === 'attacker_influenced' : everywhereInfluenced.has(claim)
}
const isPositive = ({ op, values }: Ask) =>
  op === 'equals' || op === 'in' || (op === 'glob' && !values.every((value) => /^[*?]*$/.test(String(value))))

function influencedOnly(reading: Reading): Finding[] {
  const keys = abusable(reading)
  if (!isWideOpen(reading) && keys.length === 0) return []
  const asked = reading.asks.filter(isPositive).map(({ claim }) => claim)
  const claims = [...new Set([...asked, ...(reading.cel?.claims ?? []), ...keys])]
  const influenced = claims.filter((claim) => keys.includes(claim) || isInfluenced(reading, claim))
  if (claims.length === 0 || influenced.length < claims.length) return []
  const [id] = immutableIds(reading, 'resource')
  return [
    say(
      'LR08',
      'error',
      `all that the policy asks for is ${listed(claims)}, which whoever starts a job can choose`,
      id ? { ...narrower(reading), ...asking(reading.policy, equal(reading, id)) } : narrower(reading),
    ),
  ]
}

/** Claims that a subject by a template of GitHub's begins with, when it names no repository at all. */
function abusable(reading: Reading): string[] {
  if (reading.preset?.name !== 'github' || reading.subject) return []
  const isBound = isPinned(reading, ...immutableIds(reading), 'repository', 'repository_owner')
  if (isBound || /(^|:)(repo|repository|repository_owner)(_id)?:/.test(reading.policy.subject)) return []
  const [key = ''] = reading.policy.subject.split(':')
  return everywhereInfluenced.has(key) && reading.policy.subject.includes(':') ? [key] : []
}

function negationOnly(reading: Reading): Finding[] {
  const absent = reading.asks.filter(({ op }) => op === 'absent').map(({ claim }) => claim)
  const negative = [...absent, ...(reading.cel?.onlyNegations ? reading.cel.claims : [])]
  const isOpen = isWideOpen(reading) || (reading.cel?.onlyNegations && reading.isPattern && reading.shape !== undefined)
  if (negative.length === 0 || !isOpen || reading.asks.some(isPositive)) return []
  const claims = listed([...new Set(negative)])
  return [
    say('LR29', 'error', `the policy only says what ${claims} must not be; whatever nobody thought of gets in`, {
      ...narrower(reading),
    }),
  ]
}

function privileged(reading: Reading): Finding[] {
  if (!reading.account.admin) return []
  const glob = reading.asks.find(({ op, values }) => op === 'glob' && values.some((value) => isWild(String(value))))
  if (!reading.isPattern && !glob) return []
  const where = reading.isPattern
    ? `the subject ${quoted(reading.policy.subject)}`
    : `${glob?.claim} ${quoted(String(glob?.values[0]))}`
  const better = reading.isPattern ? narrower(reading) : asking(reading.policy, equal(reading, glob?.claim ?? ''))
  return [say('LR34', 'error', `the account administers, and ${where} has a wildcard`, better)]
}

/** Longest life of an access token, in seconds, that nobody has to ask about. */
const hour = 3600
const byDefault = 900

function lifetime({ account: { tokenTtl }, preset }: Reading): Finding[] {
  if (tokenTtl > hour)
    return [say('LR35', 'warn', `access tokens live ${tokenTtl} s, longer than an hour`, { token_ttl: hour })]
  const most = preset?.maxTokenAge ?? tokenTtl
  if (tokenTtl <= Math.max(most, byDefault)) return []
  return [
    say('LR35', 'info', `access tokens live ${tokenTtl} s, the tokens that they are given for at most ${most} s`, {
      token_ttl: byDefault,
    }),
  ]
}

/** The kind that the provider's tokens have; undefined when it is not known. */
function kindOf({ preset }: Reading, claim: string): string | undefined {
  const known = preset?.claims.find((one) => one.claim === claim)
  if (known) return known.kind
  const isText = preset?.name === 'github' || preset?.name === 'gitlab'
  return isText && /^repo_property_|_id$|_protected$/.test(claim) ? 'string' : undefined
}

function kinds(reading: Reading): Finding[] {
  return reading.asks.flatMap((ask) => {
    const kind = kindOf(reading, ask.claim)
    if (!kind || kind === 'list') return []
    const wrong = ask.values.find((value) => typeof value !== kind)
    if (wrong === undefined) return []
    const right = ask.values.map((value) => asKind(value, kind))
    const op = ask.op === 'in' ? 'in' : 'equals'
    const condition = { claim: ask.claim, op, value: op === 'in' ? right : right[0] } as unknown as Json
    const conditions = [...reading.policy.conditions.filter(({ claim }) => claim !== ask.claim), condition]
    return [
      say(
        'LR47',
        'error',
        `${ask.claim} is compared with the ${typeof wrong} ${JSON.stringify(wrong)}, but the provider sends a ${kind}, so it never fits`,
        ask.inCel ? undefined : { conditions: conditions as Json },
      ),
    ]
  })
}

function asKind(value: Scalar, kind: string): Scalar {
  if (kind === 'string') return String(value)
  if (kind === 'boolean') return value === 'true' || value === 1
  return Number(value)
}

/** What can fit no token: it grants nothing, and whoever wrote it thinks it does. */
function unreachable(reading: Reading): Finding[] {
  const { subject, match } = reading.policy
  const found: Finding[] = []
  if (match === 'exact' && subject.includes('*'))
    found.push(
      say('LR33', 'info', `the subject ${quoted(subject)} is compared as it stands; its * is no wildcard`, {
        subject,
        match: 'glob',
      }),
    )
  for (const { claim, op, values } of reading.asks) {
    const star =
      (op === 'equals' || op === 'in') && values.find((value) => typeof value === 'string' && value.includes('*'))
    if (typeof star === 'string')
      found.push(
        say(
          'LR33',
          'info',
          `${claim} is compared with ${quoted(star)} as it stands; its * is no wildcard`,
          asking(reading.policy, { claim, op: 'glob', value: star }),
        ),
      )
  }
  for (const claim of new Set(reading.asks.map((ask) => ask.claim))) {
    const pins = reading.pins.get(claim)
    const isList = reading.preset?.claims.find((one) => one.claim === claim)?.kind === 'list'
    if (!pins || isList || !reading.preset) continue
    if (!pins.some((value) => asksOf(reading, claim).every((ask) => holds(ask, value))))
      found.push(
        say('LR33', 'info', `no ${claim} can be all that is asked of it, so the policy never grants`, {
          ...notAsking(reading.policy, claim),
        }),
      )
  }
  return found
}
