/**
 * How we say no: every reason, what it becomes on the wire, and the sentence the caller reads.
 * Rules of this room: a reason is stable and is what programs may switch on; we say what is wrong with the caller's own
 * token or request, never what stands in a policy. Nothing here reads a clock or writes a log.
 */
import { type GrantType, grantTypes } from '../../protocol/oauth.ts'
import { changeReasons } from './change-reasons.ts'
import { doorReasons } from './door-reasons.ts'
import { loginReasons } from './login-reasons.ts'
import { trustReasons } from './trust-reasons.ts'

export type Wire = { status: number; error: string }
export type Row = { wire: Wire | ((grant?: GrantType) => Wire); says: string; retryAfter?: number }

const badRequest: Wire = { status: 400, error: 'invalid_request' }
const unavailable: Wire = { status: 503, error: 'temporarily_unavailable' }

/** A bad subject token has a name by each grant: RFC 7523 §3.1, RFC 8693 §2.2.2, and, as a client assertion, RFC 7523 §3.2. */
const badSubject = (grant?: GrantType): Wire => {
  if (grant === grantTypes.clientCredentials) return { status: 400, error: 'invalid_client' }
  return { status: 400, error: grant === grantTypes.jwtBearer ? 'invalid_grant' : 'invalid_request' }
}

/** Reasons of the token endpoint (contract: "The token endpoint"). `retryAfter` is in seconds. */
const exchangeReasons = {
  malformed_request: { wire: badRequest, says: 'the request could not be read' },
  parameter_missing: { wire: badRequest, says: 'a required parameter is missing' },
  parameter_repeated: { wire: badRequest, says: 'a parameter is given more than once' },
  request_too_large: {
    wire: { status: 413, error: 'invalid_request' },
    says: 'the request body is larger than what is taken here',
  },
  unsupported_media_type: {
    wire: { status: 415, error: 'invalid_request' },
    says: 'send application/x-www-form-urlencoded, or the same fields as application/json, in UTF-8',
  },
  unsupported_grant_type: {
    wire: { status: 400, error: 'unsupported_grant_type' },
    says: `this grant_type is not supported; use ${Object.values(grantTypes).join(', ')}`,
  },
  token_malformed: { wire: badSubject, says: 'the subject token is not a well-formed signed JWT' },
  token_too_large: { wire: badSubject, says: 'the subject token is larger than 16,384 bytes' },
  algorithm_not_allowed: { wire: badSubject, says: 'the subject token is signed with an algorithm not accepted here' },
  critical_header: { wire: badSubject, says: 'the subject token has a critical header parameter (crit)' },
  issuer_missing: { wire: badSubject, says: 'the subject token names no issuer (iss)' },
  issuer_not_trusted: {
    wire: badSubject,
    says: 'no organization here trusts the issuer (iss) of the subject token; the comparison is exact',
  },
  audience_not_accepted: {
    wire: badSubject,
    says: 'the subject token is not meant for us: ask your platform for a token with the audience of your organization, and no other',
  },
  key_not_found: {
    wire: badSubject,
    says: 'the issuer publishes no key that fits the kid and alg of the subject token',
  },
  signature_invalid: { wire: badSubject, says: 'the signature of the subject token does not verify' },
  expiry_missing: { wire: badSubject, says: 'the subject token has no expiry (exp)' },
  issued_at_missing: { wire: badSubject, says: 'the subject token has no time of issue (iat)' },
  token_expired: { wire: badSubject, says: 'the subject token has expired' },
  token_not_yet_valid: { wire: badSubject, says: 'the subject token is not valid yet (nbf)' },
  token_issued_in_future: { wire: badSubject, says: 'the subject token was issued in the future (iat)' },
  token_too_old: { wire: badSubject, says: 'the subject token is older, or lives longer, than is accepted here' },
  subject_missing: { wire: badSubject, says: 'the subject token names no subject (sub)' },
  no_account_matches: {
    wire: badSubject,
    says: 'the subject token is genuine, but stands for no service account here; give the request id to an admin',
  },
  account_ambiguous: {
    wire: badSubject,
    says: 'the subject token stands for more than one service account: name one with service_account (its id, or team/name)',
  },
  token_replayed: { wire: badSubject, says: 'the subject token was used before, and its issuer allows one use' },
  target_unknown: {
    wire: { status: 400, error: 'invalid_target' },
    says: 'the requested audience or resource is not the audience of one registered resource server',
  },
  scope_not_allowed: {
    wire: { status: 400, error: 'invalid_scope' },
    says: 'the requested scope is wider than the account may have',
  },
  dpop_proof_invalid: {
    wire: { status: 400, error: 'invalid_dpop_proof' },
    says: 'the proof of possession (DPoP header) is not acceptable',
  },
  dpop_nonce_required: {
    wire: { status: 400, error: 'use_dpop_nonce' },
    says: 'the proof of possession (DPoP header) needs a nonce of ours: send it again with the one in the DPoP-Nonce header of this answer',
  },
  dpop_proof_missing: {
    wire: badRequest,
    says: 'the service account gets tokens only for a key that it proves to hold: send a proof of possession (DPoP header, RFC 9449)',
  },
  api_key_invalid: {
    wire: { status: 401, error: 'invalid_client' },
    says: 'the API key is unknown, revoked or expired',
  },
  issuer_unavailable: {
    wire: unavailable,
    says: 'the keys of the issuer cannot be had at the moment; try again',
    retryAfter: 30,
  },
  storage_unavailable: {
    wire: unavailable,
    says: 'nothing can be recorded at the moment, so nothing is handed out; try again',
    retryAfter: 5,
  },
  rate_limited: {
    wire: { status: 429, error: 'slow_down' },
    says: 'too many failed attempts from this address in a minute (LIMIT_FAILED_PER_MINUTE); try again later',
    retryAfter: 60,
  },
} as const satisfies Record<string, Row>

