/**
 * What can be seen of this process from outside: metrics, and traces of exchanges.
 * Rules of this room: it changes nothing of what it watches; no label, attribute or span bears what a caller chose, a
 * secret or a claim; what is off is not loaded, and what it would have watched is handed back as it came.
 */
import cluster from 'node:cluster'
import type { Trail } from '../audit/trail.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { type Step, unwatched } from '../exchange/step.ts'
import type { FetchKeys } from '../issuers/discovery.ts'
import { type Endpoint, type Log, type MetricsSettings, openEndpoint, type Serve } from './endpoint.ts'
import { answerGathering } from './gather.ts'
import type { Metrics, State } from './metrics.ts'
import { reasonOf } from './outcome.ts'
import type { Traces } from './traces.ts'

export type Telemetry = {
  step: Step
  exchange(exchange: Exchange): Exchange
  trail(trail: Trail): Trail
  fetchKeys(fetchKeys: FetchKeys): FetchKeys
  /** Hears of every answer; undefined when nobody wants to. */
  answered: Metrics['answered'] | undefined
  /** Serves the metrics; one of several workers gives them to the primary, which does. Throws MetricsPortTaken when the port was chosen and cannot be had. */
  listen(state: State): Promise<void>
  /** What was traced is sent first. Never rejects. */
  close(): Promise<void>
}

type Needs = { settings: MetricsSettings & { readonly tracesUrl: string | undefined }; log: Log; serve: Serve }

export async function openTelemetry({ settings, log, serve }: Needs): Promise<Telemetry> {
  const { metricsPort: port, tracesUrl } = settings
  const { worker } = cluster
  const labels = worker ? { worker: String(worker.id) } : {}
  const metrics = port === 0 ? undefined : (await import('./metrics.ts')).createMetrics(labels)
  const traces = tracesUrl === undefined ? undefined : (await import('./traces.ts')).openTraces(tracesUrl, log)
  let endpoint: Endpoint | undefined

  return {
    step: traces?.step ?? unwatched,
    exchange: (exchange) => counted(traced(exchange, traces), metrics),
    trail: (trail) => (metrics ? timed(trail, metrics) : trail),
    fetchKeys: (fetchKeys) => (metrics ? fetchesCounted(fetchKeys, metrics) : fetchKeys),
    answered: metrics?.answered,

    async listen(state) {
      if (!metrics) return
      metrics.observe(state)
      if (worker) answerGathering(metrics.text)
      else endpoint = await openEndpoint(settings, metrics, log, serve)
    },
    async close() {
      await traces?.close()
      await endpoint?.close()
    },
  }
}

const secondsSince = (begun: number) => (performance.now() - begun) / 1000

const traced = (exchange: Exchange, traces: Traces | undefined): Exchange => traces?.exchange(exchange) ?? exchange

function counted(exchange: Exchange, metrics: Metrics | undefined): Exchange {
  if (!metrics) return exchange
  return async (request, origin) => {
    const begun = performance.now()
    try {
      const answer = await exchange(request, origin)
      metrics.exchanged(undefined, secondsSince(begun))
      return answer
    } catch (error) {
      metrics.exchanged(reasonOf(error), secondsSince(begun))
      throw error
    }
  }
}

function timed(trail: Trail, metrics: Metrics): Trail {
  return {
    ...trail,
    async append(deed) {
      const begun = performance.now()
      metrics.appending()
      try {
        return await trail.append(deed)
      } finally {
        metrics.appended(secondsSince(begun))
      }
    },
  }
}

function fetchesCounted(fetchKeys: FetchKeys, metrics: Metrics): FetchKeys {
  return async (source, onStep) => {
    try {
      const fetched = await fetchKeys(source, onStep)
      metrics.keysFetched('ok')
      return fetched
    } catch (error) {
      metrics.keysFetched('failed')
      throw error
    }
  }
}
