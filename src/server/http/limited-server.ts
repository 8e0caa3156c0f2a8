/**
 * Node's server as we let it talk to strangers, before any route. Rules: the strict parser, whatever the process was
 * started with; two headers of one name are never joined into one; every limit is set here; where Node would answer by
 * itself, the answer has our shape and ends the connection, and no bad client writes more to the log than a debug line.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { catalogue, type Reason, wireOf } from '../errors/catalogue.ts'
import type { Limits } from './limits.ts'
import { securityHeaders } from './security-headers.ts'

export type Log = { debug: Say; warn: Say }
type Say = (fields: object, message: string) => void
type Asked = { req: IncomingMessage; res: ServerResponse }

/** In ms. What a refused client still sends is read so long and thrown away: closing on unread bytes resets the connection, and the answer is lost with it. */
const lingering = 1_000
/** In ms, between two lines of the log on connections that were one too many. */
const betweenWarnings = 60_000

export function createLimitedServer(limits: Limits, log: Log): Server {
  const server = createServer({
    insecureHTTPParser: false,
    joinDuplicateHeaders: false,
    // faultOf says it, in our shape.
    requireHostHeader: false,
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.headTime,
    requestTimeout: limits.requestTime,
    keepAliveTimeout: limits.idleTime,
    connectionsCheckingInterval: limits.checkEvery,
  })
  // Node would read the first ones and say nothing of the rest. All are read, up to headBytes, and faultOf counts them.
  server.maxHeadersCount = 0
  server.maxRequestsPerSocket = limits.requestsPerConnection
  // One of several workers would otherwise pass the connection on, to others that are full too, and so on.
  Object.assign(server, { maxConnections: limits.connections, dropMaxConnection: true })
  server.timeout = limits.stalledTime

  const answers = answersFor(limits)
  /** The latest request of each connection. */
  const asked = new WeakMap<Duplex, Asked>()
  const refused = new WeakSet<Duplex>()
  let warned = Number.NEGATIVE_INFINITY

  const refuse = (socket: Duplex, answer: string, code?: string) => {
    if (refused.has(socket)) return
    refused.add(socket)
    log.debug({ code }, 'a request that cannot be read')
    if (!socket.writable) return void socket.destroy()
    const latest = asked.get(socket)
    if (latest === undefined) end(socket, answer)
    // What is wrong is its body: a request that has its answer gets no other.
    else if (!latest.req.complete) end(socket, latest.res.headersSent ? '' : answer)
    // What is wrong came behind it, and does not take its answer from it.
    else if (!latest.res.writableFinished) latest.res.once('finish', () => end(socket, answer))
    else end(socket, answer)
  }
  return (
    server
      .on('request', (req, res) => void asked.set(req.socket, { req, res }))
      .on('clientError', (error: NodeJS.ErrnoException, socket) => {
        refuse(socket, answers[error.code ?? ''] ?? answers.other, error.code)
      })
      .on('connect', (_req, socket) => refuse(socket, answers.connect))
      // Told to leave with the answer before, it asks on.
      .on('dropRequest', (_req, socket) => refuse(socket, ''))
      .on('checkContinue', (req, res) => {
        const tooLarge = Number(req.headers['content-length']) > limits.bodyBytes
        if (tooLarge) return say(res, 'request_too_large', `the body is larger than ${number(limits.bodyBytes)} bytes`)
        res.writeContinue()
        server.emit('request', req, res)
      })
      .on('checkExpectation', (_req, res) => say(res, 'expectation_failed'))
      .on('drop', () => {
        if (performance.now() - warned < betweenWarnings) return
        warned = performance.now()
        log.warn(
          { connections: limits.connections },
          'more connections than one process takes (LIMIT_CONNECTIONS): the latest are closed',
        )
      })
  )
}

/** What Node has no request for is answered as text. By the error's code. */
function answersFor({ headBytes, headTime, requestTime }: Limits) {
  const times = `its head within ${headTime / 1000} s, all of it within ${requestTime / 1000} s`
  return {
    HPE_HEADER_OVERFLOW: asText(
      'headers_too_large',
      `the head of the request is larger than ${number(headBytes)} bytes`,
    ),
    HPE_CHUNK_EXTENSIONS_OVERFLOW: asText(
      'request_too_large',
      `the extensions of a chunk are larger than ${number(headBytes)} bytes`,
    ),
    ERR_HTTP_REQUEST_TIMEOUT: asText('request_timeout', `the request did not arrive in time: ${times}`),
    connect: asText('malformed_request', 'this is no proxy: CONNECT leads nowhere'),
    other: asText('malformed_request', 'this is no request by RFC 9112'),
  } as const satisfies Record<string, string> as Readonly<Record<string, string>> & { connect: string; other: string }
}

/** An answer that the server itself gives: RFC 9457, without a request id, since no request has come so far. */
function problemOf(reason: Reason, detail: string) {
  const { status } = wireOf(reason)
  const title = STATUS_CODES[status] ?? ''
  const body = JSON.stringify({ type: 'about:blank', title, status, detail, reason })
  const headers = [
    ...securityHeaders,
    ['Connection', 'close'],
    ['Content-Type', 'application/problem+json'],
    ['Content-Length', String(Buffer.byteLength(body))],
  ] as const
  return { status, title, headers, body }
}

function asText(reason: Reason, detail: string): string {
  const { status, title, headers, body } = problemOf(reason, detail)
  return `HTTP/1.1 ${status} ${title}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

/** Ends the connection too. */
export function say(res: ServerResponse, reason: Reason, detail: string = catalogue[reason].says): void {
  const { status, headers, body } = problemOf(reason, detail)
  for (const [name, value] of headers) res.setHeader(name, value)
  res.writeHead(status).end(body)
}

function end(socket: Duplex, answer: string): void {
  if (!socket.writable) return void socket.destroy()
  socket.end(answer)
  const late = setTimeout(() => socket.destroy(), lingering)
  socket.once('close', () => clearTimeout(late))
}

const number = (value: number) => value.toLocaleString('en')
