import type { SourceName } from './sources/ambient.ts'
import type { SubjectTokenSource } from './subject-token.ts'
import type { Surroundings } from './surroundings.ts'

/** What is left out comes from the environment, else has a default. */
export type TokenProviderOptions = {
  /** The organization's, `https://countersign.example/orgs/acme`, or the service's alone. Default: COUNTERSIGN_URL. */
  readonly url?: string | undefined
  /** An account's id, or `team/name`: needed where a token may become several. Default: COUNTERSIGN_SERVICE_ACCOUNT. */
  readonly serviceAccount?: string | undefined
  /** Where the subject token comes from: `auto` looks where we are, in the order of `sourceNames`. Default: COUNTERSIGN_SOURCE, else `auto`. */
  readonly source?: 'auto' | Source | readonly Source[] | undefined
  /** Of `projects:read`, `projects:write`. Default: COUNTERSIGN_SCOPE, else all that the account may. */
  readonly scope?: string | readonly string[] | undefined
  /** `aud` of the subject token. Default: COUNTERSIGN_AUDIENCE, else the organization's URL as it was given. */
  readonly audience?: string | undefined
  /** Whom the access token is for: a registered resource server's audience. Default: COUNTERSIGN_TARGET, else the service itself. */
  readonly target?: string | undefined
  /** Seconds that the access token may live; the service may give less. */
  readonly ttl?: number | undefined
  /** Beside memory. `file`: below the user's cache folder, for programs that start often. Default: none. */
  readonly cache?: 'file' | { readonly directory: string } | undefined
  /** Milliseconds for an exchange, the platform's part and all retries included. Default: 60,000. */
  readonly timeout?: number | undefined
  /** Another machine than this one, for tests. */
  readonly surroundings?: Surroundings | undefined
}
type Source = SourceName | SubjectTokenSource
