/**
 * A subject token's claims as the trail keeps them: enough to say later why it was refused, and nothing that opens a
 * door. Pure. Rules: a member whose name speaks of a secret, and a text that looks like a token or key, is replaced;
 * long texts are cut; over 4,096 characters in all, only the names stay.
 */
import type { Json, JsonObject } from '../../protocol/json.ts'

const secretName =
  /secret|password|passwd|credential|private|api_?key|(?:access|refresh|auth|bearer)_?token|cookie|session/i
const secretText = /csk_[0-9A-Za-z]{20}|^[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}$/
const shortestSecret = 24
const longest = 512
const most = 4096

export function redacted(claims: JsonObject): JsonObject {
  const out: Record<string, Json> = {}
  for (const [name, value] of Object.entries(claims))
    out[name.toWellFormed()] = secretName.test(name) ? '[redacted]' : redactedValue(value)
  return JSON.stringify(out).length > most ? cut(out) : out
}

function cut(claims: JsonObject): JsonObject {
  let size = 0
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => {
      size += name.length + JSON.stringify(value).length
      return [name, size > most ? '[cut]' : value]
    }),
  )
}

function redactedValue(value: Json): Json {
  if (typeof value === 'string') {
    if (value.length >= shortestSecret && secretText.test(value)) return '[redacted]'
    return (value.length > longest ? `${value.slice(0, longest)}…` : value).toWellFormed()
  }
  if (Array.isArray(value)) return value.map(redactedValue)
  if (value !== null && typeof value === 'object') return redacted(value as JsonObject)
  return value
}
