/** OpenAPI 3.1 of the whole service: the admin API from its routes, the token endpoint from what it takes. */
import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { grantTypes, tokenTypes } from '../../protocol/oauth.ts'
import { catalogue, exchangeReasonNames } from '../errors/catalogue.ts'
import type { Route } from './api/route.ts'

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    reason: z.enum(Object.keys(catalogue) as [string, ...string[]]),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' })

const tokenRequest = z
  .object({
    grant_type: z.enum(Object.values(grantTypes)),
    assertion: z.string().optional().meta({ description: 'The JWT, with the jwt-bearer grant (RFC 7523)' }),
    subject_token: z.string().optional().meta({ description: 'The JWT or API key, with token exchange (RFC 8693)' }),
    subject_token_type: z.enum([tokenTypes.jwt, tokenTypes.idToken, tokenTypes.apiKey]).optional(),
    requested_token_type: z.enum([tokenTypes.accessToken, tokenTypes.jwt]).optional(),
    client_secret: z.string().optional().meta({ description: 'The API key, with client_credentials' }),
    scope: z.string().optional(),
    audience: z.string().optional(),
    resource: z.string().optional(),
    service_account: z.string().optional().meta({ description: 'An account’s id, or team/name' }),
    requested_token_ttl: z.int().optional().meta({ description: 'Seconds' }),
  })
  .meta({ id: 'TokenRequest' })
const tokenResponse = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    issued_token_type: z.literal(tokenTypes.accessToken),
    expires_in: z.int(),
    scope: z.string(),
  })
  .meta({ id: 'TokenResponse' })
const tokenRefusal = z
  .object({
    error: z.string(),
    error_description: z.string(),
    reason: z.enum(exchangeReasonNames),
    request_id: z.string(),
  })
  .meta({ id: 'TokenRefusal' })

export function openApiOf(routes: readonly Route[], publicUrl: string): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = { '/oauth/token': { post: tokenOperation } }
  for (const route of routes) {
    const path = `/api/v1${route.path}`
    paths[path] = { ...paths[path], [route.method]: operationOf(route) }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version: '1',
      description: 'Identity-federation token exchange, and its administration.',
    },
    servers: [{ url: publicUrl }],
    security: [{ bearer: [] }, { basic: [] }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An access token or an API key' },
        basic: { type: 'http', scheme: 'basic', description: 'Any user name; the key or token as password' },
      },
    },
    paths: paths as ZodOpenApiPathsObject,
  })
}

const tokenOperation: ZodOpenApiOperationObject = {
  operationId: 'exchangeToken',
  tags: ['Token endpoint'],
  summary: 'Subject token or API key in, access token out',
  security: [],
  requestBody: {
    required: true,
    content: {
      'application/x-www-form-urlencoded': { schema: tokenRequest },
      'application/json': { schema: tokenRequest },
    },
  },
  responses: {
    '200': { description: 'An access token', content: { 'application/json': { schema: tokenResponse } } },
    '4XX': { description: 'A refusal', content: { 'application/json': { schema: tokenRefusal } } },
    '503': { description: 'May succeed when tried again', content: { 'application/json': { schema: tokenRefusal } } },
  },
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const params = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string)
  const status = String(route.answer ? (route.status ?? 200) : 204)
  const json = route.answer && { 'application/json': { schema: route.answer } }
  return {
    operationId: operationIdOf(route),
    tags: [route.tag],
    summary: route.summary,
    description: `For: ${route.right}.`,
    requestParams: {
      ...(params.length > 0 ? { path: z.object(Object.fromEntries(params.map((name) => [name, z.string()]))) } : {}),
      ...(route.query ? { query: route.query } : {}),
    },
    ...(route.body ? { requestBody: { content: { 'application/json': { schema: route.body } } } } : {}),
    responses: {
      [status]: { description: 'Done', ...(json ? { content: json } : {}) },
      default: { description: 'A refusal', content: { 'application/problem+json': { schema: problem } } },
    },
  }
}

/** `post /orgs/{org}/teams` is postOrgsOrgTeams: unique, and stable as long as the path is. */
function operationIdOf({ method, path }: Route): string {
  const words = path.split(/[^a-zA-Z0-9]+/).filter(Boolean)
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
