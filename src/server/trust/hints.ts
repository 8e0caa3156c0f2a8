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
/** The same for all that differ in no more than this. */
export const folded = (text: string, but?: Fold): string =>
  foldNames.filter((name) => name !== but).reduce((rest, name) => folds[name](rest), text)

/** What two texts differ in, when it is nothing but letter case, white space or a slash at the end. */
export function spellingHints(expected: string, received: string, fits: Fits = same): Hint[] {
  if (fits(expected, received) || !fits(folded(expected), folded(received))) return []
  return foldNames
    .filter((name) => !fits(folded(expected, name), folded(received, name)))
    .map((name) => hint(name, says[name]))
}

/** Without a regular expression: one that looks for them at the end is quadratic in those elsewhere. */
export function withoutEnd(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end--
  return text.slice(0, end)
}

/** Longer ones, and more of them, are not looked at: strangers choose what their tokens have. */
const longestName = 48
const mostNames = 100

/** The name that differs least: in case, `-`, `_` and `.`, or in one or two characters. */
export function similarName(name: string, names: readonly string[]): string | undefined {
  if (name.length > longestName) return undefined
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_.]/g, '')
  const near = names.filter((one) => Math.abs(one.length - name.length) <= 4).slice(0, mostNames)
  const folded = near.find((one) => plain(one) === plain(name))
  if (folded !== undefined || name.length < 4) return folded
  const most = name.length < 8 ? 1 : 2
  for (let edits = 1; edits <= most; edits++) {
    const found = near.find((one) => one.length >= 4 && isWithin(one, name, edits))
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether so many characters changed, added, left out or swapped with the next make one of the other. */
function isWithin(a: string, b: string, edits: number): boolean {
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  const [restA, restB] = [a.slice(i), b.slice(i)]
  if (restA === restB) return true
  if (edits === 0) return false
  return (
    isWithin(restA.slice(1), restB.slice(1), edits - 1) ||
    isWithin(restA.slice(1), restB, edits - 1) ||
    isWithin(restA, restB.slice(1), edits - 1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && isWithin(restA.slice(2), restB.slice(2), edits - 1))
  )
}
