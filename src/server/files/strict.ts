/** Objects that take no member they do not know, and say which one may have been meant. */
import { type ZodRawShape, z } from 'zod'

/** As z.strictObject. */
export function strict<S extends ZodRawShape>(shape: S) {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => unknownMember(key, known)).join('\n') : undefined,
  })
}

export function unknownMember(key: string, known: readonly string[]): string {
  const nearest = nearestTo(key, known)
  const meant = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean ${nearest}?`
  return `${key.slice(0, 64)} is not known here; ${meant}`
}

/** The known word that differs by the fewest letters, when that is a third of it at the most. */
export function nearestTo(word: string, known: readonly string[]): string | undefined {
  const asked = plain(word.slice(0, 64))
  let best: { name: string; far: number } | undefined
  for (const name of known) {
    const far = distance(asked, plain(name))
    if (far <= Math.max(1, Math.floor(name.length / 3)) && (!best || far < best.far)) best = { name, far }
  }
  return best?.name
}

const plain = (word: string) => word.toLowerCase().replace(/[^a-z0-9]/g, '')

/** Levenshtein's: how many letters are to be put in, taken out or replaced. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] as number) + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[other.length] as number
}
