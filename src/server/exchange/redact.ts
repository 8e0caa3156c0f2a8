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
/** What is kept of a text of the header is shorter. */
const longestHeader = 128
const most = 4096

/** Members come in the order of RFC 8785, which is how they are kept. */
export function redacted(claims: JsonObject): JsonObject {
  const out: Record<string, Json> = {}
  let size = 0
  for (const name of Object.keys(claims).sort()) {
    const value = secretName.test(name) ? '[redacted]' : redactedValue(claims[name] as Json)
    size += name.length + sizeOf(value)
    set(out, name.toWellFormed(), size > most ? '[cut]' : value)
  }
  return out
}

/** One claim by its path, as the trail would keep it. */
export const redactedClaim = (claim: string, value: Json): Json =>
  secretName.test(claim) ? '[redacted]' : redactedValue(value)

/** A claim named __proto__ is one like any other. */
function set(out: Record<string, Json>, name: string, value: Json): void {
  if (name === '__proto__') Object.defineProperty(out, name, { value, enumerable: true })
  else out[name] = value
}

/** Characters, about. */
function sizeOf(value: Json): number {
  if (typeof value === 'string') return value.length
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 8
}

/** For what a caller chose how long to make. */
export const shortened = (text: string, length: number): string =>
  (text.length > length ? `${text.slice(0, length)}…` : text).toWellFormed()

/** A text that a caller chose, cut, and replaced when it looks like a token or key. */
export function redactedText(text: string, length = longest): string {
  const kept = shortened(text, length)
  const isSecret = text.length >= shortestSecret && (secretWithin.test(kept) || secretWhole.test(text))
  return isSecret ? '[redacted]' : kept
}

/**
 * Whether a text that was kept may stand for another: what was left out, cut, or could not be written down as it was
 * (audit/chain.ts). A token may say the same by itself; it is not told apart.
 */
export const isMark = (kept: string): boolean =>
  kept.includes('[redacted]') ||
  kept === '[cut]' ||
  (kept.length > longestHeader && kept.endsWith('…')) ||
  kept.includes('\ufffd') ||
  kept === 'Infinity' ||
  kept === '-Infinity'
/** Of a whole event, as text: false only when nothing in it is such a text. */
export const mayHoldMark = (event: string): boolean => marks.some((mark) => event.includes(mark))
const marks = ['[redacted]', '"[cut]"', '…"', '\ufffd', 'Infinity"']

function redactedValue(value: Json): Json {
  if (typeof value === 'string') return redactedText(value)
  if (Array.isArray(value)) return value.map(redactedValue)
  if (value !== null && typeof value === 'object') return redacted(value as JsonObject)
  return value
}
