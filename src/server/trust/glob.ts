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
  const wanted = [...piece]
  const at = (text: string, from: number): number => {
    let place = from
    for (const character of wanted) {
      const there = text.codePointAt(place)
      if (there === undefined || (character !== '?' && there !== character.codePointAt(0))) return -1
      place += there > 0xffff ? 2 : 1
    }
    return place
  }
  const starts = function* (text: string, from: number) {
    for (let place = from; place <= text.length; place += (text.codePointAt(place) ?? 0) > 0xffff ? 2 : 1) yield place
  }
  return {
    at,
    find(text, from) {
      for (const place of starts(text, from)) {
        const end = at(text, place)
        if (end >= 0) return end
      }
      return -1
    },
    endsIn(text, from) {
      // From the end: as many characters as are wanted, and no more looking.
      let place = text.length
      for (const _ of wanted) place -= (text.codePointAt(place - 2) ?? 0) > 0xffff ? 2 : 1
      return place >= from && at(text, place) === text.length
    },
  }
}
