/**
 * Our only pattern language: `*` stands for any run of characters, `:` and `/` included, `?` for one; everything else
 * for itself, from end to end. Pure. There is no escape and no negation: a `!` or a bracket is a character like any other,
 * since a slip in a path-glob library's syntax may match everybody.
 * The text is gone through once: each piece between two stars is taken where it fits first.
 */

export const isGlob = (pattern: string): boolean => /[*?]/.test(pattern)

/** What every text that fits begins with. */
export const literalPrefix = (pattern: string): string => pattern.slice(0, /[*?]|$/.exec(pattern)?.index)

export function compileGlob(pattern: string): (text: string) => boolean {
  if (!isGlob(pattern)) return (text) => text === pattern
  const rest = pattern.split('*').map(pieceOf)
  const first = rest.shift() as Piece
  const last = rest.pop()
  // Without a star a `?` may stand for two units of the text, so that the length is not told by the pattern.
  if (last === undefined) return (text) => first.at(text, 0) === text.length
  return (text) => {
    let from = first.at(text, 0)
    if (from < 0) return false
    for (const piece of rest) {
      from = piece.find(text, from)
      if (from < 0) return false
    }
    return last.endsIn(text, from)
  }
}

/** What stands between two stars. All positions are in UTF-16 units; none falls within a character. */
type Piece = {
  /** Where it ends when it stands at `from`; -1 when it does not. */
  at(text: string, from: number): number
  /** Where the first one at or after `from` ends; -1 when there is none. */
  find(text: string, from: number): number
  /** Whether the text ends with it, not before `from`. */
  endsIn(text: string, from: number): boolean
}

const literal = (piece: string): Piece => ({
  at: (text, from) => (text.startsWith(piece, from) ? from + piece.length : -1),
  find(text, from) {
    const found = text.indexOf(piece, from)
    return found < 0 ? -1 : found + piece.length
  },
  endsIn: (text, from) => text.length - piece.length >= from && text.endsWith(piece),
})

function pieceOf(piece: string): Piece {
  if (!piece.includes('?')) return literal(piece)
  const wanted = Array.from(piece, (character) => character.codePointAt(0) as number)
  const at = (text: string, from: number): number => {
    let place = from
    for (const character of wanted) {
      const there = text.codePointAt(place)
      if (there === undefined || (character !== anyOne && there !== character)) return -1
      place += unitsOf(there)
    }
    return place
  }
  return {
    at,
    find: (text, from) => findIn(wanted, text, from),
    endsIn(text, from) {
      // From the end: as many characters as are wanted, and no more looking.
      let place = text.length
      for (const _ of wanted) place -= unitsOf(text.codePointAt(place - 2) ?? 0)
      return place >= from && at(text, place) === text.length
    },
  }
}

const anyOne = 0x3f
const unitsOf = (character: number) => (character > 0xffff ? 2 : 1)

/**
 * The shift-and search (Baeza-Yates and Gonnet, "A new approach to text searching"): one bit for each beginning of the piece
 * that the text has led to so far, so that no text, however it is made, is looked at twice. Its table, which may be a
 * hundred times as large as the piece, is made for each search and not kept: policies stay in memory.
 */
function findIn(wanted: readonly number[], text: string, from: number): number {
  const words = Math.ceil(wanted.length / 32)
  const unknown: Uint32Array = new Uint32Array(words)
  const known = new Map<number, Uint32Array>()
  for (const [i, character] of wanted.entries()) {
    let bits = unknown
    if (character !== anyOne) {
      bits = known.get(character) ?? new Uint32Array(words)
      known.set(character, bits)
    }
    bits[i >>> 5] = (bits[i >>> 5] ?? 0) | (1 << (i & 31))
  }
  for (const bits of known.values())
    for (let i = 0; i < words; i++) bits[i] = (bits[i] as number) | (unknown[i] as number)
  const [lastWord, lastBit] = [words - 1, 1 << ((wanted.length - 1) & 31)]
  const led = new Uint32Array(words)
  for (let place = from; place < text.length; ) {
    const character = text.codePointAt(place) as number
    const fits = known.get(character) ?? unknown
    let carried = 1
    for (let i = 0; i < words; i++) {
      const before = led[i] as number
      led[i] = ((before << 1) | carried) & (fits[i] as number)
      carried = before >>> 31
    }
    place += unitsOf(character)
    if ((led[lastWord] as number) & lastBit) return place
  }
  return -1
}
