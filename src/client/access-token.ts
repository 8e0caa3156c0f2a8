import type { RefreshTimes } from './refresh-times.ts'
import { claimsOf } from './sources/unverified.ts'

export type AccessToken = {
  readonly token: string
  readonly tokenType: 'Bearer'
  readonly expiresAt: Date
  /** From when on a new one is fetched in the background. */
  readonly refreshAt: Date
  readonly scopes: readonly string[]
  /** `sub` of the token; undefined when it cannot be read. */
  readonly serviceAccountId: string | undefined
  /** Of the exchange. */
  readonly requestId: string | undefined
  /** The source that the subject token came from. */
  readonly source: string
}
/** What is kept of an exchange. `scope`: as the service has it, words with spaces between. */
export type Obtained = {
  readonly token: string
  readonly scope: string
  readonly times: RefreshTimes
  readonly requestId: string | undefined
  readonly source: string
}

/**
 * For callers. Whoever prints it, logs it or makes JSON of it gets everything but the token itself, which is no enumerable
 * member: a copy by `{...token}` has none either.
 */
export function accessTokenOf({ token, scope, times, requestId, source }: Obtained): AccessToken {
  const shown = {
    tokenType: 'Bearer',
    expiresAt: new Date(times.expiry),
    refreshAt: new Date(times.advisory),
    scopes: Object.freeze(scope.split(' ').filter((word) => word !== '')),
    serviceAccountId: subjectOf(token),
    requestId,
    source,
  } as const
  const redacted = () => ({ token: '[redacted]', ...shown })
  const hidden = (value: unknown) => ({ value, enumerable: false })
  return Object.freeze(
    Object.defineProperties({ ...shown } as AccessToken, {
      token: hidden(token),
      toJSON: hidden(redacted),
      toString: hidden(() => '[access token]'),
      // Of Node and Bun, and of Deno.
      [Symbol.for('nodejs.util.inspect.custom')]: hidden(redacted),
      [Symbol.for('Deno.customInspect')]: hidden(() => JSON.stringify(redacted())),
    }),
  )
}

/** `sub` of a JWT, unverified: it is for the eyes of its bearer. */
function subjectOf(token: string): string | undefined {
  const sub = claimsOf(token)?.sub
  return typeof sub === 'string' ? sub : undefined
}
