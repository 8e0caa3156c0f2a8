/** What the service says when it does not give a token, as the error that it stands for. */
import type { Answer } from './connection.ts'
import {
  ConfigError,
  ExchangeDeniedError,
  type FederationError,
  RateLimitedError,
  ServerUnavailableError,
} from './federation-error.ts'

/** Seconds: what is longer is no answer to "when?". */
const longestRetryAfter = 3600
/** ms that a clock may be off before it is worth a word. */
const skewAllowed = 10_000

/** `now`: ms, when the answer came. `whoFor`: what to do when it is the audience that is not accepted. */
export function refusalOf({ status, headers, body, isJson }: Answer, now: number, whoFor?: string): FederationError {
  if (status === 0 || (status >= 300 && status < 400))
    return new ConfigError(
      'the service answers with a redirect, which is not followed: a token goes to the URL that was set, and nowhere else',
      {
        code: 'redirected',
        hint: 'set the URL that the service is at now',
      },
    )
  const reason = wordOf(body.reason)
  const requestId = textOf(body.request_id) ?? headers.get('x-request-id') ?? undefined
  const said = textOf(body.error_description) ?? textOf(body.detail)
  const name = reason ?? wordOf(body.error)
  const message = [name, said ?? (name === undefined ? `the service answers ${status}` : undefined)]
    .filter(Boolean)
    .join(': ')
  if (status === 429) return new RateLimitedError(message, { retryAfter: retryAfter(headers, now), requestId })
  if (status === 408 || status === 425 || status >= 500)
    return new ServerUnavailableError(message, {
      retryAfter: retryAfter(headers, now),
      requestId,
      code: reason ?? 'unavailable',
    })
  if (!isJson || name === undefined)
    return new ExchangeDeniedError(`whoever answers there (${status}) is not Countersign`, {
      status,
      code: 'not_countersign',
      hint: 'is COUNTERSIGN_URL that of Countersign, with its path prefix?',
      requestId,
    })
  return new ExchangeDeniedError(message, {
    status,
    reason,
    requestId,
    hint: (reason === 'audience_not_accepted' && whoFor) || hintFor(reason, requestId, skew(headers, now)),
    docs: reason === undefined ? undefined : `docs/reference/reasons.md#${reason}`,
  })
}

function hintFor(reason: string | undefined, requestId: string | undefined, off: number): string | undefined {
  if (reason !== undefined && aboutTime.includes(reason) && Math.abs(off) > skewAllowed)
    return `this machine’s clock is ${Math.round(Math.abs(off) / 1000)} s ${off > 0 ? 'ahead of' : 'behind'} the service’s: set it (NTP)`
  const explain = requestId === undefined ? 'countersign explain' : `countersign explain ${requestId}`
  return (reason && hints[reason]) ?? `an admin of the organization sees why: ${explain}`
}

const aboutTime = ['token_expired', 'token_not_yet_valid', 'token_issued_in_future', 'token_too_old']
const hints: Readonly<Record<string, string>> = {
  account_ambiguous: 'say which service account: serviceAccount, or COUNTERSIGN_SERVICE_ACCOUNT (team/name or its id)',
  api_key_invalid: 'is the key whole, and of this service? it may have been revoked, or have expired',
  scope_not_allowed: 'ask for less: scope, or COUNTERSIGN_SCOPE',
  target_unknown: 'target, or COUNTERSIGN_TARGET, is the audience of a registered resource server',
  dpop_proof_missing: 'this account is held to bound tokens (DPoP), which this package does not make',
  token_expired: 'exchange it sooner after the platform gave it',
}

/** ms that we are ahead of the service; 0 when it does not say. Its header has whole seconds. */
function skew(headers: Headers, now: number): number {
  const theirs = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(theirs) ? 0 : now - theirs
}

/** Seconds (RFC 9110 §10.2.3: a number of them, or a date). */
function retryAfter(headers: Headers, now: number): number | undefined {
  const given = headers.get('retry-after')?.trim()
  if (!given) return undefined
  // Their date is one of their clock.
  const from = now - skew(headers, now)
  const seconds = /^\d+$/.test(given) ? Number(given) : (Date.parse(given) - from) / 1000
  return seconds >= 0 ? Math.min(seconds, longestRetryAfter) : undefined
}

/** A key of ours or a JWT, or the beginning of one: a gateway that complains of a request may repeat it, as a form has it too. */
const secret = /csk(?:_|%(?:25)*5[Ff])\w+|ey[JA][\w-]{8,}(?:\.[\w-]*)*/g

/** What somebody else wrote, in a message of ours: short, of what can be printed, and without what we sent. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const plain = value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
  return plain.replace(secret, '[redacted]').slice(0, 1000)
}
const wordOf = (value: unknown) => (typeof value === 'string' && /^[a-z][a-z_]{0,63}$/.test(value) ? value : undefined)
