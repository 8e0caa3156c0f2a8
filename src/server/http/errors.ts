/**
 * The only place where a refusal becomes HTTP.
 * Rules: what is not a Refusal is our bug: 500, one fixed sentence, and everything in the log. The OAuth endpoints
 * answer as RFC 6749 §5.2 says, the rest as RFC 9457 says. No answer repeats a key or a token.
 */
import type { ErrorRequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import { type GrantType, subjectAlgorithms, type TokenRefusal } from '../../protocol/oauth.ts'
import { withoutSecrets } from '../../protocol/secret-text.ts'
import { catalogue, type Reason, retryAfterOf, wireOf } from '../errors/catalogue.ts'
import { type FieldError, Refusal } from '../errors/refusal.ts'
import { ExchangeRefused } from '../exchange/witness.ts'
import { closedPolicy } from './security-headers.ts'

/** What Express and its body parser throw, by their status. */
const parserReasons: Record<number, Reason> = {
  400: 'malformed_request',
  404: 'not_found',
  413: 'request_too_large',
  415: 'unsupported_media_type',
}

/** Any error as a refusal; a bug is logged here, whole. */
export function refusalOf(error: unknown, log: Logger, requestId: string): Refusal {
  if (error instanceof ExchangeRefused) return error.refusal
  if (error instanceof Refusal) {
    if (error.reason === 'storage_unavailable')
      log.error({ request_id: requestId, ...error.detail }, 'storage is unavailable')
    return error
  }
  const refused = parserRefusal(error)
  if (refused) return refused
  log.error({ request_id: requestId, err: error }, 'a bug: this error is nobody’s refusal')
  return new Refusal('internal_error', { cause: error })
}

/** What Express's own parsers refuse; undefined for anything else. */
export function parserRefusal(error: unknown): Refusal | undefined {
  const status = error instanceof Error ? (error as Error & { status?: unknown }).status : undefined
  const reason = typeof status === 'number' ? parserReasons[status] : undefined
  if (reason === undefined) return undefined
  const limit = (error as { limit?: unknown }).limit
  const says = `the request body is larger than ${Number(limit).toLocaleString('en')} bytes`
  return new Refusal(reason, { cause: error, ...(reason === 'request_too_large' && limit ? { says } : {}) })
}

/** Errors of the endpoints below /oauth and their other names. */
export function oauthErrors(log: Logger): ErrorRequestHandler {
  return (error, req, res, next) => {
    if (res.headersSent) return next(error)
    const requestId: string = res.locals.requestId
    const refusal = refusalOf(error, log, requestId)
    const grantType = error instanceof ExchangeRefused ? error.grantType : undefined
    // RFC 6749 §5.2: the challenge is of the scheme that the caller used; RFC 6750 §3 for a bearer.
    const isBasic = !/^(?:bearer|dpop) /i.test(req.get('authorization') ?? '')
    const wire = head(res, refusal, grantType, isBasic ? basicChallenge : challenge(refusal))
    const body: TokenRefusal = {
      // RFC 7662 §2.3 and RFC 6749 §5.2 know a caller that failed to authenticate as invalid_client.
      error: wire.status === 401 ? 'invalid_client' : wire.error,
      error_description: describable(withoutSecrets(refusal.says)),
      reason: refusal.reason,
      request_id: requestId,
    }
    res.set('Cache-Control', 'no-store').json(body)
  }
}

/** Errors of everything else: application/problem+json. `docs` is where the reasons are explained. */
export function problems(log: Logger, docs: () => string): ErrorRequestHandler {
  return (error, _req, res, next) => {
    if (res.headersSent) return next(error)
    const requestId: string = res.locals.requestId
    const refusal = refusalOf(error, log, requestId)
    const { status } = head(res, refusal, undefined, challenge(refusal))
    res
      // A page's own are not for what is said in its place.
      .set({ 'Cache-Control': 'no-store', 'Content-Security-Policy': closedPolicy })
      .type('application/problem+json')
      .json({
        type: `${docs()}#${refusal.reason}`,
        title: catalogue[refusal.reason].says,
        status,
        detail: withoutSecrets(refusal.says),
        reason: refusal.reason,
        request_id: requestId,
        ...(refusal.errors ? { errors: refusal.errors.map(said) } : {}),
        ...(refusal.findings ? { findings: clean(refusal.findings) } : {}),
      })
  }
}

/** A caller may have given its key where a name was wanted. */
const clean = (value: unknown): unknown => JSON.parse(withoutSecrets(JSON.stringify(value)))
const said = ({ path, message, caret, ...place }: FieldError): FieldError => ({
  path: withoutSecrets(path),
  message: withoutSecrets(message),
  ...place,
  ...(caret === undefined ? {} : { caret: withoutSecrets(caret) }),
})

function head(res: Response, refusal: Refusal, grant: GrantType | undefined, authenticate: string) {
  const wire = wireOf(refusal.reason, grant)
  const retryAfter = refusal.retryAfter ?? retryAfterOf(refusal.reason)
  res.status(wire.status)
  if (retryAfter !== undefined) res.set('Retry-After', String(Math.max(1, Math.ceil(retryAfter))))
  if (wire.status === 401) res.set('WWW-Authenticate', authenticate)
  return wire
}

const basicChallenge = 'Basic realm="countersign", charset="UTF-8"'

/** RFC 6750 §3: a caller that sent nothing is told no error code. RFC 9449 §7.1: one that showed a bound token is told of proofs. */
function challenge({ reason, says }: Refusal): string {
  if (says === catalogue.unauthenticated.says) return 'Bearer realm="countersign"'
  const error = reason === 'unauthenticated' ? 'invalid_token' : wireOf(reason).error
  if (reason === 'possession_unproven' || reason === 'possession_nonce_required')
    return `DPoP realm="countersign", error="${error}", algs="${subjectAlgorithms.join(' ')}"`
  return 'Bearer realm="countersign", error="invalid_token"'
}

/** RFC 6749 §5.2 allows printable ASCII without quotes and backslashes in error_description. */
const describable = (says: string) =>
  says
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .replaceAll('…', '...')
    .replace(/[^\x20-\x7e]/g, '?')
