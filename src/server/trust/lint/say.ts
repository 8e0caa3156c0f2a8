/** How a finding is said: one sentence with the policy's own values, and the members that would mend it. */
import type { Json, JsonObject } from '../../../protocol/json.ts'
import type { Finding, Severity } from '../finding.ts'
import type { Condition, WrittenPolicy } from '../policy.ts'
import { askOf, type Reading } from './reading.ts'
import type { Rule } from './rules.ts'

export function say(rule: Rule, severity: Severity, message: string, better?: JsonObject): Finding {
  return { severity, rule, message, ...(better ? { better } : {}) }
}

const order: Record<Severity, number> = { error: 0, warn: 1, info: 2 }

/** Worst first; of one severity, in the order of the rules. */
export const sorted = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort(
    (one, other) =>
      order[one.severity] - order[other.severity] || (one.rule < other.rule ? -1 : one.rule > other.rule ? 1 : 0),
  )

/** As severe as the account makes it. */
export const unlessReadOnly = ({ account }: Pick<Reading, 'account'>): Severity =>
  account.access === 'read' && !account.admin ? 'warn' : 'error'

/** What only the admin knows: a value that tokens of late agree on, else a name in angle brackets. */
export function knownValue({ claimsSeen }: Pick<Reading, 'claimsSeen'>, claim: string): string {
  const seen = claimsSeen?.[claim]
  return seen?.length === 1 && typeof seen[0] === 'string'
    ? seen[0]
    : `<${claim.split('/').at(-1)?.replaceAll('~1', '/')}>`
}

export const equal = (
  reading: Pick<Reading, 'claimsSeen'>,
  claim: string,
  value = knownValue(reading, claim),
): Condition => ({
  claim,
  op: 'equals',
  value,
})

/** The conditions with these in place of what was asked of the same claims. */
export function asking({ conditions }: Pick<WrittenPolicy, 'conditions'>, ...added: readonly Condition[]): JsonObject {
  const kept = conditions.filter(({ claim }) => !added.some((one) => one.claim === claim))
  return { conditions: [...kept, ...added] as unknown as Json }
}

/** The conditions without those on these claims. */
export function notAsking({ conditions }: Pick<WrittenPolicy, 'conditions'>, ...claims: readonly string[]): JsonObject {
  return { conditions: conditions.filter(({ claim }) => !claims.includes(claim)) as unknown as Json }
}

export const exactly = (subject: string): JsonObject => ({ subject, match: 'exact' })

/** Texts of a policy in a sentence: quoted, and cut where they are very long. */
export const quoted = (text: string) => `"${text.length > 120 ? `${text.slice(0, 117)}…` : text}"`

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  const [last = '', ...before] = [...words].reverse()
  return before.length === 0 ? last : `${before.reverse().join(', ')} and ${last}`
}

export const isNegative = (condition: Condition) => askOf(condition).op === 'absent'
