import type { CustomFetch } from 'openid-client'

/** ms for all of it; bytes of an answer. */
const deadline = 5_000
const most = 262_144

/** What the provider is asked with: no redirect, one deadline, so many bytes, and https wherever that is not waived. */
export const createGuardedFetch =
  (isPlainAllowed: (url: URL) => boolean): CustomFetch =>
  async (text, options) => {
    const url = new URL(text)
    if (url.protocol !== 'https:' && !isPlainAllowed(url))
      throw new Error('an endpoint of the provider is no https URL')
    const signal = AbortSignal.timeout(deadline)
    const { status, headers, body } = await fetch(url, { ...options, redirect: 'manual', signal } as RequestInit)
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.length
      if (length > most) throw new Error(`the provider answered with more than ${most} bytes`)
      chunks.push(chunk)
    }
    const isEmpty = status === 204 || status === 205 || status === 304
    return new Response(isEmpty ? null : Buffer.concat(chunks), { status, headers })
  }
