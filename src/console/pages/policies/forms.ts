/** Texts with `{parts}`, as presets have them: filled in, and read back. What is not known stands in `<angle brackets>`. */
import type { Preset } from '../../wire/shapes.ts'

export type Known = Readonly<Record<string, string>>

const part = /\{([a-z_]+)\}/g
export const knownIn = (known: Known, name: string): string | undefined =>
  Object.hasOwn(known, name) ? known[name] : undefined

/** Once: what a value holds is never filled in again. */
export const filled = (form: string, known: Known): string =>
  form.replace(part, (_, name: string) => knownIn(known, name) ?? `<${name}>`)

/** As presets and lint write what only the admin can know. */
const gap = /<([a-z][a-z_ ]{0,63})>/g
export const gapsIn = (text: string): string[] => [...text.matchAll(gap)].map(([, name = '']) => name)
export const withoutGaps = (text: string, known: Known): string =>
  text.replace(gap, (whole, name: string) => knownIn(known, name) ?? whole)

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
/** Beyond what the service takes as a subject, nothing is read. */
const longest = 1024

/** What stands where the form has its parts; undefined where the text is of another form. */
export function readForm(form: string, text: string): Known | undefined {
  if (text.length > longest) return undefined
  const pieces = form.split(part)
  const names = pieces.filter((_, index) => index % 2 === 1)
  const source = pieces.map((piece, index) => {
    if (index % 2 === 0) return escaped(piece)
    return index === pieces.length - 2 && pieces.at(-1) === '' ? '(.+)' : '([^:]+?)'
  })
  const found = new RegExp(`^${source.join('')}$`, 's').exec(text)
  return found ? Object.fromEntries(names.map((name, index) => [name, found[index + 1] ?? ''])) : undefined
}

const literal = (form: string) => form.replace(part, '').length

/** By the form that says most of the text. */
export function readForms(forms: readonly string[], text: string): Known {
  const read = forms
    .toSorted((one, other) => literal(other) - literal(one))
    .map((form) => readForm(form, text))
    .find((known) => known !== undefined)
  return read ?? {}
}

/** What the URL of a registered issuer says of its tenant. */
export function knownOfIssuer(preset: Preset | undefined, issuer: string): Known {
  const { host: _, ...known } = readForms(preset?.issuers.map(({ url }) => url) ?? [], issuer)
  return known
}
