/** Size, time and number: what a client may take of us before we know what it wants, and what it is told beyond that. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { expect } from 'chai'
import { limits, metricsLimits } from '../../src/server/http/limits.ts'
import { type Doors, openDoors } from '../support/doors.ts'
import { freePort } from '../support/free-port.ts'
import { connected, type Heard, hear, portOf, speak } from '../support/raw-http.ts'
import { type Service, startService } from '../support/server.ts'

const form = 'application/x-www-form-urlencoded'
const get = (path: string, ...headers: string[]) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`
const close = 'Connection: close'

/** The one answer of a connection that ends with it. */
function only({ answers, rest, end }: Heard) {
  expect(answers).to.have.length(1)
  expect([rest, end]).to.deep.equal(['', 'closed'])
  const { status, headers, body } = answers[0] as Heard['answers'][number]
  return { status, headers, text: body, problem: JSON.parse(body) as Record<string, unknown> }
}

describe('limits of size', () => {
  let doors: Doors
  before(async () => {
    doors = await openDoors()
  })
  after(() => doors?.close())

  it('a head of more than 16,384 bytes is refused with 431, which says so', async () => {
    const { status, headers, problem } = only(await speak(doors.port, get('/livez', `X: ${'y'.repeat(16_384)}`)))
    expect([status, headers.connection, headers['content-type']]).to.deep.equal([
      431,
      'close',
      'application/problem+json',
    ])
    expect(problem).to.deep.equal({
      type: 'about:blank',
      title: 'Request Header Fields Too Large',
      status: 431,
      detail: 'the head of the request is larger than 16,384 bytes',
      reason: 'headers_too_large',
    })
    const large = await speak(doors.port, get('/livez', `X: ${'y'.repeat(16_000)}`, close))
    expect(large.answers[0]?.status).to.equal(200)
  })

  it('whoever sends megabytes of head gets the answer all the same, and no reset', async () => {
    const { status } = only(await speak(doors.port, get('/livez', `X: ${'y'.repeat(5_000_000)}`)))
    expect(status).to.equal(431)
  })

  it('more than 100 header fields are refused with 431, which says so; none is left unread', async () => {
    const of = (count: number) => get('/livez', ...Array.from({ length: count - 2 }, (_, i) => `X-${i}: y`), close)
    const { status, problem } = only(await speak(doors.port, of(101)))
    expect([status, problem.reason]).to.deep.equal([431, 'headers_too_large'])
    expect(problem.detail).to.equal('the request has more than 100 header fields')
    expect(only(await speak(doors.port, of(100))).status).to.equal(200)
    const many = get('/livez', ...Array.from({ length: 3_000 }, () => 'X:'), 'Authorization: a', 'Authorization: b')
    expect(only(await speak(doors.port, many)).status, 'more than Node would keep').to.equal(431)
  })

  it('a URL of more than 12,288 characters is refused with 414, which says so', async () => {
    const of = (length: number) => get(`/livez?${'x'.repeat(length - 7)}`, close)
    const { status, problem } = only(await speak(doors.port, of(12_289)))
    expect([status, problem.reason]).to.deep.equal([414, 'url_too_long'])
    expect(problem.detail).to.equal('the URL is longer than 12,288 characters')
    expect(only(await speak(doors.port, of(12_288))).status).to.equal(200)
  })

  for (const [path, type, limit] of [
    ['/oauth/token', form, 65_536],
    ['/oauth/token', 'application/json', 65_536],
    ['/oauth/introspect', form, 65_536],
    ['/oauth/revoke', form, 65_536],
    ['/api/v1/orgs', 'application/json', 1_048_576],
    ['/access/v1/evaluation', 'application/json', 1_048_576],
    ['/access/v1/evaluations', 'application/json', 1_048_576],
    ['/setup/secret', form, 8_192],
    ['/login/device', form, 65_536],
    ['/login/device/token', 'application/json', 65_536],
    ['/login/approve', form, 8_192],
  ] as const)
    it(`${path}, ${type}: a body of more than ${limit.toLocaleString('en')} bytes is refused with 413, which says so`, async () => {
      const body = 'x'.repeat(limit + 1)
      const head = (how: string) =>
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n${close}\r\n${how}\r\n\r\n`
      const sized = head(`Content-Length: ${body.length}`) + body
      const chunked = `${head('Transfer-Encoding: chunked')}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
      for (const bytes of [sized, chunked]) {
        const { status, problem } = only(await speak(doors.port, bytes))
        expect([status, problem.reason]).to.deep.equal([413, 'request_too_large'])
        expect(problem.detail ?? problem.error_description).to.contain(`${limit.toLocaleString('en')} bytes`)
      }
    })

  it('who asks whether to send a body that is too large for any route is told 413, and need not send it', async () => {
    const ask = (length: number) =>
      `POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: ${form}\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`
    const { status, problem } = only(await speak(doors.port, ask(1_048_577)))
    expect([status, problem.detail]).to.deep.equal([413, 'the body is larger than 1,048,576 bytes'])
    const socket = await connected(doors.port)
    socket.write(ask(1_048_576))
    const [said] = await once(socket.setEncoding('latin1'), 'data')
    expect(said).to.equal('HTTP/1.1 100 Continue\r\n\r\n')
    socket.destroy()
  })

  it('the extensions of a chunk are a part of it that has a limit', async () => {
    const head = `POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: ${form}\r\nTransfer-Encoding: chunked\r\n\r\n`
    const { status, problem } = only(await speak(doors.port, `${head}1;${'x'.repeat(20_000)}\r\na\r\n0\r\n\r\n`))
    expect([status, problem.detail]).to.deep.equal([413, 'the extensions of a chunk are larger than 16,384 bytes'])
  })

  it('no bad client writes more to the log than one line for who looks for it, without what was sent', async () => {
    doors.lines.length = 0
    await speak(
      doors.port,
      `GET /csk_secret HTTP/1.1\r\nAuthorization : Bearer csk_secret\r\n\r\n${'x'.repeat(100_000)}`,
    )
    expect(doors.lines).to.deep.equal([
      { level: 'debug', fields: { code: 'HPE_INVALID_HEADER_TOKEN' }, message: 'a request that cannot be read' },
    ])
  })
})

