/** What is counted, and under which names. docs/how-to/observe.md and deploy/ speak of these. */
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { catalogue, exchangeReasonNames, type Reason } from '../errors/catalogue.ts'
import { createCounts, within } from './counts.ts'
import { type Result, resultOf } from './outcome.ts'

/** What is asked when somebody looks at the metrics. */
export type State = {
  phase: () => string
  dependencies: () => Promise<Readonly<Record<string, { state: string }>>>
  /** How many issuers are in each state here. */
  issuers: () => Readonly<Record<string, number>>
}

export type Metrics = {
  /** `reason`: none when it was granted. */
  exchanged(reason: Reason | undefined, seconds: number): void
  /** `route`: as it was bound; undefined when none was found. */
  answered(route: string | undefined, method: string, status: number): void
  keysFetched(result: 'ok' | 'failed'): void
  appending(): void
  appended(seconds: number): void
  /** From now on the metrics tell the state of the process too. To be called once. */
  observe(state: State): void
  text(): Promise<string>
  readonly contentType: string
}

/** A caller may send any method that Node can read: these have a name, the rest is one. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** Seconds: an exchange takes a millisecond, and waits for a provider at the worst. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** `labels`: of every sample; which of several processes it is of. */
export function createMetrics(labels: Readonly<Record<string, string>> = {}): Metrics {
  const register = new Registry()
  register.setDefaultLabels(labels)
  const exchanges = createCounts(
    register,
    'countersign_exchanges_total',
    'Exchanges by result (granted, refused, failed) and by the reason of the refusal.',
    ['result', 'reason'],
  )
  const requests = createCounts(
    register,
    'countersign_http_requests_total',
    'Answers by route, method and status. Paths that lead nowhere are one route: unknown.',
    ['route', 'method', 'status'],
  )
  const fetches = createCounts(
    register,
    'countersign_key_set_fetches_total',
    'Fetches of issuers’ keys, by result (ok, failed).',
    ['result'],
  )
  const durations = new Histogram({
    name: 'countersign_exchange_duration_seconds',
    help: 'From the request’s body to what is sent back, by result.',
    labelNames: ['result'],
    buckets,
    registers: [register],
  })
  const appends = new Histogram({
    name: 'countersign_audit_append_duration_seconds',
    help: 'What an event waits until it is on record.',
    buckets,
    registers: [register],
  })
  let waiting = 0
  new Gauge({
    name: 'countersign_audit_waiting',
    help: 'Events that wait to be on record.',
    registers: [register],
    collect() {
      this.set(waiting)
    },
  })

  // All of them are there from the start: a rate of what was not there before its first time would miss that.
  const byReason = new Map(
    [undefined, ...exchangeReasonNames, 'internal_error' as const].map((reason) => [reason, exchangeCell(reason)]),
  )
  const byResult: Record<Result, Histogram.Internal<'result'>> = {
    granted: durations.labels('granted'),
    refused: durations.labels('refused'),
    failed: durations.labels('failed'),
  }
  for (const result of Object.keys(byResult)) durations.zero({ result })
  const fetched = { ok: fetches('ok'), failed: fetches('failed') }
  const byRoute = new Map<string, Map<string, Map<number, { count: number }>>>()

  function exchangeCell(reason: Reason | undefined) {
    const result: Result = reason === undefined ? 'granted' : resultOf(reason)
    return { result, cell: exchanges(result, reason ?? '') }
  }

  return {
    exchanged(reason, seconds) {
      const known = reason === undefined || reason in catalogue ? reason : 'internal_error'
      const { result, cell } = within(byReason, known, () => exchangeCell(known))
      cell.count++
      byResult[result].observe(seconds)
    },
    answered(route = 'unknown', given, status) {
      const method = methods.has(given) ? given : 'other'
      const ofRoute = within(byRoute, route, () => new Map())
      const ofMethod = within(ofRoute, method, () => new Map())
      within(ofMethod, status, () => requests(route, method, String(status))).count++
    },
    keysFetched(result) {
      fetched[result].count++
    },
    appending() {
      waiting++
    },
    appended(seconds) {
      waiting--
      appends.observe(seconds)
    },
    observe({ phase, dependencies, issuers }) {
      new Gauge({
        name: 'countersign_ready',
        help: '1 while this process should get traffic.',
        registers: [register],
        collect() {
          this.set(phase() === 'serving' ? 1 : 0)
        },
      })
      new Gauge({
        name: 'countersign_dependency_up',
        help: '1 while what this process depends on answers.',
        labelNames: ['dependency'],
        registers: [register],
        async collect() {
          for (const [dependency, { state }] of Object.entries(await dependencies()))
            this.set({ dependency }, state === 'ok' ? 1 : 0)
        },
      })
      new Gauge({
        name: 'countersign_issuers',
        help: 'Issuers whose keys this process knows, by their state: ok, stale, failing, unknown.',
        labelNames: ['state'],
        registers: [register],
        collect() {
          for (const [state, count] of Object.entries(issuers())) this.set({ state }, count)
        },
      })
      // Event loop, memory, garbage collection: read when somebody looks, but for a timer of 20 ms and a look at each collection.
      collectDefaultMetrics({ register, eventLoopMonitoringPrecision: 20 })
    },
    text: () => register.metrics(),
    contentType: register.contentType,
  }
}
