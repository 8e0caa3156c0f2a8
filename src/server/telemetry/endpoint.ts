/** GET /metrics on a port of its own, so that it need not be where callers come in. */
import type { RequestListener, Server, ServerResponse } from 'node:http'
import type { Metrics } from './metrics.ts'

/** The port that was chosen for the metrics cannot be had. */
export class MetricsPortTaken extends Error {
  override readonly name = 'MetricsPortTaken'
}

export type Endpoint = { readonly url: string; close(): Promise<void> }
export type Served = Pick<Metrics, 'text' | 'contentType'>
type Say = (fields: object, message: string) => void
export type Log = { info: Say; warn: Say; error: Say }
/** A server with the limits and headers of all our doors, which does not listen yet. */
export type Serve = (answer: RequestListener) => Server
export type MetricsSettings = {
  readonly host: string
  readonly metricsPort: number
  readonly metricsPortGiven: boolean
}

/** Undefined, and a warning in the log, when the port is taken that nobody chose. Throws MetricsPortTaken for one that was. */
export async function openEndpoint(
  { host, metricsPort: port, metricsPortGiven }: MetricsSettings,
  metrics: Served,
  log: Log,
  serve: Serve,
): Promise<Endpoint | undefined> {
  try {
    const endpoint = await open({ host, port }, metrics, serve, (err) => log.error({ err }, 'in the metrics'))
    log.info({ metrics_url: endpoint.url }, 'metrics')
    return endpoint
  } catch (error) {
    if (metricsPortGiven || !(error instanceof MetricsPortTaken)) throw error
    log.warn({ port }, `METRICS_PORT: ${error.message}; goes on without metrics`)
    return undefined
  }
}

async function open(
  { host, port }: { host: string; port: number },
  metrics: Served,
  serve: Serve,
  report: (error: unknown) => void,
): Promise<Endpoint> {
  const server = serve((req, res) => {
    const path = req.url?.split('?', 1)[0]
    if (req.method === 'GET' && path === '/metrics') void answer(res, metrics, report)
    else res.writeHead(404).end()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'something else listens there already' : 'cannot listen there'
      reject(new MetricsPortTaken(`${why} (${cause.message})`, { cause }))
    })
    server.listen(port, host, resolve)
  })
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(res: ServerResponse, { text, contentType }: Served, report: (error: unknown) => void) {
  try {
    const body = await text()
    res.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(body)
  } catch (error) {
    report(error)
    res.writeHead(500).end()
  }
}
