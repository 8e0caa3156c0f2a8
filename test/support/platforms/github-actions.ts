/**
 * The part of a GitHub Actions runner that gives ID tokens. As the real one: the URL has a query of its own that has to come
 * back, the pass is a Bearer token, without an audience the token is for the repository's owner.
 */
import { randomBytes } from 'node:crypto'
import type { Environment } from '../../../src/client/surroundings.ts'
import type { Provider } from '../identity-provider.ts'
import { leaks } from '../leaks.ts'
import { documentedClaims } from './documented-claims.ts'
import { type Answer, type Asked, json, startLoopback } from './loopback.ts'

export type GithubActions = {
  env: Environment
  /** That of a job without `permissions: id-token: write`. */
  envWithoutPermission: Environment
  asked: Asked[]
  /** What comes instead, once for each. */
  instead: (Answer | null)[]
  close(): Promise<void>
}
type Ask = {
  /** Beside those that every token has. */
  claims?: Record<string, unknown>
  env?: Environment
  /** Forgejo: its query and its variables. */
  isForgejo?: boolean
}

export async function startGithubActions(provider: Provider, { claims, env = {}, isForgejo = false }: Ask = {}) {
  const pass = `pass-${randomBytes(24).toString('hex')}`
  leaks.learn('a chosen secret', pass)
  const [query, value] = isForgejo ? ['placeholder', 'true'] : ['api-version', '2.0']
  const instead: (Answer | null)[] = []
  const server = await startLoopback(({ method, url, headers }) => {
    if (instead.length > 0) return instead.shift() as Answer | null
    if (url.pathname !== '/idtoken/runs/1') return { status: 404 }
    if (method !== 'GET') return { status: 405 }
    if (headers.authorization?.toLowerCase() !== `bearer ${pass}`) return { status: 401 }
    if (url.searchParams.get(query as string) !== value) return json({ message: 'bad api-version' }, 400)
    if (url.searchParams.getAll('audience').length > 1) return json({ message: 'two audiences' }, 400)
    const aud = url.searchParams.get('audience') ?? 'https://github.com/acme'
    return json({ count: 1234, value: provider.token({ ...documentedClaims('github'), ...claims, aud }) })
  })
  const envWithoutPermission = {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_EVENT_NAME: 'push',
    ...(isForgejo && { FORGEJO_ACTIONS: 'true' }),
    ...env,
  }
  const given = {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${server.origin}/idtoken/runs/1?${query}=${value}`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: pass,
  }
  const started: GithubActions = {
    env: { ...envWithoutPermission, ...given },
    envWithoutPermission,
    asked: server.asked,
    instead,
    close: server.close,
  }
  return started
}
