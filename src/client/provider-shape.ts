import type { AccessToken } from './access-token.ts'

export type TokenAsk = {
  /** Ends the waiting of this caller; the exchange goes on for the others. */
  readonly signal?: AbortSignal | undefined
  /** A new one, whatever there is. */
  readonly forceRefresh?: boolean | undefined
  /** Seconds that it has to live. Default: what mandatory refresh leaves. */
  readonly minTtlSeconds?: number | undefined
}
export type TokenEvents = {
  /** A new token is there. */
  refresh: { readonly token: AccessToken }
  /** It was not had. `isServed`: the one before still serves. */
  refreshFailed: {
    readonly error: Error
    readonly attempt: number
    readonly isServed: boolean
    readonly retryInMs: number | undefined
  }
}
export type TokenProvider = {
  /** Throws FederationError, or the reason of the caller's own signal. */
  getToken(ask?: TokenAsk): Promise<AccessToken>
  /** What getToken would serve at once, if anything. */
  peek(): AccessToken | undefined
  /** The next getToken fetches a new one; an exchange that is under way does not bring the old one back. */
  invalidate(reason?: unknown): void
  /** `fetch` with the token. Upon a 401 once more with a new one, where the body can be sent again. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** Answers with what ends it. What a listener throws is dropped. */
  on<Name extends keyof TokenEvents>(event: Name, listener: (event: TokenEvents[Name]) => void): () => void
  /** Revokes what was given out and still lives (RFC 7009). Throws FederationError. */
  revoke(): Promise<void>
  /** Ends what runs in the background. */
  [Symbol.asyncDispose](): Promise<void>
}
