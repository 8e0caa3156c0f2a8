/**
 * The code that a person compares or types (RFC 8628 §6.1): 8 consonants, so that no word comes of it, none of which
 * looks like another; 20^8 of them. Pure; the randomness comes in.
 */

const alphabet = 'BCDFGHJKLMNPQRSTVWXZ'
const length = 8

/** `pick`: a random number of 0 to n - 1, each as likely as the others. As it is shown: `WDJB-MJHT`. */
export function newLoginCode(pick: (n: number) => number): string {
  const letters = Array.from({ length }, () => alphabet[pick(alphabet.length)]).join('')
  return shownLoginCode(letters)
}

/** However it was typed: case, spaces and dashes say nothing. Undefined: it is no code. */
export function readLoginCode(typed: string): string | undefined {
  if (typed.length > 64) return undefined
  const letters = typed.toUpperCase().replace(/[\s\p{Pd}]/gu, '')
  return letters.length === length && [...letters].every((letter) => alphabet.includes(letter))
    ? shownLoginCode(letters)
    : undefined
}

const shownLoginCode = (letters: string) => `${letters.slice(0, length / 2)}-${letters.slice(length / 2)}`
