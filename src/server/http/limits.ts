/**
 * What one client may take of us before we know what it wants. Not settings: a good client comes nowhere near them, and
 * whoever does is told which one it met. The bodies' limits stand at their routes.
 */

export type Limits = {
  /** Bytes of the request line and the headers. */
  headBytes: number
  headerFields: number
  /** Characters. As long as the head allows, for there are proxies who ask with the URL of their caller (forward auth). */
  urlLength: number
  /** Bytes: more than any route takes. Who asks first (Expect: 100-continue) need not send it. */
  bodyBytes: number
  /** In ms: for the head of a request, and for all of it, however it trickles. */
  headTime: number
  requestTime: number
  /** In ms: how long a connection is kept for its next request, and one whose client takes nothing of its answer. */
  idleTime: number
  stalledTime: number
  /** In ms: how often the times are looked at. */
  checkEvery: number
  /** After so many a client connects anew, so that new replicas get their share of those who never leave. */
  requestsPerConnection: number
  /**
   * Of one process; the one limit that is a setting, LIMIT_CONNECTIONS. One that is kept alive costs some 25 KB and a file descriptor, so that all of them together take
   * 200 MB; more are closed unheard, which a balancer takes for "ask another replica". Who holds them without asking
   * loses them after `headTime`.
   */
  connections: number
}

export const limits: Limits = {
  headBytes: 16_384,
  headerFields: 100,
  urlLength: 12_288,
  bodyBytes: 1_048_576,
  headTime: 15_000,
  requestTime: 30_000,
  idleTime: 65_000,
  stalledTime: 60_000,
  checkEvery: 5_000,
  requestsPerConnection: 10_000,
  connections: 8_192,
}

/** A few scrapers. */
export const metricsLimits: Limits = {
  ...limits,
  bodyBytes: 0,
  headTime: 5_000,
  requestTime: 10_000,
  stalledTime: 30_000,
  connections: 100,
}
