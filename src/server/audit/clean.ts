/** The last look at what goes on record: whatever a caller wrote wherever it may write, no key and no token stays there. */
import type { Json, JsonObject } from '../../protocol/json.ts'
import { withoutSecrets } from '../../protocol/secret-text.ts'

export function cleaned(value: Json): Json {
  if (typeof value === 'string') return withoutSecrets(value)
  if (Array.isArray(value)) return value.map(cleaned)
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value as JsonObject)
  return Object.fromEntries(members.map(([name, inner]): [string, Json] => [withoutSecrets(name), cleaned(inner)]))
}
