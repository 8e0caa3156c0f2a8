/** What a token says of itself. Nobody has verified it: for hints, and for what must not be sent; never to let anybody in. */

/** The claims of a three-part JWT; undefined for anything else. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined
  try {
    const part = (token.split('.')[1] as string).replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0))
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims)
      ? (claims as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Whom the token is for; empty when it does not say. */
export function audienceOf(token: string): readonly string[] {
  const aud = claimsOf(token.trim())?.aud
  return (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string')
}
