/**
 * The words of the token endpoint, as RFC 6749, 7523, 8693 and 7662 spell them.
 * Rules of this room: constants and shapes only; it imports nothing.
 */

export const grantTypes = {
  jwtBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  clientCredentials: 'client_credentials',
} as const

export type GrantType = (typeof grantTypes)[keyof typeof grantTypes]

export const tokenTypes = {
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
  idToken: 'urn:ietf:params:oauth:token-type:id_token',
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  apiKey: 'urn:countersign:params:oauth:token-type:api-key',
} as const

/** How a client may show a subject token with client_credentials, RFC 7523 §2.2. */
export const clientAssertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** What a token may do, widest last. `projects:write` includes `projects:read`. */
export const scopes = ['projects:read', 'projects:write'] as const
export type Scope = (typeof scopes)[number]

/** The signature algorithms that a subject token may bear (RFC 7518 §3.1, RFC 8037, RFC 9864). */
export const subjectAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const
export type SubjectAlgorithm = (typeof subjectAlgorithms)[number]

/** The algorithms that our own access tokens can be signed with. */
export const tokenAlgorithms = ['ES256', 'RS256', 'EdDSA'] as const
export type TokenAlgorithm = (typeof tokenAlgorithms)[number]

/** The media type of an access token's header, RFC 9068 §2.1. */
export const accessTokenType = 'at+jwt'

/** The media type of a proof of possession's header, RFC 9449 §4.2. */
export const proofType = 'dpop+jwt'

/** The body of a successful exchange, RFC 8693 §2.2.1. `expires_in` is whole seconds. */
export type TokenResponse = {
  access_token: string
  /** `DPoP`: bound to the key of the proof that came with the request (RFC 9449 §5). */
  token_type: 'Bearer' | 'DPoP'
  issued_token_type: typeof tokenTypes.accessToken
  expires_in: number
  scope: string
}

/** The body of a refusal, RFC 6749 §5.2, with our stable `reason`. */
export type TokenRefusal = { error: string; error_description: string; reason: string; request_id: string }

/** The claims of an access token, RFC 9068 §2.2 and ours. Times are seconds since 1970. */
export type AccessTokenClaims = Readonly<{
  iss: string
  sub: string
  client_id: string
  aud: string
  exp: number
  iat: number
  jti: string
  scope: string
  org: string
  team?: string
  principal: 'service_account' | 'user'
  name: string
  method: 'federated' | 'api_key'
  idp?: Readonly<{ iss: string; sub: string }>
  /** RFC 9449 §6.1: the thumbprint of the key without which the token is worth nothing. */
  cnf?: Readonly<{ jkt: string }>
}>
