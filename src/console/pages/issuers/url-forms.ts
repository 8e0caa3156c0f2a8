/** The URL of an issuer as a preset has it, `{placeholders}` in the place of what only the admin knows. */

export const placeholdersIn = (form: string): string[] => [
  ...new Set([...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')),
]

/** What is not known yet stays a placeholder. */
export const filledForm = (form: string, values: Readonly<Record<string, string>>): string =>
  form.replace(/\{(\w+)\}/g, (whole, name: string) => values[name]?.trim() || whole)

/** Whether it is worth asking: a whole URL, and nothing left to fill in. */
export function isWholeUrl(text: string): boolean {
  if (/[{}\s]/.test(text) || !/^https?:\/\/[^/]/i.test(text)) return false
  return URL.canParse(text)
}

/** The name of an issuer when nobody says one: by its preset, else by the host of its URL. As the command line has it. */
export function issuerNameFor(url: string, preset: string | null): string {
  if (preset !== null && preset !== 'custom') return preset
  const text = URL.canParse(url) ? new URL(url).host : url
  const slug = text.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return slug
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
    .replace(/-+$/, '')
}
