/**
 * What the operations of openapi.json share: headers, and one answer for each status that we refuse with. Which reasons
 * stand behind a status is read from the catalogue, so that a new reason is described as soon as it is there.
 */
import { type ZodType, z } from 'zod'
import type { ZodOpenApiResponseObject } from 'zod-openapi'
import { grantTypes } from '../../protocol/oauth.ts'
import { catalogue, exchangeReasonNames, type Reason, wireOf } from '../errors/catalogue.ts'
import { doorReasons } from '../errors/door-reasons.ts'
import { loginReasons } from '../errors/login-reasons.ts'
import { finding } from './api/schemas/parts.ts'

const header = (id: string, description: string, example: string) =>
  z.string().meta({ description, example, header: { id } })

export const headers = {
  'X-Request-Id': header('X-Request-Id', 'Names the request in our log and in the audit trail', 'req_01JD…'),
  Location: header('Location', 'Where the object is that was made', 'https://id.example/api/v1/orgs/acme/teams/ml'),
  ETag: header('ETag', 'The version of the object, for If-Match', '"team_01jf0000000000000000000000.3"'),
  'Retry-After': header('Retry-After', 'Seconds', '30'),
  'DPoP-Nonce': header('DPoP-Nonce', 'For the next proof of possession (RFC 9449 §8)', 'Acmnbm1lZm…').optional(),
}
export const noStore = z.literal('no-store').meta({ header: { id: 'NoStore' } })
export const named = { 'X-Request-Id': headers['X-Request-Id'] }

const challenge = (id: string, example: string) =>
  header(id, 'How to authenticate (RFC 9110 §11.6.1)', `${example} realm="countersign"`)

/** `line` and `column` from 1, and `caret`, two lines that show the place, where it is within a text. */
const fieldError = z.object({
  path: z.string(),
  message: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
  caret: z.string().optional(),
})
const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    reason: z.enum(Object.keys(catalogue) as [string, ...string[]]),
    request_id: z.string(),
    errors: z.array(fieldError).optional(),
    findings: z.array(finding).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' })

/** The refusal of an OAuth endpoint that has these reasons (RFC 6749 §5.2). */
function oauthRefusal(id: string, reasons: readonly Reason[]) {
  const grants = [...Object.values(grantTypes), undefined]
  // Who failed to authenticate is an invalid client at every OAuth endpoint.
  const nameOf = ({ status, error }: ReturnType<typeof wireOf>) => (status === 401 ? 'invalid_client' : error)
  const errors = reasons.flatMap((reason) => grants.map((grant) => nameOf(wireOf(reason, grant))))
  return z
    .object({
      error: z.enum([...new Set(errors)]),
      error_description: z.string(),
      reason: z.enum([...reasons]),
      request_id: z.string(),
    })
    .meta({ id })
}

type Refusals = Readonly<Record<number, ZodOpenApiResponseObject>> & { default: ZodOpenApiResponseObject }
type Kind = {
  id: string
  type: string
  schema: ZodType
  headers: Record<string, ZodType>
  challenge: ZodType
  /** What is said here where the catalogue speaks of the token endpoint. */
  says?: Partial<Record<Reason, string>>
}

/** An answer for each status that one of the reasons has; what nobody expects is the default. */
function refusalsOf(reasons: readonly Reason[], kind: Kind): Refusals {
  const { id, type, schema, headers: always, challenge, says = {} } = kind
  const content = { [type]: { schema } }
  const answer = (status: number): ZodOpenApiResponseObject => ({
    id: `${id}${status}`,
    description: reasons
      .filter((reason) => wireOf(reason).status === status)
      .map((reason) => `- \`${reason}\`: ${says[reason] ?? catalogue[reason].says}`)
      .join('\n'),
    headers: z.object({
      ...always,
      ...(status === 401 ? { 'WWW-Authenticate': challenge } : {}),
      ...(status === 429 || status === 503 ? { 'Retry-After': headers['Retry-After'] } : {}),
    }),
    content,
  })
  const statuses = new Set(reasons.map((reason) => wireOf(reason).status))
  return {
    ...Object.fromEntries([...statuses].map((status) => [status, answer(status)])),
    default: { id, description: 'Any other refusal', headers: z.object(always), content },
  }
}

/** What any endpoint may say of a request that it cannot take, or not now. */
const ofRequests = [
  'malformed_request',
  'request_too_large',
  'unsupported_media_type',
  'rate_limited',
  'storage_unavailable',
] as const satisfies readonly Reason[]
/** Of other places than the API, or of nobody's asking. */
const elsewhere = new Set<Reason>([
  'internal_error',
  ...(Object.keys(doorReasons) as Reason[]),
  ...(Object.keys(loginReasons) as Reason[]),
  ...exchangeReasonNames,
])
const ofApi = (Object.keys(catalogue) as Reason[]).filter((reason) => !elsewhere.has(reason))

export const problems = refusalsOf([...ofRequests, ...ofApi], {
  id: 'Refused',
  type: 'application/problem+json',
  schema: problem,
  headers: { ...named, 'DPoP-Nonce': headers['DPoP-Nonce'] },
  challenge: challenge('WWW-Authenticate', 'Bearer'),
  says: {
    request_too_large: 'the body is larger than 1,048,576 bytes',
    unsupported_media_type: 'send the body as application/json, in UTF-8',
  },
})

const ofOAuth = {
  type: 'application/json',
  headers: { ...named, 'Cache-Control': noStore, 'DPoP-Nonce': headers['DPoP-Nonce'] },
  challenge: challenge('WWW-Authenticate-Basic', 'Basic'),
}
export const tokenRefusals = refusalsOf(exchangeReasonNames, {
  ...ofOAuth,
  id: 'TokenRefused',
  schema: oauthRefusal('TokenRefusal', [...exchangeReasonNames, 'internal_error']),
})

const ofOthers: Reason[] = [
  ...ofRequests,
  'parameter_missing',
  'parameter_repeated',
  'unauthenticated',
  'possession_unproven',
  'possession_nonce_required',
  'forbidden',
]
export const oauthRefusals = refusalsOf(ofOthers, {
  ...ofOAuth,
  id: 'OAuthRefused',
  schema: oauthRefusal('OAuthRefusal', [...ofOthers, 'internal_error']),
})

const ofLogins: Reason[] = [
  ...ofRequests,
  'parameter_missing',
  'parameter_repeated',
  'login_pending',
  'login_too_fast',
  'login_expired',
  'login_denied',
]
export const loginRefusals = refusalsOf(ofLogins, {
  ...ofOAuth,
  id: 'LoginRefused',
  schema: oauthRefusal('LoginRefusal', [...ofLogins, 'internal_error']),
})

/** Those of these statuses, and the default. */
export function refusing(refusals: Refusals, statuses: Iterable<number>): Record<string, ZodOpenApiResponseObject> {
  const listed = [...statuses].flatMap((status) => {
    const answer = refusals[status]
    return answer ? [[String(status), answer] as const] : []
  })
  return { ...Object.fromEntries(listed), default: refusals.default }
}
