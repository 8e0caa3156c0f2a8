/**
 * Vercel: a token for each request to a function, one for each build, one that `vercel env pull` fetches; in the order of
 * @vercel/oidc (getVercelOidcToken). By itself it is for the team, whoever it is shown to; `~token` gives another one for
 * whom we say (exchangeVercelOidcToken of the same package; vercel.com/docs/oidc/reference).
 */
import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectAsk, SubjectTokenSource } from '../subject-token.ts'
import type { Surroundings } from '../surroundings.ts'
import { audienceNeeded } from './audience-needed.ts'
import { callPlatform, isPassing, membersOf } from './call-platform.ts'
import { readTokenFile } from './read-token-file.ts'
import { audienceOf } from './unverified.ts'

const name = 'vercel'
const header = 'x-vercel-oidc-token'

export type VercelOptions = {
  /** Of the request that is being answered. Default: what Vercel's runtime says of it. */
  readonly headers?: Headers | Readonly<Record<string, string | readonly string[] | undefined>> | undefined
}

/** In a function, `source: vercel({ headers: request.headers })`: each request brings a token of its own. */
export function vercel({ headers }: VercelOptions = {}): SubjectTokenSource {
  return {
    name,
    missing: 'VERCEL is not "1", and there is no VERCEL_OIDC_TOKEN',
    whenExpired:
      'in a function, ask within a request (`vercel({ headers })`); on your own machine, run `vercel env pull` again',
    detect: (here) =>
      here.env.VERCEL === '1' ||
      Boolean(here.env.VERCEL_OIDC_TOKEN || here.env.VERCEL_OIDC_TOKEN_FILE || inHeaders(headers, here)),
    async getSubjectToken(ask, here) {
      const token = inHeaders(headers, here) ?? (await inFile(here)) ?? here.env.VERCEL_OIDC_TOKEN?.trim()
      if (token) return { token: await forAudience(token, ask, here) }
      throw new SubjectTokenError(name, 'there is no token in this request, nor in VERCEL_OIDC_TOKEN', {
        code: 'permission_missing',
        hint: 'turn on "Secure backend access with OIDC federation" in the project; in a function, ask within a request and give its headers: `vercel({ headers })`',
      })
    },
  }
}

function inHeaders(headers: VercelOptions['headers'], here: Surroundings): string | undefined {
  const given = headers ?? here.requestHeaders?.()
  const value = given instanceof Headers ? given.get(header) : given?.[header]
  return (typeof value === 'string' ? value : value?.[0])?.trim() || undefined
}

async function inFile(here: Surroundings): Promise<string | undefined> {
  const path = here.env.VERCEL_OIDC_TOKEN_FILE
  if (!path) return undefined
  const token = (await readTokenFile(name, path, here))?.trim()
  if (token) return token
  throw new SubjectTokenError(name, `${path} is ${token === undefined ? 'not there' : 'empty'}`, {
    hint: 'VERCEL_OIDC_TOKEN_FILE names it',
  })
}

async function forAudience(token: string, ask: SubjectAsk, here: Surroundings): Promise<string> {
  const { signal } = ask
  const has = audienceOf(token)
  const audience = audienceNeeded(name, ask)
  if (has.length === 1 && has[0] === audience) return token
  const { status, text } = await callPlatform(name, here, {
    what: 'Vercel',
    url: new URL('https://oidc.vercel.com/~token'),
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ token, aud: audience }),
    signal,
  })
  const exchanged = membersOf(text).token
  if (status >= 200 && status < 300 && typeof exchanged === 'string') return exchanged
  throw new SubjectTokenError(name, `Vercel gave no token for ${audience} (${status})`, {
    isUnavailable: isPassing(status),
    hint: `it may have expired (\`vercel env pull\`); or let the issuer accept the token as it is, and set COUNTERSIGN_AUDIENCE to ${has.join(', ')}`,
  })
}
