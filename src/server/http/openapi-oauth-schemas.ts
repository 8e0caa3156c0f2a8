/** What the OAuth endpoints take and answer, for openapi.json. */
import { z } from 'zod'
import {
  clientAssertionType,
  grantTypes,
  scopes,
  subjectAlgorithms,
  tokenAlgorithms,
  tokenTypes,
} from '../../protocol/oauth.ts'
import { accessLevels, accountMethods, orgRoles } from '../accounts/model.ts'

export const tokenRequest = z
  .object({
    grant_type: z.enum(Object.values(grantTypes)),
    assertion: z.string().optional().meta({ description: 'The JWT, with the jwt-bearer grant (RFC 7523)' }),
    subject_token: z.string().optional().meta({ description: 'The JWT or API key, with token exchange (RFC 8693)' }),
    subject_token_type: z.enum([tokenTypes.jwt, tokenTypes.idToken, tokenTypes.apiKey]).optional(),
    requested_token_type: z.enum([tokenTypes.accessToken, tokenTypes.jwt]).optional(),
    client_secret: z.string().optional().meta({ description: 'The API key, with client_credentials' }),
    client_assertion: z.string().optional().meta({ description: 'The JWT, with client_credentials (RFC 7523 §2.2)' }),
    client_assertion_type: z.literal(clientAssertionType).optional(),
    client_id: z.string().optional().meta({ description: 'With client_assertion: an account’s id, or team/name' }),
    scope: z.string().optional(),
    audience: z.string().optional(),
    resource: z.string().optional(),
    service_account: z.string().optional().meta({ description: 'An account’s id, or team/name' }),
    requested_token_ttl: z.int().optional().meta({ description: 'Seconds' }),
  })
  .meta({ id: 'TokenRequest' })
export const proof = z
  .string()
  .optional()
  .meta({ description: 'A proof of possession (RFC 9449): the token is bound to its key', example: 'eyJ0eXAi…' })
export const tokenResponse = z
  .object({
    access_token: z.string(),
    token_type: z.enum(['Bearer', 'DPoP']),
    issued_token_type: z.literal(tokenTypes.accessToken),
    expires_in: z.int(),
    scope: z.string(),
  })
  .meta({ id: 'TokenResponse' })

const token = z.string().meta({ description: 'An access token or an API key' })
const hint = { token_type_hint: z.string().optional().meta({ description: 'Taken and not needed' }) }
export const introspectionRequest = z
  .object({
    token,
    ...hint,
    client_secret: z
      .string()
      .optional()
      .meta({ description: 'The caller’s key, when there is no Authorization header' }),
  })
  .meta({ id: 'IntrospectionRequest' })
export const revocationRequest = z.object({ token, ...hint }).meta({ id: 'RevocationRequest' })

const seconds = z.int().meta({ description: 'Seconds since 1970' })
const principal = z.enum(['service_account', 'user'])
export const introspection = z
  .discriminatedUnion('active', [
    z.object({ active: z.literal(false) }),
    z.object({
      active: z.literal(true),
      token_type: z.enum(['Bearer', 'DPoP']).optional().meta({ description: 'Of an access token' }),
      iss: z.string(),
      sub: z.string(),
      client_id: z.string(),
      aud: z.string(),
      exp: seconds.optional().meta({ description: 'Seconds since 1970; absent for an API key that does not expire' }),
      iat: seconds,
      jti: z.string().optional().meta({ description: 'Of an access token' }),
      scope: z.string(),
      org: z.string(),
      team: z.string().optional().meta({ description: 'The parent or default team of an account' }),
      principal,
      name: z.string(),
      username: z.string(),
      method: z.enum(accountMethods),
      idp: z.object({ iss: z.string(), sub: z.string() }).optional().meta({ description: 'Of a federated token' }),
      cnf: z
        .object({ jkt: z.string() })
        .optional()
        .meta({ description: 'The key without whose proof the token is worth nothing (RFC 9449 §6)' }),
    }),
  ])
  .meta({ id: 'Introspection', description: 'RFC 7662 §2.2' })

const somebody = { sub: z.string(), name: z.string(), org: z.string() }
export const userInfo = z
  .discriminatedUnion('principal', [
    z.object({
      ...somebody,
      principal: z.literal('user'),
      preferred_username: z.string(),
      email: z.string(),
      role: z.enum(orgRoles),
    }),
    z.object({
      ...somebody,
      principal: z.literal('service_account'),
      team: z.string(),
      method: z.enum(accountMethods),
      access: z.enum(accessLevels),
    }),
  ])
  .meta({ id: 'UserInfo' })

const part = z.string().optional()
export const keySet = z
  .object({
    keys: z.array(
      z.object({
        kty: z.enum(['EC', 'RSA', 'OKP']),
        kid: z.string(),
        use: z.literal('sig'),
        alg: z.enum(tokenAlgorithms),
        ...{ crv: part, x: part, y: part, n: part, e: part },
      }),
    ),
  })
  .meta({ id: 'KeySet', description: 'RFC 7517 §5' })

export const metadata = z
  .object({
    issuer: z.url(),
    token_endpoint: z.url(),
    jwks_uri: z.url(),
    introspection_endpoint: z.url(),
    revocation_endpoint: z.url(),
    userinfo_endpoint: z.url(),
    grant_types_supported: z.array(z.enum(Object.values(grantTypes))),
    response_types_supported: z.array(z.string()),
    subject_types_supported: z.array(z.string()),
    scopes_supported: z.array(z.enum(scopes)),
    token_endpoint_auth_methods_supported: z.array(z.string()),
    introspection_endpoint_auth_methods_supported: z.array(z.string()),
    revocation_endpoint_auth_methods_supported: z.array(z.string()),
    id_token_signing_alg_values_supported: z.array(z.enum(tokenAlgorithms)),
    dpop_signing_alg_values_supported: z.array(z.enum(subjectAlgorithms)),
    subject_token_signing_alg_values_supported: z.array(z.enum(subjectAlgorithms)),
  })
  .meta({ id: 'AuthorizationServerMetadata', description: 'RFC 8414 §2' })
export const authority = metadata
  .extend({ authorization_endpoint: z.url().meta({ description: 'It supports no response type' }) })
  .meta({ id: 'OrganizationAuthority', description: 'RFC 8414 §2' })
export const organizationMetadata = z
  .object({ organization: z.string(), audience: z.url(), token_endpoint: z.url(), issuer: z.url() })
  .meta({ id: 'OrganizationMetadata' })

export const alive = z.object({ status: z.literal('ok') }).meta({ id: 'Alive' })
export const readiness = z
  .object({
    status: z.enum(['ok', 'degraded', 'unavailable']),
    dependencies: z.record(z.string(), z.object({ state: z.enum(['ok', 'unavailable']) })),
  })
  .meta({ id: 'Readiness' })
