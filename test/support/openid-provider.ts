/** An OpenID provider that we did not write (oidc-provider), on loopback, where everybody is logged in already. */
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider as Untyped } from 'oidc-provider'
import * as openid from 'openid-client'
import type { ProviderAlg } from './identity-provider.ts'

type Grant = { addOIDCScope(scope: string): void; save(): Promise<string> }
type Context = { oidc: { client: { clientId: string }; session: { accountId: string } } }
type OpenIdProvider = {
  callback(): (req: IncomingMessage, res: ServerResponse) => Promise<void>
  interactionFinished(req: IncomingMessage, res: ServerResponse, result: object): Promise<void>
  Grant: new (about: { accountId: string; clientId: string }) => Grant
}
const OpenIdProvider = Untyped as unknown as new (issuer: string, settings: object) => OpenIdProvider

export const openIdAlgs: readonly (keyof typeof pairs)[] = ['RS256', 'ES256', 'EdDSA']
/** The client whose ID tokens are signed with this algorithm; it is their audience. */
export const clientOf = (alg: ProviderAlg) => `ci-${alg.toLowerCase()}`
const secret = 'a-secret-of-the-tests-that-nobody-else-has'

const pairs = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
}

/** `accountId`: the `sub` of all its tokens. `audience`: of the access tokens of client_credentials. */
export async function startOpenIdProvider({ accountId, audience }: { accountId: string; audience: string }) {
  let answer: (req: IncomingMessage, res: ServerResponse) => unknown = () => {}
  const server = createServer((req, res) => void answer(req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const redirectUri = `${issuer}/done`

  const keys = openIdAlgs.map((alg) => ({ ...pairs[alg]().privateKey.export({ format: 'jwk' }), alg, use: 'sig' }))
  const provider: OpenIdProvider = new OpenIdProvider(issuer, {
    jwks: { keys },
    clients: openIdAlgs.map((alg) => ({
      client_id: clientOf(alg),
      client_secret: secret,
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'client_credentials'],
      id_token_signed_response_alg: alg,
    })),
    cookies: { keys: ['a-key-of-the-tests'] },
    enabledJWA: { idTokenSigningAlgValues: openIdAlgs },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    interactions: { url: () => '/login' },
    async loadExistingGrant({ oidc: { client, session } }: Context) {
      const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId })
      grant.addOIDCScope('openid')
      await grant.save()
      return grant
    },
    ttl: { AccessToken: 300, ClientCredentials: 300, IdToken: 300, Interaction: 300, Session: 300, Grant: 300 },
  })
  const callback = provider.callback()
  answer = (req, res) =>
    req.url === '/login' ? provider.interactionFinished(req, res, { login: { accountId } }) : callback(req, res)

  const configOf = (alg: ProviderAlg) =>
    openid.discovery(
      new URL(issuer),
      clientOf(alg),
      { id_token_signed_response_alg: alg },
      openid.ClientSecretBasic(secret),
      { execute: [openid.allowInsecureRequests] },
    )

  return {
    issuer,
    /** The ID token that somebody gets who signs in with the authorization code flow. */
    async idToken(alg: ProviderAlg): Promise<string> {
      const config = await configOf(alg)
      const verifier = openid.randomPKCECodeVerifier()
      const start = openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid',
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      const done = await follow(start, redirectUri)
      const tokens = await openid.authorizationCodeGrant(config, done, { pkceCodeVerifier: verifier })
      return tokens.id_token ?? ''
    },
    /** A JWT access token (RFC 9068) of client_credentials. */
    async accessToken(): Promise<string> {
      const tokens = await openid.clientCredentialsGrant(await configOf('RS256'), { resource: 'urn:acme' })
      return tokens.access_token
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A browser, as far as it is needed: it follows redirects and keeps cookies, until it is sent to `end`. */
async function follow(start: URL, end: string): Promise<URL> {
  const jar = new Map<string, string>()
  for (let at = start, hops = 0; hops < 10; hops++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      jar.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${at.pathname}: ${response.status} ${await response.text()}`)
    at = new URL(location, at)
    if (at.href.startsWith(`${end}?`)) return at
  }
  throw new Error('redirected for ever')
}
