/** What of an object was one thing before an event and another after it. */
import type { AuditEvent } from '../../wire/shapes.ts'

export type Change = { name: string; before: string; after: string }

type Members = Record<string, unknown>
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Only what differs; a member that is on one side alone is absent (`—`) on the other. */
export function changesOf({ detail }: Pick<AuditEvent, 'detail'>): Change[] {
  const { before, after } = detail
  if (!isMembers(before) || !isMembers(after)) return []
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((name) => ({ name, before: shown(before[name]), after: shown(after[name]) }))
    .filter((change) => change.before !== change.after)
}

/** What else the event says. */
export function restOf({ detail }: Pick<AuditEvent, 'detail'>): [name: string, value: string][] {
  const { before, after, ...rest } = detail
  const others = isMembers(before) && isMembers(after) ? rest : detail
  return Object.entries(others).map(([name, value]) => [name, shown(value)])
}

/** A text as it is, anything else as JSON has it, and `—` for nothing. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return '—'
  if (value === '') return '(empty)'
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}
