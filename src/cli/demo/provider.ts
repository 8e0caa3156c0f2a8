/** The workload's platform: an OpenID provider (oidc-provider, certified, not ours) on loopback. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Configuration, Provider } from 'oidc-provider'
import { type Listening, listen } from './listen.ts'

/** A job that the platform knows. Its tokens carry its id as `sub`. `lifetime`: of those tokens, in seconds. */
export type Job = { id: string; secret: string; lifetime: number }

export const job = (id: string, lifetime: number): Job => ({
  id,
  secret: randomBytes(24).toString('base64url'),
  lifetime,
})

/** Throws with a plain sentence when oidc-provider, a development dependency, is not installed. */
export async function openProvider(jobs: readonly Job[]): Promise<Listening> {
  const { Provider: Made } = await quietly(load)
  const server = await listen()
  try {
    const provider = await quietly(async () => new Made(server.url, configurationOf(jobs)))
    server.serve(provider.callback())
    return server
  } catch (error) {
    await server.close()
    throw error
  }
}

function configurationOf(jobs: readonly Job[]): Configuration {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const lifetimes = new Map(jobs.map(({ id, lifetime }) => [id, lifetime]))
  return {
    clients: jobs.map(({ id, secret }) => ({
      client_id: id,
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
    })),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'platform-key-1' }] },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // RFC 8707: the resource that the job names becomes the audience of the JWT it gets.
        getResourceServerInfo: (_ctx, resource) => ({
          audience: resource,
          scope: '',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    // A token that says who somebody is, not an access token (at+jwt, RFC 9068): those are not for exchanging.
    formats: {
      customizers: {
        jwt: (_ctx, _token, jwt) => {
          jwt.header = { typ: 'JWT' }
        },
      },
    },
    ttl: { ClientCredentials: (_ctx, _token, { clientId }) => lifetimes.get(clientId) ?? 60 },
  }
}

async function load(): Promise<{ Provider: typeof Provider }> {
  try {
    return await import('oidc-provider')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Error(
      'the demo needs the package oidc-provider, which only a checkout has: run npm ci there, then npm run demo',
    )
  }
}

/** Loaded and made, the provider warns on the console of what only matters in production. */
async function quietly<T>(make: () => Promise<T>): Promise<T> {
  const { info, warn } = console
  Object.assign(console, { info: () => {}, warn: () => {} })
  try {
    return await make()
  } finally {
    Object.assign(console, { info, warn })
  }
}
