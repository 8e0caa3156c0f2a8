/**
 * Ids: a prefix that says the noun, and 26 characters of time-ordered, lower-case Crockford base32 (a ULID).
 * Pure: the time and the randomness come in as values.
 */
export const idPrefixes = ['org', 'user', 'team', 'proj', 'iss', 'sa', 'tp', 'key', 'rs', 'ses', 'evt', 'req'] as const
export type IdPrefix = (typeof idPrefixes)[number]
export type NewId = (prefix: IdPrefix) => string

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** 26 characters: 48 bits of `ms` (since 1970), then 80 bits of `random` (10 bytes). */
export function ulid(ms: number, random: Uint8Array): string {
  let out = ''
  for (let i = 0, rest = ms; i < 10; i++) {
    out = alphabet[rest % 32] + out
    rest = Math.floor(rest / 32)
  }
  let bits = 0
  let held = 0
  for (let i = 0; i < 10; i++) {
    held = (held << 8) | (random[i] as number)
    bits += 8
    while (bits >= 5) {
      bits -= 5
      out += alphabet[(held >> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return out
}

/** The time (ms since 1970) that a ULID was made at; NaN when it is none. Text after the 26 characters is ignored. */
export function ulidTime(text: string): number {
  if (text.length < 26) return Number.NaN
  let ms = 0
  for (let i = 0; i < 10; i++) {
    const digit = alphabet.indexOf(text[i] as string)
    if (digit < 0) return Number.NaN
    ms = ms * 32 + digit
  }
  return ms
}

/** A name: unique in its parent, and part of a path as it stands. */
export const slugForm = /^[a-z0-9][a-z0-9_-]{0,63}$/

const idForm = new RegExp(`^(?:${idPrefixes.join('|')})_[${alphabet}]{26}$`)

/** Whether the text has the form of an id; with a prefix, of that noun's. */
export function isId(text: string, prefix?: IdPrefix): boolean {
  return idForm.test(text) && (prefix === undefined || text.startsWith(`${prefix}_`))
}
