/** A small organization with everything in it, made over the API: an admin, a team, an issuer, one account of each method. */
import { clientAssertionType, grantTypes, tokenTypes } from '../../src/protocol/oauth.ts'
import type { Provider, TokenAsk } from './identity-provider.ts'
import { type Answer, call, type Service } from './server.ts'

export type Event = {
  type: string
  result: string
  reason?: string
  request_id: string
  org: string
  actor: { type: string; id?: string; name?: string }
  target?: { type: string; id?: string }
  detail: Record<string, unknown>
}
export type Named = { id: string; name: string }
/** The grants whose proof is a subject token; `clientAssertion`: client_credentials with one in place of an API key. */
export type SubjectGrant = 'jwtBearer' | 'tokenExchange' | 'clientAssertion'
export const subjectGrants: readonly SubjectGrant[] = ['jwtBearer', 'tokenExchange', 'clientAssertion']
/** What a bad subject token is called. */
export const badSubjects = {
  jwtBearer: 'invalid_grant',
  tokenExchange: 'invalid_request',
  clientAssertion: 'invalid_client',
} as const satisfies Record<SubjectGrant, string>
type Fields = Record<string, unknown>
type Ask = { org?: string; subject?: string; issuer?: Fields; account?: Fields }

export type World = Awaited<ReturnType<typeof createWorld>>

/** The parameters of an exchange of this token, by one grant or the other. */
export function askFor(grant: SubjectGrant, token: string, extra: Record<string, string> = {}): Record<string, string> {
  const asked = {
    jwtBearer: { grant_type: grantTypes.jwtBearer, assertion: token },
    tokenExchange: {
      grant_type: grantTypes.tokenExchange,
      subject_token: token,
      subject_token_type: tokenTypes.jwt,
    },
    clientAssertion: {
      grant_type: grantTypes.clientCredentials,
      client_assertion: token,
      client_assertion_type: clientAssertionType,
    },
  }
  return { ...asked[grant], ...extra }
}

/** The claims of a token, unverified. */
export function claimsIn(token: unknown): Fields {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())
}

/** The call, which must succeed. */
export async function must(answer: Promise<Answer>): Promise<Answer['body']> {
  const { status, body } = await answer
  if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`)
  return body
}

export async function createWorld(
  service: Pick<Service, 'url' | 'publicUrl' | 'operatorKey'>,
  provider: Pick<Provider, 'issuer' | 'token'>,
  { org = 'acme', subject = 'job-1', issuer = {}, account = {} }: Ask = {},
) {
  const audience = `${service.publicUrl}/orgs/${org}`
  const first_admin = { username: `${org}-root`, email: `root@${org}.example` }
  const founded = await must(
    call(service, 'POST', '/api/v1/orgs', { secret: service.operatorKey, json: { name: org, first_admin } }),
  )
  const adminKey = String(founded.api_key)
  const path = `/api/v1/orgs/${org}`

  /** A call below the organization, as its admin. */
  const api = (method: string, below: string, json?: unknown) =>
    call(service, method, path + below, { secret: adminKey, ...(json === undefined ? {} : { json }) })
  const make = async (below: string, json: Fields) => (await must(api('POST', below, json))) as Fields & Named

  const accounts = '/teams/ml/service-accounts'
  await make('/teams', { name: 'ml' })
  const registered = await make('/issuers', { name: 'ci', issuer: provider.issuer, ...issuer })
  /** A further External account that trusts this subject. */
  const external = (name: string, trusted: string, more: Fields = {}) =>
    make(accounts, { name, method: 'federated', trust: { issuer: 'ci', subject: trusted }, ...more })
  const trainer = await external('trainer', subject, account)
  const builtIn = await make(accounts, { name: 'robot', method: 'api_key' })

  const post = (form: Record<string, string>, at = '/oauth/token') => call(service, 'POST', at, { form })
  return {
    service,
    org,
    path,
    audience,
    subject,
    adminKey,
    apiKey: String(builtIn.api_key),
    issuer: registered,
    account: trainer,
    builtIn,
    accounts,
    api,
    make,
    external,
    /** A good token of the provider for this organization, but for what is said otherwise. */
    token: (claims: Fields = {}, ask: TokenAsk = {}) => provider.token({ aud: audience, sub: subject, ...claims }, ask),
    post,
    exchange: (assertion: string, extra: Record<string, string> = {}) => post(askFor('jwtBearer', assertion, extra)),
    /** The access token, which must be given. */
    granted: async (assertion: string, extra: Record<string, string> = {}) =>
      String((await must(post(askFor('jwtBearer', assertion, extra)))).access_token),
    withKey: (secret: string) => post({ grant_type: grantTypes.clientCredentials, client_secret: secret }),
    introspect: (token: string, secret = adminKey) =>
      call(service, 'POST', '/oauth/introspect', { form: { token }, secret }),
    /** The events of this request in the organization's trail. */
    auditOf: (requestId: unknown) => eventsOf(service, `${path}/audit-events`, adminKey, requestId),
    /** Those in the installation's own trail. */
    installationAuditOf: (requestId: unknown) =>
      eventsOf(service, '/api/v1/audit-events', service.operatorKey, requestId),
  }
}

async function eventsOf(service: Pick<Service, 'url'>, at: string, secret: string, requestId: unknown) {
  const body = await must(call(service, 'GET', `${at}?request_id=${requestId}`, { secret }))
  return body.items as Event[]
}
