/** OpenAPI 3.1 of the whole service: the admin API from its routes, everything else from openapi-oauth.ts. */
import { type ZodType, z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import type { Route } from './api/route.ts'
import { accessPaths } from './openapi-access.ts'
import { headers, named, problems, refusing } from './openapi-answers.ts'
import { loginApiPaths } from './openapi-login.ts'
import { oauthPaths } from './openapi-oauth.ts'
import { scanningPaths } from './openapi-scanning.ts'

const requestHeader = (id: string, description: string, example: string) =>
  z.string().optional().meta({ description, example, param: { id } })
const ifMatch = requestHeader(
  'If-Match',
  'ETags of the versions that may be changed, or *; else 412',
  '"team_01jf0000000000000000000000.3"',
)
const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/)
  .optional()
  .meta({
    description:
      'The same key with the same body is one request for 24 hours, and has one answer; with another body: 422',
    example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
    param: { id: 'Idempotency-Key' },
  })

const lines = z.string().meta({ description: 'One AuditEvent a line: all of them, oldest first' })
const isTrail = ({ path }: Route) => path.endsWith('/audit-events')
/** An organization as a file. */
const isFile = ({ tag }: Route) => tag === 'Files'
const isApply = ({ path }: Route) => path.endsWith('/apply')
const isExport = ({ path }: Route) => path.endsWith('/export')
const yaml = z.string().meta({ description: 'The same as YAML' })
/** It changes nothing, so there is nothing to repeat. */
const isProbe = ({ changes }: Route) => changes === false

export function openApiOf(routes: readonly Route[], publicUrl: string): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {
    ...oauthPaths,
    ...accessPaths,
    ...scanningPaths,
    ...loginApiPaths,
  }
  const versioned = new Set(routes.filter(({ method, answer }) => method === 'get' && isKept(answer)).map(pathOf))
  for (const route of routes) {
    const path = pathOf(route)
    paths[path] = { ...paths[path], [route.method]: operationOf(route, versioned.has(path)) }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version: '1',
      description:
        'Identity-federation token exchange, and its administration. Every answer to a request that could be read has an X-Request-Id. A method that a path does not have is refused with 405 and Allow. A user with the role viewer, an account with access read and a token with the scope projects:read look and change nothing, whatever else gives them rights.',
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

const pathOf = ({ path }: Route) => `/api/v1${path}`
/** An object with a name, an id and a version. */
const isKept = (answer: ZodType | undefined) =>
  answer instanceof z.ZodObject && 'id' in answer.shape && 'created_at' in answer.shape

/** `versioned`: the path is that of an object that has an ETag. */
function operationOf(route: Route, versioned: boolean): ZodOpenApiOperationObject {
  const params = namesIn(route.path)
  return {
    operationId: operationIdOf(route),
    tags: [route.tag],
    summary: route.summary,
    description: `For: ${route.right}.`,
    requestParams: {
      ...(params.length > 0 ? { path: z.object(Object.fromEntries(params.map((name) => [name, nameOrId]))) } : {}),
      ...(route.query ? { query: route.query } : {}),
      ...requestHeadersOf(route, versioned),
    },
    ...requestBodyOf(route),
    responses: { ...successesOf(route), ...refusing(problems, refusedWith(route, versioned)) },
  }
}

const nameOrId = z.string().meta({ description: 'A name or an id' })
const namesIn = (path: string) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string)

function requestHeadersOf(route: Route, versioned: boolean) {
  const { method } = route
  if (isApply(route)) return { header: z.object({ 'Idempotency-Key': idempotencyKey, 'If-Match': ifMatch }) }
  if (method === 'post') return isProbe(route) ? {} : { header: z.object({ 'Idempotency-Key': idempotencyKey }) }
  if (!versioned || method === 'get') return {}
  return {
    header: z.object({ 'If-Match': ifMatch }),
  }
}

function requestBodyOf({ method, body: schema }: Route) {
  if (!schema) return {}
  const types = ['application/json', ...(method === 'patch' ? ['application/merge-patch+json'] : [])]
  // A body that may be empty may be left out.
  const required = !schema.safeParse({}).success
  return { requestBody: { required, content: Object.fromEntries(types.map((type) => [type, { schema }])) } }
}

function successesOf(route: Route): ZodOpenApiOperationObject['responses'] {
  const { answer: schema } = route
  const status = schema ? (route.status ?? 200) : 204
  const made = status === 201
  const tagged = made || isKept(schema) || isFile(route)
  const head = {
    ...named,
    ...(made ? { Location: headers.Location } : {}),
    ...(tagged ? { ETag: headers.ETag } : {}),
  }
  const content = schema && {
    'application/json': { schema },
    ...(isTrail(route) ? { 'application/x-ndjson': { schema: lines } } : {}),
    ...(isExport(route) ? { 'application/yaml': { schema: yaml } } : {}),
  }
  return {
    [`${status}`]: { description: 'Done', headers: z.object(head), ...(content ? { content } : {}) },
  }
}

/** The statuses that a request of this route can be refused with. */
function refusedWith(route: Route, versioned: boolean): number[] {
  const { method, path, right, query, body } = route
  const named = namesIn(path).length > 0
  const can: Record<number, boolean> = {
    // A path that cannot be decoded, a query that does not fit, a body that is no JSON.
    400: named || query !== undefined || body !== undefined,
    401: true,
    403: right !== 'anybody',
    404: named,
    409: takesName(route) || isDefaultTeam(route) || isManaged(route) || isApply(route),
    412: (versioned && method !== 'get' && method !== 'post') || isApply(route),
    413: body !== undefined,
    415: body !== undefined,
    422: body !== undefined,
    429: true,
    503: true,
  }
  return Object.keys(can)
    .map(Number)
    .filter((status) => can[status])
}

/** Objects are known by their names, keys too. */
function takesName({ method, status, body }: Route): boolean {
  if (method === 'post') return status === 201
  return method === 'patch' && body instanceof z.ZodObject && ('name' in body.shape || 'username' in body.shape)
}

/** What is kept in a file stays as it is, unless that is forced. */
const isManaged = ({ query }: Route) => query !== undefined && 'force' in query.shape

/** A team that is the default of an account stays. */
const isDefaultTeam = ({ method, path }: Route) => method === 'delete' && path.endsWith('/teams/{team}')

/** `post /orgs/{org}/teams` is postOrgsOrgTeams: unique, and stable as long as the path is. */
function operationIdOf({ method, path }: Route): string {
  const words = path.split(/[^a-zA-Z0-9]+/).filter(Boolean)
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
