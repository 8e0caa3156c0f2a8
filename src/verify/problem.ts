/** A refusal as HTTP: problem details (RFC 9457), with the challenge of RFC 6750 §3 or RFC 9449 §7.1. Never holds a credential. */
import { proofAlgorithms } from './possession.ts'
import type { VerifyError, VerifyErrorCode } from './verify-error.ts'

export type Problem = { status: number; headers: Record<string, string>; body: string }

/** `realm`: of the challenge (RFC 9110 §11.5); the audience of the API will do. */
export function problemOf(error: VerifyError, realm: string): Problem {
  const { code, status, message, reason, scope, nonce, retryAfter } = error
  const challenge = [`realm="${quotable(realm)}"`]
  // A caller that sent nothing is told no error code.
  if (code !== 'credential_missing')
    challenge.push(`error="${names[code] ?? (status === 401 ? 'invalid_token' : 'insufficient_scope')}"`)
  if (scope !== undefined) challenge.push(`scope="${quotable(scope)}"`)
  if (names[code] !== undefined) challenge.push(`algs="${proofAlgorithms.join(' ')}"`)
  const scheme = names[code] === undefined ? 'Bearer' : 'DPoP'
  const isChallenged = status === 401 || code === 'scope_missing'
  // What an operator has to see is in the error, which a caller has no use for.
  const detail = code === 'key_refused' ? 'the caller cannot be verified at the moment; try again' : message
  const title = { 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' }[status]
  const more = reason === undefined ? {} : { access_reason: reason }
  return {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...(isChallenged ? { 'WWW-Authenticate': `${scheme} ${challenge.join(', ')}` } : {}),
      ...(nonce === undefined ? {} : { 'DPoP-Nonce': nonce }),
      ...(retryAfter === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfter)) }),
    },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, reason: code, ...more }),
  }
}

/** Of what is about a proof (RFC 9449 §7.1 and §9). */
const names: Partial<Record<VerifyErrorCode, string>> = {
  possession_unproven: 'invalid_dpop_proof',
  nonce_required: 'use_dpop_nonce',
}

/** What a header takes between quotes: a runtime throws at anything else, and then nobody gets an answer. */
const quotable = (text: string) => text.replace(/[^\x20-\x7e]|["\\]/g, '')
