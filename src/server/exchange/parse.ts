/**
 * The request of the token endpoint: untrusted -> typed. Pure.
 * Rules: an unknown parameter is ignored, a repeated one is refused, an empty one counts as absent (RFC 6749 §3.2);
 * ASCII white space around a token is trimmed, since clients read it from files.
 */
import { clientAssertionType, type GrantType, grantTypes, tokenTypes } from '../../protocol/oauth.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Shown } from '../tokens/dpop.ts'
import { redactedText } from './redact.ts'

/**
 * Parameters as they were sent, in order, repeated ones too; `basic`: the password of a Basic header (RFC 7617); `dpop`:
 * the DPoP headers, when there are any (RFC 9449 §5).
 */
export type TokenRequest = {
  parameters: readonly (readonly [name: string, value: string])[]
  basic?: string
  dpop?: Shown
}

export type Ask = {
  grantType: GrantType
  proof: { kind: 'token' | 'api_key'; secret: string }
  scope?: string
  /** What the token is for: each must mean the same resource server. */
  targets: readonly string[]
  serviceAccount?: string
  /** Seconds. */
  requestedTtl?: number
  dpop?: Shown
}

type Get = (name: string) => string | undefined

/** Throws Refusal with one of the reasons of a request that cannot be read. `onGrant` hears the grant type, as sent, first. */
export function parse(request: TokenRequest, onGrant: (grantType: string) => void): Ask {
  const given = new Map<string, string>()
  const seen = new Set<string>()
  for (const [name, value] of request.parameters) {
    if (seen.has(name))
      throw new Refusal('parameter_repeated', { says: `the parameter ${shown(name)} is given more than once` })
    seen.add(name)
    if (value !== '') given.set(name, value)
  }
  const get: Get = (name) => given.get(name)
  const grantType = need(get, 'grant_type')
  onGrant(grantType)
  if (!isGrantType(grantType)) throw new Refusal('unsupported_grant_type')
  const targets = (grantType === grantTypes.jwtBearer ? ['resource'] : ['audience', 'resource']).flatMap(
    (name) => get(name) ?? [],
  )
  const ttl = requestedTtl(get('requested_token_ttl'))
  const scope = get('scope')
  const serviceAccount = accountOf(grantType, get)
  return {
    grantType,
    proof: proofOf(grantType, get, request.basic),
    targets,
    ...(scope === undefined ? {} : { scope }),
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
    ...(ttl === undefined ? {} : { requestedTtl: ttl }),
    ...(request.dpop === undefined ? {} : { dpop: request.dpop }),
  }
}

function proofOf(grantType: GrantType, get: Get, basic: string | undefined): Ask['proof'] {
  if (grantType === grantTypes.jwtBearer) return { kind: 'token', secret: trimmed(need(get, 'assertion')) }
  if (grantType === grantTypes.clientCredentials) {
    const inBody = get('client_secret')
    if (isAsserted(get)) return assertedBy(get, basic ?? inBody)
    if (basic !== undefined && inBody !== undefined && basic !== inBody)
      throw new Refusal('malformed_request', {
        says: 'two different API keys: one by HTTP Basic, one as client_secret',
      })
    return { kind: 'api_key', secret: trimmed(basic ?? inBody ?? need(get, 'client_secret')) }
  }
  const secret = trimmed(need(get, 'subject_token'))
  const type = need(get, 'subject_token_type')
  const wanted = get('requested_token_type')
  if (wanted !== undefined && wanted !== tokenTypes.accessToken && wanted !== tokenTypes.jwt)
    throw new Refusal('malformed_request', {
      says: `requested_token_type must be ${tokenTypes.accessToken} or ${tokenTypes.jwt}`,
    })
  if (get('actor_token') !== undefined || get('actor_token_type') !== undefined)
    throw new Refusal('malformed_request', { says: 'actor_token is not supported: a token is for its subject alone' })
  if (type === tokenTypes.apiKey) return { kind: 'api_key', secret }
  if (type === tokenTypes.jwt || type === tokenTypes.idToken) return { kind: 'token', secret }
  throw new Refusal('malformed_request', {
    says: `subject_token_type must be ${tokenTypes.jwt}, ${tokenTypes.idToken} or ${tokenTypes.apiKey}`,
  })
}

/** With client_credentials: a subject token as client_assertion, in place of an API key. */
const isAsserted = (get: Get) => get('client_assertion') !== undefined || get('client_assertion_type') !== undefined

/** RFC 7523 §2.2. What it says is judged as any subject token is: who signed it, and for whom, is not the client itself. */
function assertedBy(get: Get, apiKey: string | undefined): Ask['proof'] {
  // RFC 6749 §2.3: one way to authenticate in each request.
  if (apiKey !== undefined)
    throw new Refusal('malformed_request', { says: 'a client_assertion and an API key: a request has one proof' })
  const secret = trimmed(need(get, 'client_assertion'))
  if (need(get, 'client_assertion_type') !== clientAssertionType)
    throw new Refusal('malformed_request', { says: `client_assertion_type must be ${clientAssertionType}` })
  return { kind: 'token', secret }
}

/** Which account is meant. RFC 7521 §4.2: a client_id beside a client_assertion is of whom the assertion stands for. */
function accountOf(grantType: GrantType, get: Get): string | undefined {
  const named = get('service_account')
  if (grantType !== grantTypes.clientCredentials) return named
  // An API key is of one account.
  if (!isAsserted(get)) return undefined
  const client = get('client_id')
  if (named !== undefined && client !== undefined && named !== client)
    throw new Refusal('malformed_request', { says: 'client_id and service_account name two accounts' })
  return client ?? named
}

function need(get: Get, name: string): string {
  const value = get(name)
  if (value === undefined) throw new Refusal('parameter_missing', { says: `the parameter ${name} is missing` })
  return value
}

function requestedTtl(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = Number(text)
  if (!/^\d{1,9}$/.test(text) || seconds < 1)
    throw new Refusal('malformed_request', { says: 'requested_token_ttl must be a whole number of seconds, 1 or more' })
  return seconds
}

const isBlank = (code: number) => code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b)

/** Without a regular expression: one that looks for white space at the end is quadratic in white space elsewhere. */
export function trimmed(text: string): string {
  let [from, to] = [0, text.length]
  while (from < to && isBlank(text.charCodeAt(from))) from++
  while (from < to && isBlank(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

const shown = (name: string) => JSON.stringify(redactedText(name, 64))
export const isGrantType = (text: string): text is GrantType => (Object.values(grantTypes) as string[]).includes(text)
