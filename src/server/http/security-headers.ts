/**
 * What every answer says to a browser, whatever it answers: show this to nobody else, run nothing of it, keep nothing.
 * Rules: all of it is known before a request comes, so that it costs the token endpoint some stores and no thought;
 * what may do more (a page, what may be cached) says so itself, later; nothing here lets another site in (no CORS).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Of whatever is no page: a browser that is made to show it loads and runs nothing, in no frame. */
export const closedPolicy = "default-src 'none'; frame-ancestors 'none'"

/**
 * Of what programs ask for many times a second, and no browser shows: neither frames nor openers nor referrers are
 * there to be kept away, and each header costs them.
 */
const forPrograms = new Set(['Cache-Control', 'Content-Security-Policy', 'X-Content-Type-Options'])

type Headers = readonly (readonly [name: string, value: string])[]

export const securityHeaders: Headers = [
  ['Cache-Control', 'no-store'],
  ['Content-Security-Policy', closedPolicy],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  // For what a page embeds. Another server, which reads the key set, does not ask; neither does CORS, which we have not.
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
]

/** A year. Of this name alone: what stands below it is not ours to decide on. */
const strictTransport = ['Strict-Transport-Security', 'max-age=31536000'] as const

/** Plain http must not be upgraded to what nobody serves. `programs`: paths that only programs post to. */
export function secures(
  publicUrl: string,
  programs: ReadonlySet<string> = new Set(),
): (req: Pick<IncomingMessage, 'method' | 'url'>, res: ServerResponse) => void {
  const headers = publicUrl.startsWith('https:') ? [...securityHeaders, strictTransport] : securityHeaders
  const few = headers.filter((header) => forPrograms.has(header[0]) || header === strictTransport)
  return ({ method, url = '' }, res) => {
    for (const [name, value] of method === 'POST' && programs.has(url) ? few : headers) res.setHeader(name, value)
  }
}
