/** An OpenTelemetry collector on loopback: takes spans (OTLP/HTTP, JSON) and keeps them. */
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { leaks } from './leaks.ts'

export type CollectedSpan = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  status: { code?: number }
  events: unknown[]
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: Record<string, unknown>
}
export type Collector = Awaited<ReturnType<typeof startCollector>>

type Attributes = { key: string; value: Record<string, unknown> }[]
type Sent = {
  resourceSpans: {
    resource: { attributes: Attributes }
    scopeSpans: { spans: (Omit<CollectedSpan, 'attributes'> & { attributes?: Attributes })[] }[]
  }[]
}
const plain = (attributes: Attributes = []) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

/** `port`: 0 for any. */
export async function startCollector(port = 0) {
  const spans: CollectedSpan[] = []
  const bodies: string[] = []
  const resources: Record<string, unknown>[] = []
  const paths = new Set<string>()
  let mode: 'takes' | 'hangs' | 'refuses' = 'takes'
  const arrivals = new EventEmitter().setMaxListeners(0)
  const server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    if (mode === 'hangs') return
    if (mode === 'refuses') {
      res.writeHead(400).end()
      return void arrivals.emit('refused')
    }
    paths.add(`${req.method} ${req.url}`)
    bodies.push(body)
    for (const { resource, scopeSpans } of (JSON.parse(body) as Sent).resourceSpans) {
      resources.push(plain(resource.attributes))
      for (const { spans: sent } of scopeSpans)
        spans.push(...sent.map((span) => ({ ...span, attributes: plain(span.attributes) })))
    }
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    arrivals.emit('spans')
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    port: (server.address() as AddressInfo).port,
    spans,
    bodies,
    resources,
    paths,
    /** `hangs`: reads what is sent and answers nobody; `refuses`: answers 400. */
    be(next: typeof mode) {
      mode = next
    },
    refused: () => once(arrivals, 'refused'),
    /** Waits until the spans have arrived that this finds. */
    async until<T>(find: (spans: readonly CollectedSpan[]) => T | undefined): Promise<T> {
      for (;;) {
        const found = find(spans)
        if (found !== undefined) return found
        await once(arrivals, 'spans')
      }
    },
    /** Throws when a secret was sent to it. */
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      leaks.refuse('traces', ...bodies)
    },
  }
}
