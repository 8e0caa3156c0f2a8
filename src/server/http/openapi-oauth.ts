/** openapi.json of what is not below /api/v1: the OAuth endpoints, what they publish of themselves, health. */
import { type ZodType, z } from 'zod'
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi'
import { keySetMaxAge } from '../tokens/keyring.ts'
import { headers, named, noStore, oauthRefusals, problems, refusing, tokenRefusals } from './openapi-answers.ts'
import * as schemas from './openapi-oauth-schemas.ts'
import { tokenPaths } from './token.ts'

const cached = (maxAge: number) => z.literal(`public, max-age=${maxAge}`)
function json(description: string, schema: ZodType, caching?: ZodType, more = {}): ZodOpenApiResponseObject {
  const head = z.object({ ...named, ...(caching ? { 'Cache-Control': caching } : {}), ...more })
  return { description, headers: head, content: { 'application/json': { schema } } }
}
const formOrJson = (schema: ZodType) => ({
  required: true,
  content: { 'application/x-www-form-urlencoded': { schema }, 'application/json': { schema } },
})
const anybody = { security: [] }

const [tokenPath = '', ...otherTokenPaths] = tokenPaths
const exchangeToken: ZodOpenApiOperationObject = {
  operationId: 'exchangeToken',
  tags: ['Token endpoint'],
  summary: 'Subject token or API key in, access token out',
  description: `Also served at ${otherTokenPaths.map((path) => `\`${path}\``).join(' and ')}. With client_credentials the API key is the password of HTTP Basic, or client_secret; in its place a subject token may be the client_assertion (RFC 7523 §2.2), and client_id, when it is there, then names the service account. A parameter that is not known is ignored. At most 65,536 bytes.`,
  security: [{}, { basic: [] }],
  requestParams: { header: z.object({ DPoP: schemas.proof }) },
  requestBody: formOrJson(schemas.tokenRequest),
  responses: {
    '200': json('An access token', schemas.tokenResponse, noStore, { 'DPoP-Nonce': headers['DPoP-Nonce'] }),
    ...refusing(tokenRefusals, [400, 401, 413, 415, 429, 503]),
  },
}
const introspectToken: ZodOpenApiOperationObject = {
  operationId: 'introspectToken',
  tags: ['OAuth'],
  summary: 'What stands behind an access token or API key (RFC 7662)',
  description:
    'For: a resource server, by its key, or an admin of the organization; by Bearer, by Basic, or as client_secret. Whatever is wrong with the token, the answer is that it is not active.',
  security: [{ bearer: [] }, { basic: [] }, {}],
  requestBody: formOrJson(schemas.introspectionRequest),
  responses: {
    '200': json('Who it is, or that nobody is', schemas.introspection, noStore),
    ...refusing(oauthRefusals, [400, 401, 403, 413, 415, 429, 503]),
  },
}
const revokeToken: ZodOpenApiOperationObject = {
  operationId: 'revokeToken',
  tags: ['OAuth'],
  summary: 'End an access token or API key by presenting it (RFC 7009)',
  ...anybody,
  requestBody: formOrJson(schemas.revocationRequest),
  responses: {
    '200': {
      description: 'It is worth nothing now; also when it was not known. The body is empty',
      headers: z.object({ ...named, 'Cache-Control': noStore }),
    },
    ...refusing(oauthRefusals, [400, 413, 415, 503]),
  },
}
const whoIsIt = (operationId: string): ZodOpenApiOperationObject => ({
  operationId,
  tags: ['OAuth'],
  summary: 'Who the bearer is (OpenID Connect Core §5.3.1)',
  description: 'For: a user or a service account.',
  responses: {
    '200': json('Their public fields', schemas.userInfo, noStore),
    ...refusing(problems, [401, 403, 429, 503]),
  },
})
const metadataAt = (operationId: string, description: string): ZodOpenApiOperationObject => ({
  operationId,
  tags: ['Discovery'],
  summary: 'Where everything is',
  description,
  ...anybody,
  responses: { '200': json('RFC 8414 metadata', schemas.metadata, cached(300)), ...refusing(oauthRefusals, []) },
})
const organizationNamed = z.object({ org: z.string().meta({ description: 'The name of the organization' }) })
const organizationFacts: ZodOpenApiOperationObject = {
  operationId: 'getOrganizationMetadata',
  tags: ['Discovery'],
  summary: 'What a workload has to know of its organization',
  description: 'The same shape for a name that nobody has.',
  ...anybody,
  requestParams: { path: organizationNamed },
  responses: {
    '200': json('The audience, and where to send the token', schemas.organizationMetadata, cached(300)),
    ...refusing(problems, [400]),
  },
}
const organizationAuthority: ZodOpenApiOperationObject = {
  operationId: 'getOrganizationAuthority',
  tags: ['Discovery'],
  summary: 'The metadata, where clients made for Entra look',
  description: 'The same for every organization, and for a name that nobody has.',
  ...anybody,
  requestParams: { path: organizationNamed },
  responses: { '200': json('RFC 8414 metadata', schemas.authority, cached(300)), ...refusing(problems, [400]) },
}
const keys: ZodOpenApiOperationObject = {
  operationId: 'getKeySet',
  tags: ['Discovery'],
  summary: 'The public keys that verify our access tokens',
  ...anybody,
  responses: { '200': json('The key set', schemas.keySet, cached(keySetMaxAge)), ...refusing(oauthRefusals, []) },
}
const livez: ZodOpenApiOperationObject = {
  operationId: 'getLivez',
  tags: ['Health'],
  summary: 'The process runs',
  ...anybody,
  responses: { '200': json('It does', schemas.alive, noStore), ...refusing(problems, []) },
}
const readyz: ZodOpenApiOperationObject = {
  operationId: 'getReadyz',
  tags: ['Health'],
  summary: 'It should get traffic',
  ...anybody,
  responses: {
    '200': json('It should; degraded: though a dependency is unavailable', schemas.readiness, noStore),
    '503': json('It should not: it is starting or draining', schemas.readiness, noStore),
    ...refusing(problems, []),
  },
}

export const oauthPaths = {
  [tokenPath]: { post: exchangeToken },
  '/oauth/introspect': { post: introspectToken },
  '/oauth/revoke': { post: revokeToken },
  '/oauth/userinfo': { get: whoIsIt('getUserInfo'), post: whoIsIt('postUserInfo') },
  '/oauth/jwks': { get: keys },
  '/.well-known/oauth-authorization-server': {
    get: metadataAt(
      'getAuthorizationServerMetadata',
      'With a path in PUBLIC_URL, that path may also follow (RFC 8414 §3).',
    ),
  },
  '/.well-known/openid-configuration': {
    get: metadataAt('getOpenIdConfiguration', 'The same, where OpenID Connect Discovery looks.'),
  },
  '/orgs/{org}/.well-known/countersign': { get: organizationFacts },
  '/orgs/{org}/v2.0/.well-known/openid-configuration': { get: organizationAuthority },
  '/livez': { get: livez },
  '/readyz': { get: readyz },
}
