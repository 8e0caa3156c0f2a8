/** The last look at what goes on record: whatever a caller wrote wherever it may write, no key and no token stays there. */
import type { Json, JsonObject } from '../../protocol/json.ts'
import { holdsSecret, withoutSecrets } from '../../protocol/secret-text.ts'
import type { Deed } from './event.ts'

/** The deed itself where there is nothing to take out, as nearly always. */
export const cleaned = (deed: Deed): Deed =>
  holdsSecret(JSON.stringify(deed)) ? (cleanedValue(deed as unknown as Json) as unknown as Deed) : deed

function cleanedValue(value: Json): Json {
  if (typeof value === 'string') return withoutSecrets(value)
  if (Array.isArray(value)) return value.map(cleanedValue)
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value as JsonObject)
  return Object.fromEntries(members.map(([name, inner]): [string, Json] => [withoutSecrets(name), cleanedValue(inner)]))
}
