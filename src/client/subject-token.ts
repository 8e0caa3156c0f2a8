/** What a workload brings to be exchanged, and where it finds it. */
import type { Surroundings } from './surroundings.ts'

/**
 * `jwt`, `id_token`: a token that somebody else signed (RFC 8693 §3). `api_key`: a key of ours, where there is no platform
 * that gives one.
 */
export type SubjectToken = {
  readonly token: string
  /** Default: `jwt`. */
  readonly type?: 'jwt' | 'id_token' | 'api_key'
  /** What to do should the service not accept its audience, where the platform gives no better one. */
  readonly hint?: string | undefined
}

export type SubjectAsk = {
  /**
   * Whom the token is to be for (`aud`): the organization's URL, unless it was set otherwise; undefined when neither is
   * known. A source that cannot ask for one gives what it has.
   */
  readonly audience: string | undefined
  /** It ends when the exchange as a whole has taken too long. */
  readonly signal: AbortSignal
}

/**
 * A place where a workload finds its subject token. Rules: "this is not me" is said by `detect`, silently; "this is me, but
 * something is missing" is a SubjectTokenError of `getSubjectToken` that says how to mend it, and ends the search. A
 * token is asked for anew each time, trimmed, and never kept, logged or repeated.
 */
export type SubjectTokenSource = {
  readonly name: string
  /** What `detect` misses when it says no, in words: `GITHUB_ACTIONS is not "true"`. */
  readonly missing?: string
  /** What to do when its token has expired, where asking again brings the same one. */
  readonly whenExpired?: string
  /** Whether we run on that platform: cheap, and without the network. None: whoever names this source means it. */
  detect?(here: Surroundings): boolean | Promise<boolean>
  /** Throws SubjectTokenError. */
  getSubjectToken(ask: SubjectAsk, here: Surroundings): Promise<SubjectToken>
}
