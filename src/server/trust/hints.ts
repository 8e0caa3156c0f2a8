/**
 * What an admin may have meant: a near miss between what is expected and what a token says, named. Pure. A hint changes
 * no decision; it is for those who may read the policy, and never goes to a caller of the token endpoint.
 */
import { compileGlob } from './glob.ts'

/** Stable, as the contract lists them. */
export const hintKinds = [
  'letter_case',
  'trailing_slash',
  'white_space',
  'id_form',
  'type_mismatch',
  'audience_form',
  'clock_skew',
  'other_issuer_form',
  'nearest',
  'disabled',
  'draft',
  'renamed',
  'missing_claim',
  'fork_or_pull_request',
] as const
export type HintKind = (typeof hintKinds)[number]
/** `message`: one sentence for a person. */
export type Hint = { kind: HintKind; message: string }

export const hint = (kind: HintKind, message: string): Hint => ({ kind, message })

/** Whether the text is what is expected, or fits it. */
export type Fits = (expected: string, received: string) => boolean
export const same: Fits = (expected, received) => expected === received
export const globbed: Fits = (expected, received) => compileGlob(expected)(received)

const folds = {
  letter_case: (text: string) => text.toLowerCase(),
  trailing_slash: (text: string) => withoutEnd(text, '/'),
  white_space: (text: string) => text.replaceAll(/\s/gu, ''),
} as const
const says: Record<keyof typeof folds, string> = {
  letter_case: 'they differ in upper and lower case, which counts',
  trailing_slash: 'they differ in a slash at the end, which counts',
  white_space: 'they differ in white space, which counts',
}
type Fold = keyof typeof folds
const foldNames: readonly Fold[] = ['white_space', 'trailing_slash', 'letter_case']
const fold = (text: string, but?: Fold) =>
  foldNames.filter((name) => name !== but).reduce((folded, name) => folds[name](folded), text)

/** What two texts differ in, when it is nothing but letter case, white space or a slash at the end. */
export function spellingHints(expected: string, received: string, fits: Fits = same): Hint[] {
  if (fits(expected, received) || !fits(fold(expected), fold(received))) return []
  return foldNames
    .filter((name) => !fits(fold(expected, name), fold(received, name)))
    .map((name) => hint(name, says[name]))
}

/** Without a regular expression: one that looks for them at the end is quadratic in those elsewhere. */
export function withoutEnd(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end--
  return text.slice(0, end)
}

/** The name that differs least: in case, `-`, `_` and `.`, or in one or two characters. */
export function similarName(name: string, names: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_.]/g, '')
  const folded = names.find((one) => plain(one) === plain(name))
  if (folded !== undefined) return folded
  if (name.length < 4) return undefined
  const near = names
    .filter((one) => one.length >= 4 && Math.abs(one.length - name.length) <= 2)
    .map((one) => [distance(one, name), one] as const)
    .filter(([edits]) => edits <= (name.length < 8 ? 1 : 2))
  return near.sort(([a], [b]) => a - b)[0]?.[1]
}

/** Characters to change, add or leave out (Levenshtein), two that changed places counting as one. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let least = Math.min(changed, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}