/** Of the admin API and the other endpoints, in application/problem+json (RFC 9457). */
const apiReasons = {
  unauthenticated: {
    wire: { status: 401, error: 'invalid_token' },
    says: 'send a valid access token or API key: Authorization: Bearer …',
  },
  possession_unproven: {
    wire: { status: 401, error: 'invalid_dpop_proof' },
    says: 'the access token is bound to a key: send it as Authorization: DPoP …, with a proof of that key in the DPoP header (RFC 9449)',
  },
  possession_nonce_required: {
    wire: { status: 401, error: 'use_dpop_nonce' },
    says: 'the proof in the DPoP header needs a nonce of ours: send it again with the one in the DPoP-Nonce header of this answer',
  },
  forbidden: { wire: { status: 403, error: 'access_denied' }, says: 'your role does not allow this' },
  not_found: {
    wire: { status: 404, error: 'not_found' },
    says: 'there is nothing here under this name, or not for you',
  },
  name_taken: { wire: { status: 409, error: 'conflict' }, says: 'the name is taken' },
  audience_taken: {
    wire: { status: 409, error: 'conflict' },
    says: 'this issuer URL and audience are registered already, or the audience is kept for another organization',
  },
  key_ended: {
    wire: { status: 409, error: 'conflict' },
    says: 'this API key was rotated or has expired: rotate the one that followed it, or make a new one',
  },
  body_malformed: { wire: badRequest, says: 'the request cannot be read: its body is not acceptable JSON' },
  body_invalid: { wire: { status: 422, error: 'invalid_request' }, says: 'the body does not fit; see errors' },
  query_invalid: { wire: badRequest, says: 'a query parameter does not fit; see errors' },
  evaluation_invalid: { wire: badRequest, says: 'the evaluation request does not fit; see errors' },
  too_many_evaluations: {
    wire: badRequest,
    says: 'more evaluations in one request than are allowed (LIMIT_EVALUATIONS_PER_REQUEST); send them in several',
  },
  account_of_another_team: {
    wire: { status: 422, error: 'invalid_request' },
    says: 'a team-scoped service account cannot be added to a restricted project of another team: add an organization-scoped account, or one of this team',
  },
  idempotency_key_reused: {
    wire: { status: 422, error: 'invalid_request' },
    says: 'this Idempotency-Key was used within 24 hours for another request',
  },
  report_unproven: {
    wire: { status: 401, error: 'access_denied' },
    says: 'the report is not signed by a key that the partner publishes (Github-Public-Key-Identifier, Github-Public-Key-Signature)',
  },
  partner_unavailable: {
    wire: unavailable,
    says: 'the keys of the partner who signs such reports cannot be had at the moment (SECRET_SCANNING_KEYS_URL); try again',
    retryAfter: 300,
  },
  internal_error: {
    wire: { status: 500, error: 'server_error' },
    says: 'something went wrong on our side; it is in the log under this request id',
  },
} as const satisfies Record<string, Row>

export const catalogue = {
  ...exchangeReasons,
  ...apiReasons,
  ...changeReasons,
  ...doorReasons,
  ...loginReasons,
  ...trustReasons,
} as const

export type ExchangeReason = keyof typeof exchangeReasons
export type Reason = keyof typeof catalogue
export const exchangeReasonNames = Object.keys(exchangeReasons) as ExchangeReason[]

/** Status and `error` of a reason. `grant`: of the request, where the RFCs disagree on the name. */
export function wireOf(reason: Reason, grant?: GrantType): Wire {
  const { wire } = catalogue[reason] as Row
  return typeof wire === 'function' ? wire(grant) : wire
}

/** Seconds to wait before trying again, for what may then succeed; undefined for everything else. */
export function retryAfterOf(reason: Reason): number | undefined {
  return (catalogue[reason] as Row).retryAfter
}
