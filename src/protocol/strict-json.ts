/**
 * JSON from strangers (RFC 8259, read as RFC 7519 §4 and RFC 8725 §3 want it): one object, no member twice at any depth,
 * not too deep, not too wide, no number that is infinite, no lone surrogate.
 * JSON.parse judges the grammar. What it lets pass is found in one scan of the text (depth, members as written) and one
 * walk of the value (members as kept): when fewer are kept than were written, one was written twice.
 */
import type { JsonObject } from './json.ts'

/** `maxDepth`: the outermost object is 1. `maxMembers`: of the outermost object alone. */
export type JsonLimits = { maxDepth?: number; maxMembers?: number }

export type JsonFault = 'duplicate' | 'malformed'
export type StrictJson = { ok: true; value: JsonObject } | { ok: false; fault: JsonFault }

const malformed: StrictJson = { ok: false, fault: 'malformed' }

/**
 * The object that the text is, frozen throughout. Members are own properties, `__proto__` too: ask with Object.hasOwn,
 * and copy with spread (Object.assign would set the prototype). Never throws; time is linear in the text.
 */
export function parseStrictJson(text: string, { maxDepth = 16, maxMembers = 200 }: JsonLimits = {}): StrictJson {
  // Also refuses a byte-order mark, white space in front, and anything but an object.
  if (text.charCodeAt(0) !== openBrace) return malformed
  const written = membersWritten(text, maxDepth)
  if (written < 0) return malformed
  let value: JsonObject
  try {
    value = JSON.parse(text)
  } catch {
    return malformed
  }
  const names = Object.keys(value)
  // Text that is valid UTF-16 can bear a lone surrogate only as an escape.
  const kept = seal(value, names, text.includes('\\u'))
  if (kept < 0) return malformed
  if (kept !== written) return { ok: false, fault: 'duplicate' }
  return names.length > maxMembers ? malformed : { ok: true, value }
}

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const colon = 0x3a

/** How many members the text writes: colons outside strings. -1 when it nests too deep. */
function membersWritten(text: string, maxDepth: number): number {
  let members = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === quote) {
      i = closingQuote(text, i + 1)
      if (i < 0) return -1
    } else if (c === colon) members++
    else if (c === openBrace || c === openBracket) {
      if (++depth > maxDepth) return -1
    } else if (c === closeBrace || c === closeBracket) depth--
  }
  return members
}

/** Where the string that begins at `from` ends; -1 when it does not: at the first quote with no odd backslash before it. */
function closingQuote(text: string, from: number): number {
  // Searching is far quicker than looking at each character, and tokens are long.
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0
    // They end at the opening quote, if not before.
    while (text.charCodeAt(at - backslashes - 1) === backslash) backslashes++
    if (backslashes % 2 === 0) return at
  }
  return -1
}

/** Freezes the value and counts its members; -1 for a number that is infinite or a string that is no Unicode. */
function seal(value: object, names: readonly string[], escapes: boolean): number {
  let members = Array.isArray(value) ? 0 : names.length
  for (const name of names) {
    if (escapes && !name.isWellFormed()) return -1
    const inner: unknown = (value as Record<string, unknown>)[name]
    if (typeof inner === 'number') {
      if (!Number.isFinite(inner)) return -1
    } else if (typeof inner === 'string') {
      if (escapes && !inner.isWellFormed()) return -1
    } else if (typeof inner === 'object' && inner !== null) {
      const within = seal(inner, Object.keys(inner), escapes)
      if (within < 0) return -1
      members += within
    }
  }
  Object.freeze(value)
  return members
}
