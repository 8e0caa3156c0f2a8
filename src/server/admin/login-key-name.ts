/** The name of the key that a terminal gets: `cli-ada-laptop-7k2m9p`. The end is of its id, so that no two are alike. */
export function loginKeyName(clientName: string, keyId: string): string {
  const slug = clientName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '')
  return ['cli', ...(slug === '' ? [] : [slug]), keyId.slice(-6)].join('-')
}