describe('limits of time', () => {
  let doors: Doors
  afterEach(() => doors?.close())

  /** Sends a byte every few ms until the connection is closed. */
  async function trickle(head: string, options: { allowHalfOpen?: boolean } = {}): Promise<Heard> {
    const socket = await connected(doors.port, options)
    const heard = hear(socket)
    socket.write(head)
    const drip = setInterval(() => socket.writable && socket.write('x'), 10)
    return heard.finally(() => clearInterval(drip))
  }
  const quick = { headTime: 500, requestTime: 900, checkEvery: 50 }
  const late = 'the request did not arrive in time: its head within 0.5 s, all of it within'

  it('a head that trickles is refused with 408, however steadily it comes', async () => {
    // Nothing else ends it.
    doors = await openDoors({ ...quick, requestTime: 60_000 })
    const { status, headers, problem } = only(await trickle('GET /livez HTTP/1.1\r\nHost: x\r\nX: '))
    expect([status, headers.connection, problem.reason]).to.deep.equal([408, 'close', 'request_timeout'])
    expect(problem.detail).to.equal(`${late} 60 s`)
    expect(doors.read).to.deep.equal([])
  })

  it('a body that trickles is refused with 408', async () => {
    doors = await openDoors(quick)
    const head = `POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: ${form}\r\n`
    const { status, problem } = only(await trickle(`${head}Content-Length: 60000\r\n\r\n`))
    expect([status, problem.reason, problem.detail]).to.deep.equal([408, 'request_timeout', `${late} 0.9 s`])
    const chunked = await trickle(`${head}Transfer-Encoding: chunked\r\n\r\nffff\r\n`)
    expect(only(chunked).status).to.equal(408)
    expect(doors.exchanged).to.deep.equal([])
    expect(doors.lines.filter(({ level }) => level !== 'debug')).to.deep.equal([])
  })

  it('who connects and says nothing is let go', async () => {
    doors = await openDoors(quick)
    expect(only(await speak(doors.port, '')).status).to.equal(408)
  })

  it('who takes nothing of its answers is let go, and what waited for it with it', async () => {
    doors = await openDoors({ stalledTime: 300 })
    const accepted = once(doors.server, 'connection') as Promise<[Socket]>
    const socket = await connected(doors.port)
    const [held] = await accepted
    // Nobody listens for data, so that nothing is read. More than the system buffers for both.
    socket.on('error', () => {}).write(get('/docs/swagger-ui-bundle.js').repeat(20))
    await once(held, 'close')
    expect(held.bytesWritten).to.be.lessThan(20 * 1_400_000)
    socket.destroy()
  })

  it('who asks nothing more is let go', async () => {
    doors = await openDoors({ idleTime: 100 })
    expect(only(await speak(doors.port, get('/livez'))).status).to.equal(200)
  })

  it('who was refused and sends on is let go', async () => {
    doors = await openDoors()
    const accepted = once(doors.server, 'connection') as Promise<[Socket]>
    // It does not end its side because we have ended ours.
    const heard = trickle('nonsense\r\n\r\n', { allowHalfOpen: true })
    const [held] = await accepted
    await once(held, 'close')
    expect((await heard).answers.map(({ status }) => status)).to.deep.equal([400])
  })
})

