import type { Snippet } from './preset.ts'

/** What differs from installation to installation. */
export type SnippetValues = {
  /** PUBLIC_URL. */
  url: string
  token_endpoint: string
  organization: string
  audience: string
  /** An id or `team/name`. */
  service_account: string
}
export const snippetNames: readonly (keyof SnippetValues)[] = [
  'url',
  'token_endpoint',
  'organization',
  'audience',
  'service_account',
]

/** The snippet with the values in place of `{{names}}`. */
export function filled(snippet: Snippet, values: SnippetValues): Snippet {
  const text = snippet.text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name as keyof SnippetValues] : whole,
  )
  return { ...snippet, text }
}
