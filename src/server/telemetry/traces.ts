/**
 * Traces of exchanges, by OpenTelemetry over OTLP/HTTP: one span `exchange`, and below it one for each step.
 * Loaded only where traces are wanted. Nothing of it is global: whoever else is in the process is not watched.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Exchange } from '../exchange/exchange.ts'
import type { Step } from '../exchange/step.ts'
import { reasonOf, refusalIn, resultOf } from './outcome.ts'

export type Traces = { step: Step; exchange(exchange: Exchange): Exchange; close(): Promise<void> }
type Say = (fields: object, message: string) => void

/** In ms: what one sending may take, and how long spans are gathered for it. */
const patience = 3_000
const gathering = 1_000

/** `url`: of the collector, without /v1/traces. */
export function openTraces(url: string, log: { info: Say; warn: Say }): Traces {
  const sender = new OTLPTraceExporter({ url: `${url.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: patience })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'countersign' }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: telling(sender, url, log),
        scheduledDelayMillis: gathering,
        exportTimeoutMillis: patience + 1_000,
        maxQueueSize: 8_192,
      }),
    ],
  })
  const tracer = provider.getTracer('countersign')
  const under = new AsyncLocalStorage<{ span: Span; context: Context; clock: () => number }>()

  const step: Step =
    (name, work) =>
    (...given) => {
      const exchange = under.getStore()
      if (!exchange) return work(...given)
      const { clock } = exchange
      const span = tracer.startSpan(name, { startTime: clock() }, exchange.context)
      return seenThrough(
        () => work(...given),
        (result) => {
          if (name === 'verify') exchange.span.setAttributes(whoseIs(result))
          span.end(clock())
        },
        (error) => {
          tellError(span, error)
          span.end(clock())
        },
      )
    }

  return {
    step,
    exchange: (exchange) => (request, origin) => {
      const clock = createClock()
      const span = tracer.startSpan(
        'exchange',
        {
          kind: SpanKind.SERVER,
          attributes: { 'countersign.request_id': origin.requestId },
          startTime: clock(),
        },
        contextOf(origin.traceparent),
      )
      return under.run({ span, context: trace.setSpan(ROOT_CONTEXT, span), clock }, () =>
        seenThrough(
          () => exchange(request, origin),
          () => {
            span.setAttribute('countersign.result', 'granted').end(clock())
          },
          (error) => {
            const { orgId, issuerId } = refusalIn(error)?.detail ?? {}
            span.setAttributes(idsOf(orgId, issuerId)).setAttribute('countersign.result', resultOf(reasonOf(error)))
            tellError(span, error)
            span.end(clock())
          },
        ),
      )
    },
    close: () => provider.shutdown().catch(() => undefined),
  }
}

/** Milliseconds since 1970, as finely as the monotonic clock tells: a step is shorter than the wall clock can see. */
function createClock(): () => number {
  const offset = Date.now() - performance.now()
  return () => offset + performance.now()
}

/** Tells how the work went, whether it answers now or later, and leaves it as it is. */
function seenThrough<R>(work: () => R, done: (result: unknown) => void, failed: (error: unknown) => void): R {
  let result: R
  try {
    result = work()
  } catch (error) {
    failed(error)
    throw error
  }
  if (!(result instanceof Promise)) {
    done(result)
    return result
  }
  // Who waits for the result is the one to hear of its failure.
  result.then(done, failed)
  return result
}

/** By its reason alone: a message may quote a token. */
function tellError(span: Span, error: unknown): void {
  const reason = reasonOf(error)
  span.setAttribute('countersign.reason', reason)
  if (resultOf(reason) === 'failed') span.setStatus({ code: SpanStatusCode.ERROR })
}

/** Whose token or key was verified. */
function whoseIs(verified: unknown) {
  const { registration, principal } = verified as {
    registration?: { id: string; orgId: string }
    principal?: { orgId: string }
  }
  return idsOf(registration?.orgId ?? principal?.orgId, registration?.id)
}

const idsOf = (orgId: unknown, issuerId: unknown) => ({
  ...(typeof orgId === 'string' ? { 'countersign.org_id': orgId } : {}),
  ...(typeof issuerId === 'string' ? { 'countersign.issuer_id': issuerId } : {}),
})

/** W3C Trace Context §3.2. What cannot be read is as if it were not there. */
function contextOf(traceparent: string | undefined): Context {
  const read = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(
    traceparent ?? '',
  )
  if (!read || (read[1] === '00' && read[5] !== undefined)) return ROOT_CONTEXT
  const [, , traceId = '', spanId = '', flags = ''] = read
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true })
}

/** A line when the collector goes away, and one when it is back; what could not be sent is gone. */
function telling(sender: SpanExporter, address: string, log: { info: Say; warn: Say }): SpanExporter {
  // What stands before the host may be a password.
  const url = address.replace(/\/\/[^/]*@/, '//')
  let away = false
  return {
    export(spans, done) {
      sender.export(spans, (result) => {
        const failed = result.code !== 0
        if (failed && !away)
          log.warn({ url, err: result.error }, 'traces cannot be sent: what cannot be sent is dropped')
        if (!failed && away) log.info({ url }, 'traces are sent again')
        away = failed
        done(result)
      })
    },
    shutdown: () => sender.shutdown(),
    ...(sender.forceFlush ? { forceFlush: () => sender.forceFlush?.() ?? Promise.resolve() } : {}),
  }
}
