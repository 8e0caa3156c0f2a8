/** What JSON.parse gives. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json }

/** RFC 8785: members in the order of their code units, no white space, numbers and texts as the language writes them. */
export function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonical).join()}]`
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`
}

const isList = (value: object): value is readonly Json[] => Array.isArray(value)
