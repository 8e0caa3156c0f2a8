import type { Json, JsonObject } from '../protocol/json.ts'

export const isCondition = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && 'claim' in value && 'op' in value

/** A condition of a policy, as `--condition` takes it, but for what has commas or white space of its own. */
export function conditionText({ claim, op, value }: JsonObject): string {
  const shown = (each: Json) => (typeof each === 'string' ? each : `json:${JSON.stringify(each)}`)
  if (op === 'exists') return `${claim} exists${value === false ? ' false' : ''}`
  return `${claim} ${op} ${Array.isArray(value) ? value.map(shown).join(',') : shown(value ?? null)}`
}
