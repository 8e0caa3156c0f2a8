/**
 * Managed identities of Azure, as its documentation has them: App Service's token service and the metadata service. Both give
 * tokens for registered applications alone, and each insists on its own header.
 */
import { randomUUID } from 'node:crypto'
import type { Provider } from '../identity-provider.ts'
import { leaks } from '../leaks.ts'
import { documentedClaims } from './documented-claims.ts'
import { type Answer, type Asked, json, startLoopback } from './loopback.ts'
import { type Machine, machine } from './machine.ts'

export type Azure = {
  surroundings: Machine
  origin: string
  asked: Asked[]
  /** What comes instead, once for each. */
  instead: (Answer | null)[]
  close(): Promise<void>
}
type Ask = {
  /** Application ID URIs that Entra ID knows. */
  applications: readonly string[]
  /** Client ids of user-assigned identities. */
  identities?: readonly string[]
  hasSystemIdentity?: boolean
}

const mistake = (error: string, error_description: string, status = 400) => json({ error, error_description }, status)

function answerOf(
  provider: Provider,
  url: URL,
  { applications, identities = [], hasSystemIdentity = true }: Ask,
): Answer {
  const resource = url.searchParams.get('resource')
  const client = url.searchParams.get('client_id')
  if (!resource) return mistake('invalid_request', 'resource is missing')
  if (client === null ? !hasSystemIdentity : !identities.includes(client))
    return mistake('invalid_request', 'Identity not found')
  if (!applications.includes(resource))
    return mistake('invalid_resource', `AADSTS50001: The application named ${resource} was not found in the tenant.`)
  const iat = Math.floor(Date.now() / 1000)
  const [nbf, exp] = [iat, iat + 86_400]
  const claims = documentedClaims('entra', 'a managed identity, whose tokens live for a day and five minutes')
  const token = provider.token({ ...claims, jti: undefined, iat, nbf, exp, aud: resource })
  return json({
    access_token: token,
    refresh_token: '',
    client_id: client ?? '5E29463D-71DA-4FE0-8E69-999B57DB23B0',
    expires_in: '86399',
    expires_on: String(exp),
    not_before: String(nbf),
    resource,
    token_type: 'Bearer',
  })
}

export async function startAppService(provider: Provider, ask: Ask): Promise<Azure> {
  const secret = `${randomUUID()}-${randomUUID()}`
  leaks.learn('a chosen secret', secret)
  const instead: (Answer | null)[] = []
  const server = await startLoopback(({ method, url, headers }) => {
    if (instead.length > 0) return instead.shift() as Answer | null
    if (method !== 'GET' || url.pathname !== '/msi/token') return { status: 404 }
    if (headers['x-identity-header'] !== secret) return json({ statusCode: 401, message: 'unauthorized' }, 401)
    if (url.searchParams.get('api-version') !== '2019-08-01') return mistake('invalid_request', 'api-version')
    return answerOf(provider, url, ask)
  })
  const env = { IDENTITY_ENDPOINT: `${server.origin}/msi/token`, IDENTITY_HEADER: secret, WEBSITE_SITE_NAME: 'trainer' }
  return { surroundings: machine({ env }), origin: server.origin, asked: server.asked, instead, close: server.close }
}

export async function startAzureMachine(provider: Provider, ask: Ask): Promise<Azure> {
  const instead: (Answer | null)[] = []
  const server = await startLoopback(({ method, url, headers }) => {
    if (headers.metadata !== 'true') return mistake('bad_request_102', 'Required metadata header not specified')
    if (headers['x-forwarded-for'] !== undefined) return mistake('invalid_request', 'forwarded')
    if (instead.length > 0) return instead.shift() as Answer | null
    if (method !== 'GET' || url.pathname !== '/metadata/identity/oauth2/token') return { status: 404 }
    if ((url.searchParams.get('api-version') ?? '') < '2018-02-01') return mistake('invalid_request', 'api-version')
    return answerOf(provider, url, ask)
  })
  const files = { '/sys/class/dmi/id/sys_vendor': 'Microsoft Corporation\n' }
  const routes = { 'http://169.254.169.254': server.origin }
  return {
    surroundings: machine({ files, routes }),
    origin: server.origin,
    asked: server.asked,
    instead,
    close: server.close,
  }
}