describe('limits of number', () => {
  let doors: Doors
  afterEach(() => doors?.close())

  it('a client connects anew after so many requests, and is told so', async () => {
    doors = await openDoors({ requestsPerConnection: 3 })
    const { answers, end } = await speak(doors.port, get('/livez').repeat(5))
    const told = answers.slice(0, 3).map(({ status, headers }) => [status, headers.connection])
    expect(told).to.deep.equal([
      [200, 'keep-alive'],
      [200, 'keep-alive'],
      [200, 'close'],
    ])
    expect(end).to.equal('closed')
    expect(doors.read, 'what it sends on is not done').to.have.length(3)
  })

  it('connections beyond the limit are closed unheard, and the log says so once', async () => {
    doors = await openDoors({ connections: 2 })
    const held = [await connected(doors.port), await connected(doors.port)]
    for (let i = 0; i < 3; i++) {
      const { answers } = await hear(await connected(doors.port))
      expect(answers).to.deep.equal([])
    }
    expect(doors.lines.map(({ level, fields }) => ({ level, fields }))).to.deep.equal([
      { level: 'warn', fields: { connections: 2 } },
    ])
    held[0]?.destroy()
    await once(held[0] as Socket, 'close')
    while (await new Promise<boolean>((some) => doors.server.getConnections((_, count) => some(count > 1))));
    expect(only(await speak(doors.port, get('/livez', close))).status).to.equal(200)
    held[1]?.destroy()
  })
})

describe('limits of the service as it runs', () => {
  let service: Service
  let metricsPort: number
  /** Says of each server that listens what it was told. */
  const witness = `import net from 'node:net'
const { listen } = net.Server.prototype
const names = ['headersTimeout', 'requestTimeout', 'keepAliveTimeout', 'timeout', 'maxHeadersCount', 'maxRequestsPerSocket', 'maxConnections', 'dropMaxConnection']
net.Server.prototype.listen = function (...args) {
  if ('headersTimeout' in this) console.log(JSON.stringify({ level: 30, listens: args[0], ...Object.fromEntries(names.map((name) => [name, this[name]])) }))
  return listen.apply(this, args)
}`

  before(async () => {
    metricsPort = await freePort()
    const NODE_OPTIONS = `--import=data:text/javascript;base64,${btoa(witness)} --max-http-header-size=100000`
    service = await startService({ env: { METRICS_PORT: String(metricsPort), NODE_OPTIONS } })
  })
  after(() => service?.close())

  const told = (server: Partial<Server>) => ({ level: 30, ...server })
  const heard = (listens: number) => service.lines.find((line) => line.listens === listens)

  it('are the ones that are written down', () => {
    expect(heard(0)).to.deep.equal({
      ...told({
        headersTimeout: 15_000,
        requestTimeout: 30_000,
        keepAliveTimeout: 65_000,
        timeout: 60_000,
        maxHeadersCount: 0,
        maxRequestsPerSocket: 10_000,
        maxConnections: 8_192,
      }),
      dropMaxConnection: true,
      listens: 0,
    })
    expect(limits.checkEvery).to.be.at.most(limits.headTime / 3)
  })

  it('are closer for the metrics', () => {
    expect(heard(metricsPort)).to.include({
      headersTimeout: metricsLimits.headTime,
      requestTimeout: metricsLimits.requestTime,
      maxConnections: metricsLimits.connections,
    })
  })

  it('hold whatever the process was started with', async () => {
    for (const port of [portOf(service.url), metricsPort]) {
      const { status } = only(await speak(port, get('/livez', `X: ${'y'.repeat(16_384)}`)))
      expect(status).to.equal(431)
    }
  })
})
