/** Where somebody goes after signing in: a path of ours as it is asked for, or the first page. Never another host. */
export function returnTo(asked: unknown, publicUrl: string): string {
  // A browser takes a backslash for a slash, and drops what cannot be seen: `/\evil`, `/<tab>/evil`.
  if (typeof asked !== 'string' || asked.length > 2_048 || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(asked)) return '/'
  const { origin } = new URL(publicUrl)
  return URL.parse(asked, origin)?.origin === origin ? asked : '/'
}
