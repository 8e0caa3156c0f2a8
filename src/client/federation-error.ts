/**
 * Every way in which no access token is had. `code` is stable, and is what programs may switch on; `retryable` says whether
 * the same may succeed later; the message says what happened, `hint` what to do. None of them ever holds a token or key.
 */
type Kind = {
  /** Stable: the service's reason (`no_account_matches`), or one of this package (`no_ambient_credential`). */
  code: string
  hint?: string | undefined
  docs?: string | undefined
  /** By which the service's admins find it in their trail (`countersign explain REQUEST_ID`). */
  requestId?: string | undefined
  cause?: unknown
}
/** `usage`: called or set up wrongly. `credential`: the platform gave no token. `denied`: refused. `unavailable`: try again. */
export type FederationErrorCategory = 'usage' | 'credential' | 'denied' | 'unavailable'

export class FederationError extends Error {
  override readonly name: string = 'FederationError'
  readonly category: FederationErrorCategory
  readonly code: string
  readonly retryable: boolean
  readonly hint: string | undefined
  /** A page of the documentation, below docs/. */
  readonly docs: string | undefined
  readonly requestId: string | undefined

  constructor(category: FederationErrorCategory, message: string, { code, hint, docs, requestId, cause }: Kind) {
    super(message, { cause })
    this.category = category
    this.code = code
    this.retryable = category === 'unavailable'
    this.hint = hint
    this.docs = docs
    this.requestId = requestId
  }
}

/** What was set cannot be: a URL that is none, two identities at once. */
export class ConfigError extends FederationError {
  override readonly name = 'ConfigError'
  constructor(message: string, { code = 'config', ...more }: Partial<Kind> = {}) {
    super('usage', message, { code, ...more })
  }
}

export type Tried = { readonly source: string; readonly why: string }

/** No source is at home here. `tried`: each, and why not. */
export class NoAmbientCredentialError extends FederationError {
  override readonly name = 'NoAmbientCredentialError'
  readonly tried: readonly Tried[]
  constructor(message: string, { tried, ...more }: Partial<Kind> & { tried: readonly Tried[] }) {
    super('credential', message, { code: 'no_ambient_credential', ...more })
    this.tried = tried
  }
}

/** We know where we are, but the platform gave no token. */
export class SubjectTokenError extends FederationError {
  override readonly name = 'SubjectTokenError'
  readonly source: string
  /** `isUnavailable`: the platform could not be reached or was busy; asking again may help. */
  constructor(
    source: string,
    message: string,
    { code = 'subject_token', isUnavailable = false, ...more }: Partial<Kind> & { isUnavailable?: boolean } = {},
  ) {
    super(isUnavailable ? 'unavailable' : 'credential', `${source}: ${message}`, { code, ...more })
    this.source = source
  }
}

/** The service said no, and will again. `reason`: its own word, where it gave one (docs/reference/reasons.md). */
export class ExchangeDeniedError extends FederationError {
  override readonly name = 'ExchangeDeniedError'
  readonly status: number
  readonly reason: string | undefined
  constructor(
    message: string,
    { status, reason, ...more }: Partial<Kind> & { status: number; reason?: string | undefined },
  ) {
    super('denied', message, { code: reason ?? 'exchange_denied', ...more })
    this.status = status
    this.reason = reason
  }
}

/** 429. `retryAfter`: seconds, where the service said so. */
export class RateLimitedError extends FederationError {
  override readonly name = 'RateLimitedError'
  readonly retryAfter: number | undefined
  constructor(message: string, { retryAfter, ...more }: Partial<Kind> & { retryAfter?: number | undefined } = {}) {
    super('unavailable', message, { code: 'rate_limited', ...more })
    this.retryAfter = retryAfter
  }
}

/** Nobody answered, or somebody who cannot at the moment (408, 5xx). `retryAfter`: seconds. */
export class ServerUnavailableError extends FederationError {
  override readonly name = 'ServerUnavailableError'
  readonly retryAfter: number | undefined
  constructor(message: string, { retryAfter, ...more }: Partial<Kind> & { retryAfter?: number | undefined } = {}) {
    super('unavailable', message, { code: 'unavailable', ...more })
    this.retryAfter = retryAfter
  }
}
