/**
 * A subject token's claims as the trail keeps them: enough to say later why it was refused, and nothing that opens a
 * door. Pure. Rules: a member whose name speaks of a secret, and a text that looks like a token or key, is replaced;
 * long texts are cut; over 4,096 characters in all, only the names stay.
 */
import type { Json, JsonObject } from '../../protocol/json.ts'

const secretName =
  /secret|password|passwd|credential|private|api_?key|(?:access|refresh|auth|bearer)_?token|cookie|session/i
/** Anywhere in what is kept of a text: a key of ours, the beginning of a JWS or JWE, a PEM. */
const secretWithin = /csk_[0-9A-Za-z]{20}|eyJ[\w-]{8,}\.|-----BEGIN /
/** As the whole of it: three parts of base64url. */
const secretWhole = /^[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}$/
const shortestSecret = 24
const longest = 512
const most = 4096

export function redacted(claims: JsonObject): JsonObject {
  // From entries, so that a claim named __proto__ is one like any other.
  const out = Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name.toWellFormed(),
      secretName.test(name) ? '[redacted]' : redactedValue(value),
    ]),
  )
  return JSON.stringify(out).length > most ? cut(out) : out
}

/** For what a caller chose how long to make. */
export const shortened = (text: string, length: number): string =>
  (text.length > length ? `${text.slice(0, length)}…` : text).toWellFormed()

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
    const kept = shortened(value, longest)
    const isSecret = value.length >= shortestSecret && (secretWithin.test(kept) || secretWhole.test(value))
    return isSecret ? '[redacted]' : kept
  }
  if (Array.isArray(value)) return value.map(redactedValue)
  if (value !== null && typeof value === 'object') return redacted(value as JsonObject)
  return value
}
