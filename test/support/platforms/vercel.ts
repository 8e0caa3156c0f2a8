/**
 * Vercel: a build's variable, a function's request, and the exchange at oidc.vercel.com/~token, which takes none but its own
 * tokens that have not expired, as JSON.
 */
import type { Provider } from '../identity-provider.ts'
import { documentedClaims } from './documented-claims.ts'
import { type Answer, type Asked, json, startLoopback } from './loopback.ts'
import { type Machine, machine } from './machine.ts'

export type Vercel = {
  /** A build's. */
  surroundings: Machine
  /** Of a project: it is for the team. Seconds. */
  token(life?: number): string
  /** Those of a request to a function. */
  headers(): Record<string, string>
  /** To its exchange. */
  routes: Record<string, string>
  asked: Asked[]
  instead: (Answer | null)[]
  close(): Promise<void>
}

export async function startVercel(provider: Provider): Promise<Vercel> {
  const given = new Map<string, number>()
  const make = (aud: string, life: number) => {
    const iat = Math.floor(Date.now() / 1000)
    const token = provider.token({ ...documentedClaims('vercel'), aud, iat, nbf: iat, exp: iat + life })
    given.set(token, iat + life)
    return token
  }
  const token = (life = 3_600) => make('https://vercel.com/acme', life)
  const instead: (Answer | null)[] = []
  const server = await startLoopback(({ method, url, headers, body }) => {
    if (instead.length > 0) return instead.shift() as Answer | null
    if (method !== 'POST' || url.pathname !== '/~token') return json({ error: 'not found' }, 404)
    if (!headers['content-type']?.startsWith('application/json')) return json({ error: 'json' }, 415)
    const asked = JSON.parse(body) as { token?: string; aud?: string }
    const expiry = given.get(asked.token ?? '')
    if (expiry === undefined || expiry * 1000 <= Date.now()) return json({ error: 'invalid token' }, 400)
    if (!asked.aud) return json({ error: 'aud is missing' }, 400)
    return json({ token: make(asked.aud, 3_600), expiry })
  })
  const routes = { 'https://oidc.vercel.com': server.origin }
  return {
    surroundings: machine({
      env: { VERCEL: '1', VERCEL_ENV: 'production', VERCEL_OIDC_TOKEN: token() },
      routes,
    }),
    token,
    headers: () => ({ host: 'app.example', 'x-vercel-oidc-token': token() }),
    routes,
    asked: server.asked,
    instead,
    close: server.close,
  }
}
