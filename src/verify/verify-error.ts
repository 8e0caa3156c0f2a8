/**
 * Every way in which a caller is not let in. `code` is stable and is what programs may switch on; `status` is what an HTTP
 * API answers; the message says what happened and what to do, and never holds a credential.
 */
const kinds = {
  credential_missing: { status: 401, says: 'send an access token or API key: Authorization: Bearer …' },
  token_malformed: { status: 401, says: 'the credential is neither an access token nor an API key' },
  type_wrong: { status: 401, says: 'this JWT is no access token (typ at+jwt): exchange it for one first' },
  algorithm_wrong: { status: 401, says: 'the token is signed with an algorithm that is not accepted' },
  key_unknown: { status: 401, says: 'the token is signed with a key that Countersign does not publish (any more)' },
  signature_invalid: { status: 401, says: 'the signature of the token does not verify' },
  issuer_wrong: { status: 401, says: 'the token was issued by somebody else (iss)' },
  audience_wrong: {
    status: 401,
    says: 'the token is meant for another API (aud): ask for one with the audience of this one',
  },
  organization_wrong: { status: 401, says: 'the token is of another organization (org)' },
  token_expired: { status: 401, says: 'the token has expired: obtain a new one' },
  token_not_yet_valid: { status: 401, says: 'the token is not valid yet (nbf): compare the clocks' },
  possession_unproven: {
    status: 401,
    says: 'the access token is bound to a key: send it as Authorization: DPoP …, with a proof of that key in the DPoP header (RFC 9449)',
  },
  nonce_required: {
    status: 401,
    says: 'the proof in the DPoP header needs a nonce: send it again with the one in the DPoP-Nonce header of this answer',
  },
  inactive: { status: 401, says: 'the access token or API key is unknown, expired, revoked, or of a disabled account' },
  api_key_needs_connection: {
    status: 401,
    says: 'API keys are not accepted here: obtain an access token with it (the API can accept keys when its verifier has a key of its own)',
  },
  scope_missing: { status: 403, says: 'the scope of the credential does not include this' },
  access_denied: { status: 403, says: 'no access to this project' },
  unavailable: { status: 503, says: 'Countersign cannot be asked at the moment; try again' },
  key_refused: {
    status: 503,
    says: 'Countersign does not accept the key of this API: give the verifier the API key of a registered resource server',
  },
} as const satisfies Record<string, { status: 401 | 403 | 503; says: string }>

export type VerifyErrorCode = keyof typeof kinds
type More = {
  says?: string
  reason?: string
  scope?: string
  nonce?: string
  retryAfter?: number
  cause?: unknown
}

export class VerifyError extends Error {
  override readonly name = 'VerifyError'
  readonly code: VerifyErrorCode
  readonly status: 401 | 403 | 503
  /** Countersign's own reason, where it gave one. */
  readonly reason: string | undefined
  /** The scope that would do (RFC 6750 §3), with `scope_missing`. */
  readonly scope: string | undefined
  /** For the next proof (RFC 9449 §9), with `nonce_required`. */
  readonly nonce: string | undefined
  /** Seconds, with status 503. */
  readonly retryAfter: number | undefined

  constructor(code: VerifyErrorCode, { says, reason, scope, nonce, retryAfter, cause }: More = {}) {
    super(says ?? kinds[code].says, { cause })
    this.code = code
    this.status = kinds[code].status
    this.reason = reason
    this.scope = scope
    this.nonce = nonce
    this.retryAfter = this.status === 503 ? (retryAfter ?? 5) : undefined
  }
}

export const verifyErrorCodes = Object.keys(kinds) as VerifyErrorCode[]
