/** What the steps and times of an explanation are called by people. Pure. */
import type { Way } from './difference.ts'

const steps: Readonly<Record<string, string>> = {
  read: 'Read the token',
  issuer: 'Issuer and audience',
  signature: 'Signature',
  time: 'Time',
  match: 'Trust policies',
  single_use: 'Single use',
  grant: 'What is granted',
}
export const stepName = (step: string): string => steps[step] ?? step

/** As a sentence begins; a name keeps its case. */
export const begun = (text: string): string =>
  /^[a-z]+(?=[ ,:]|$)/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text

/** The page that says what a reason means, and the one on the step that failed: files of the project's documentation. */
export const reasonPage = (reason: string): string => `docs/reference/reasons.md#${reason}`
export const stepPage = (step: string): string => `docs/how-to/debug-a-refusal.md#${step}`

export const wayWords: Readonly<Record<Way | 'kind', string>> = {
  letter_case: 'They differ in upper and lower case, which counts.',
  trailing_slash: 'They differ in a slash at the end, which counts.',
  white_space: 'They differ in white space, which counts.',
  id_form: 'They differ in ids (@…), which count.',
  invisible: 'They differ in characters that are not seen.',
  look_alike: 'They differ in letters that look alike and are not.',
  kind: 'They are written alike, and are of different kinds: a text is no number and no boolean.',
}

/** By the name of a claim, which a stranger may have chosen. */
const times = new Map([
  ['now', 'Shown at, by our clock'],
  ['exp', 'Expires (exp)'],
  ['nbf', 'Valid from (nbf)'],
  ['iat', 'Issued (iat)'],
])
const lengths = new Map([
  ['clock_tolerance', 'Tolerance for clocks'],
  ['max_token_age', 'Oldest or longest-lived token'],
])

/** A member of what the step `time` was told: seconds since 1970 as a time, a number of seconds as a length. */
export function timeRow(name: string, value: unknown): { name: string; at?: string; text: string } {
  const isNumber = typeof value === 'number' && Number.isFinite(value)
  const [time, length] = [times.get(name), lengths.get(name)]
  if (time !== undefined && isNumber && Math.abs(value) < 8.64e12)
    return { name: time, at: new Date(value * 1000).toISOString(), text: `${value}` }
  if (length !== undefined && isNumber) return { name: length, text: lengthOf(value) }
  return { name: time ?? length ?? name, text: JSON.stringify(value) }
}

const units = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
] as const

/** Seconds in the largest unit that leaves nothing over. */
export function lengthOf(seconds: number): string {
  const [size, unit] = units.find(([size]) => seconds >= size && seconds % size === 0) ?? [1, 'second']
  const count = seconds / size
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
