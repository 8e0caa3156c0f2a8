/** The provider by which people sign in: oidc-provider, on loopback, with whoever the test says at its login page. */
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider as Untyped } from 'oidc-provider'
import { leaks } from './leaks.ts'

type Grant = { addOIDCScope(scope: string): void; save(): Promise<string> }
type Context = { oidc: { client: { clientId: string }; session: { accountId: string } } }
type OpenIdProvider = {
  callback(): (req: IncomingMessage, res: ServerResponse) => Promise<void>
  interactionFinished(req: IncomingMessage, res: ServerResponse, result: object): Promise<void>
  Grant: new (about: { accountId: string; clientId: string }) => Grant
}
const OpenIdProvider = Untyped as unknown as new (issuer: string, settings: object) => OpenIdProvider

export type Claims = { email?: string; email_verified?: unknown }
export type SignInProvider = Awaited<ReturnType<typeof startSignInProvider>>

export const clientId = 'countersign'
export const clientSecret = 'the-secret-of-the-client-7Qm2xVb9Kd4tRz8LwYpE'

/** `people`: by the `sub` that they have there. */
export async function startSignInProvider(people: Readonly<Record<string, Claims>>) {
  leaks.learn('a chosen secret', clientSecret)
  let answer: (req: IncomingMessage, res: ServerResponse) => unknown = () => {}
  /** In place of what it would answer at a path. */
  const instead = new Map<string, (req: IncomingMessage, res: ServerResponse) => void>()
  const asked: string[] = []
  const server = createServer((req, res) => {
    const path = (req.url ?? '').split('?')[0] as string
    asked.push(`${req.method} ${path}`)
    void (instead.get(path) ?? answer)(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const key = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), use: 'sig' }
  let atTheKeyboard = Object.keys(people)[0] as string | undefined

  return {
    issuer,
    instead,
    asked,
    env: { SSO_ISSUER: issuer, SSO_CLIENT_ID: clientId, SSO_CLIENT_SECRET: clientSecret },
    /** Who signs in next; undefined: somebody who will not. */
    sits(sub: string | undefined) {
      atTheKeyboard = sub
    },
    /** `inIdToken`: e-mail addresses stand there, too, and not with the user info alone. */
    knows(publicUrl: string, { inIdToken = false, alg = 'ES256' } = {}) {
      const provider: OpenIdProvider = new OpenIdProvider(issuer, {
        jwks: { keys: [{ ...key, alg }] },
        clients: [
          {
            client_id: clientId,
            client_secret: clientSecret,
            redirect_uris: [`${publicUrl}/session/sso/callback`],
            post_logout_redirect_uris: [`${publicUrl}/sign-in`],
            id_token_signed_response_alg: alg,
          },
        ],
        claims: { openid: ['sub'], email: ['email', 'email_verified'] },
        conformIdTokenClaims: !inIdToken,
        cookies: { keys: ['a-key-of-the-tests'] },
        enabledJWA: { idTokenSigningAlgValues: [alg] },
        pkce: { required: () => true },
        features: {
          devInteractions: { enabled: false },
          rpInitiatedLogout: {
            enabled: true,
            logoutSource: (ctx: { body: string }, form: string) => {
              ctx.body = `<!doctype html><title>out</title>${form}`
            },
          },
        },
        findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
        interactions: { url: () => '/login' },
        async loadExistingGrant({ oidc: { client, session } }: Context) {
          const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId })
          grant.addOIDCScope('openid email')
          await grant.save()
          return grant
        },
        ttl: { AccessToken: 300, IdToken: 300, Interaction: 300, Session: 300, Grant: 300 },
      })
      const callback = provider.callback()
      answer = (req, res) => {
        if (req.url !== '/login') return callback(req, res)
        const refusal = { error: 'access_denied', error_description: '<b>not me</b>' }
        const result = atTheKeyboard === undefined ? refusal : { login: { accountId: atTheKeyboard } }
        return provider.interactionFinished(req, res, result)
      }
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A browser at the provider: it follows redirects and keeps cookies there, until it is sent elsewhere. */
export async function goThrough(start: string, jar = new Map<string, string>()): Promise<string> {
  for (let at = new URL(start), hops = 0; hops < 10; hops++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      jar.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${at.pathname}: ${response.status} ${await response.text()}`)
    const next = new URL(location, at)
    if (next.origin !== at.origin) return next.href
    at = next
  }
  throw new Error('redirected for ever')
}
