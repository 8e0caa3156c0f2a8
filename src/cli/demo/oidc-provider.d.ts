/** The little of oidc-provider that the demo uses; the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export type ResourceServer = {
    audience: string
    scope: string
    accessTokenFormat: 'jwt'
    jwt: { sign: { alg: string } }
  }
  export type Configuration = {
    clients: readonly object[]
    jwks: { keys: readonly object[] }
    cookies: { keys: readonly string[] }
    features: {
      devInteractions: { enabled: boolean }
      clientCredentials: { enabled: boolean }
      resourceIndicators: {
        enabled: boolean
        getResourceServerInfo(ctx: unknown, resource: string): ResourceServer
      }
    }
    formats: { customizers: { jwt(ctx: unknown, token: unknown, jwt: { header: object | undefined }): void } }
    /** Seconds. */
    ttl: { ClientCredentials(ctx: unknown, token: unknown, client: { clientId: string }): number }
  }
  export class Provider {
    constructor(issuer: string, configuration: Configuration)
    callback(): (req: IncomingMessage, res: ServerResponse) => void
  }
}
