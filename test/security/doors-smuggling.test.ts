/**
 * Request smuggling: what two servers on the way could read as different requests is refused and its connection closed,
 * or read as exactly one request. Each case hides a request in its body or its head, and has an honest one behind it.
 */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { expect } from 'chai'
import { grantTypes } from '../../src/protocol/oauth.ts'
import { type Doors, openDoors } from '../support/doors.ts'
import { freePort } from '../support/free-port.ts'
import { connected, type Heard, hear, portOf, speak } from '../support/raw-http.ts'
import { type Service, startService } from '../support/server.ts'

const form = `grant_type=${encodeURIComponent(grantTypes.clientCredentials)}`
const hidden = `GET /oauth/userinfo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer hidden\r\n\r\n`
const last = 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
const post = (...headers: string[]) =>
  `POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`
const get = (...headers: string[]) =>
  `GET /livez HTTP/1.1\r\nHost: x\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
const chunked = `${chunk(hidden)}0\r\n\r\n`
const coded = 'Transfer-Encoding: chunked'
const sized = `Content-Length: ${hidden.length}`
const inChunks = (bytes: string) => post(coded) + bytes

/** Refused, in one answer, and nothing behind it is read. */
const refused: Record<string, string> = {
  'Content-Length, then Transfer-Encoding': post(sized, coded) + chunked,
  'Transfer-Encoding, then Content-Length': post(coded, 'Content-Length: 4') + chunked,
  'chunked twice, in two headers': post(coded, coded) + chunked,
  'chunked twice, in a list': post('Transfer-Encoding: chunked, chunked') + chunked,
  'chunked, identity': post('Transfer-Encoding: chunked, identity') + chunked,
  'identity, chunked': post('Transfer-Encoding: identity, chunked') + chunked,
  'gzip, chunked': post('Transfer-Encoding: gzip, chunked') + chunked,
  'chunked and another coding, in two headers': post('Transfer-Encoding: gzip', coded) + chunked,
  'identity alone': post('Transfer-Encoding: identity') + hidden,
  'identity and a length': post('Transfer-Encoding: identity', sized) + hidden,
  'no coding and a length': post('Transfer-Encoding:', sized) + hidden,
  'Transfer-Encoding, a space before the colon': post('Transfer-Encoding : chunked') + chunked,
  'Transfer-Encoding, a tab before the colon': post('Transfer-Encoding\t: chunked') + chunked,
  'Transfer-Encoding behind a space': post('X: y', ` ${coded}`) + chunked,
  'Transfer-Encoding on two lines': post('Transfer-Encoding:', '\tchunked') + chunked,
  'Transfer-Encoding behind a bare CR': post(`X: y\r${coded}`) + chunked,
  'Transfer-Encoding behind a bare LF': post(`X: y\n${coded}`) + chunked,
  xchunked: post('Transfer-Encoding: xchunked') + chunked,
  chunkedx: post('Transfer-Encoding: chunkedx') + chunked,
  '"chunked"': post('Transfer-Encoding: "chunked"') + chunked,
  'chunked behind a vertical tab': post('Transfer-Encoding: \vchunked') + chunked,
  'chunked with a parameter': post('Transfer-Encoding: chunked;a=b') + chunked,
  'chunked with HTTP/1.0': post(coded).replace('HTTP/1.1', 'HTTP/1.0') + chunked,
  'two lengths that differ': post('Content-Length: 0', sized) + hidden,
  'two lengths that are the same': post(sized, sized) + hidden,
  'two lengths in one header': post('Content-Length: 5,5') + hidden,
  'the length +5': post('Content-Length: +5') + hidden,
  'the length 0x5': post('Content-Length: 0x5') + hidden,
  'the length -5': post('Content-Length: -5') + hidden,
  'the length 5 5': post('Content-Length: 5 5') + hidden,
  'the length 5e0': post('Content-Length: 5e0') + hidden,
  'no length in Content-Length': post('Content-Length:') + hidden,
  'a length beyond 2^64': post('Content-Length: 18446744073709551621') + hidden,
  'Content-Length, a space before the colon': post(`Content-Length : ${hidden.length}`) + hidden,
  'line ends of LF alone': get().replaceAll('\r', ''),
  'one line end of LF alone': get('X: y').replace('X: y\r', 'X: y'),
  'a head that ends with LF alone': post(sized).replace(/\r\n$/, '\n') + hidden,
  'a bare CR in a header': get('X: y\rZ: z'),
  'CR CR LF': get('X: y\r'),
  'a folded header': get('X: y', ' z'),
  'a space before a colon': get('X : y'),
  'a header without a name': get(': y'),
  'a header without a colon': get('X'),
  'NUL in a header': get('X: a\0b'),
  'NUL in a name': get('X\0: b'),
  'a space before the first header': get().replace('Host', ' Host'),
  'a chunk size as 0x5': inChunks('0x5\r\nhello\r\n0\r\n\r\n'),
  'a chunk size below nothing': inChunks('-5\r\nhello\r\n0\r\n\r\n'),
  'a chunk size with a space': inChunks('5 \r\nhello\r\n0\r\n\r\n'),
  'no chunk size': inChunks('\r\nhello\r\n0\r\n\r\n'),
  'a chunk size beyond 2^64': inChunks('10000000000000005\r\nhello\r\n0\r\n\r\n'),
  'chunks with LF alone': inChunks('5\nhello\n0\n\n'),
  'a chunk extension that ends with LF alone': inChunks('5;a\nhello\r\n0\r\n\r\n'),
  'a chunk extension with a line end in quotes': inChunks('5;a="\r\n"\r\nhello\r\n0\r\n\r\n'),
  'a chunk that is longer than it says': inChunks('4\r\nhello\r\n0\r\n\r\n'),
  'a chunk without its end': inChunks('5\r\nhello0\r\n\r\n'),
  'a length as trailer': inChunks(`${chunk('a=b')}0\r\n${sized}\r\n\r\n${hidden}`),
  'a transfer coding as trailer': inChunks(`${chunk('a=b')}0\r\n${coded}\r\n\r\n${hidden}`),
  'HTTP/0.9': 'GET /livez\r\n\r\n',
  'HTTP/0.9 by name': get().replace('HTTP/1.1', 'HTTP/0.9'),
  'HTTP/1.2': get().replace('HTTP/1.1', 'HTTP/1.2'),
  'HTTP/2.0 in the form of 1.1': get().replace('HTTP/1.1', 'HTTP/2.0'),
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'an Expect that nobody knows': post('Expect: 200-ok', sized) + hidden,
  CONNECT: 'CONNECT id.example:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  'two hosts': get('Host: y'),
  'the same host twice': get('Host: x'),
  'no host': 'GET /livez HTTP/1.1\r\n\r\n',
  'a method that nobody knows': get().replace('GET', 'FOO'),
  'a space in the URL': get().replace('/livez', '/livez a'),
  'NUL in the URL': get().replace('/livez', '/livez\0'),
  'two different credentials': get('Authorization: Bearer a', 'Authorization: Bearer b'),
  'the same credentials twice': get('Authorization: Bearer a', 'AUTHORIZATION: Bearer a'),
  'two types of body': post(sized, 'content-type: application/json') + hidden,
}

/** Read as one request, whose body is the hidden one or nothing. `body`: what the token endpoint got. */
const one: Record<string, { bytes: string; status: number; body?: string }> = {
  'an honest form': { bytes: post(`Content-Length: ${form.length}`) + form, status: 200, body: form },
  'chunked, in capitals': {
    bytes: `${post('TRANSFER-ENCODING: CHUNKED') + chunk(form)}0\r\n\r\n`,
    status: 200,
    body: form,
  },
  'chunked behind a tab': {
    bytes: `${post('Transfer-Encoding:\tchunked') + chunk(form)}0\r\n\r\n`,
    status: 200,
    body: form,
  },
  'a length with noughts before it': {
    bytes: `${post(`Content-Length: 00${form.length}`)}${form}`,
    status: 200,
    body: form,
  },
  'chunk extensions': {
    bytes: inChunks(`${form.length.toString(16)};a=b;c="d"\r\n${form}\r\n0;e\r\n\r\n`),
    status: 200,
    body: form,
  },
  'a last chunk of many noughts': { bytes: inChunks(`${chunk(form)}0000\r\n\r\n`), status: 200, body: form },
  'GET with a body': { bytes: get(sized) + hidden, status: 200 },
  'GET with a body in chunks': { bytes: get(coded) + chunked, status: 200 },
  'HEAD with a body': {
    bytes: (get(sized) + hidden).replace('GET', 'HEAD').replace('/livez', '/nothing'),
    status: 404,
  },
  'a URL with a host of its own': { bytes: get().replace('/livez', 'http://evil.example/livez'), status: 200 },
  'Expect: 100-continue': {
    bytes: post('Expect: 100-continue', `Content-Length: ${form.length}`) + form,
    status: 200,
    body: form,
  },
  'empty lines before it': { bytes: `\r\n\r\n${get()}`, status: 200 },
  TRACE: { bytes: get('X-Told: nobody').replace('GET', 'TRACE'), status: 405 },
  'OPTIONS *': { bytes: get().replace('GET /livez', 'OPTIONS *'), status: 404 },
  'a method that is to be another': {
    bytes: get('X-HTTP-Method-Override: DELETE', 'X-Method-Override: DELETE', 'X-HTTP-Method: DELETE'),
    status: 200,
  },
  'a URL that is to be another': { bytes: get('X-Original-URL: /nothing', 'X-Rewrite-URL: /nothing'), status: 200 },
}

const statuses = ({ answers }: Heard) => answers.map(({ status }) => status)

describe('request smuggling', () => {
  let doors: Doors
  let service: Service
  let metrics: string
  before(async () => {
    doors = await openDoors()
    const port = await freePort()
    metrics = `http://127.0.0.1:${port}/metrics`
    // Whatever the process was started with.
    const NODE_OPTIONS = '--insecure-http-parser --max-http-header-size=65536'
    service = await startService({ env: { METRICS_PORT: String(port), NODE_OPTIONS } })
  })
  beforeEach(() => {
    for (const list of [doors.read, doors.exchanged, doors.shown, doors.lines]) list.length = 0
  })
  after(async () => {
    await doors?.close()
    await service?.close()
  })
  const recorded = () =>
    doors.exchanged.map(({ parameters }) => new URLSearchParams([...parameters].map((pair) => [...pair])).toString())

  for (const [what, bytes] of Object.entries(refused))
    it(`${what}: refused, and nothing behind it is read`, async () => {
      const heard = await speak(doors.port, bytes + last)
      expect(statuses(heard)).to.have.length(1)
      const { status, headers, body } = heard.answers[0] as Heard['answers'][number]
      expect(status).to.be.within(400, 499)
      expect(headers).to.include({
        connection: 'close',
        'content-type': headers['x-request-id']
          ? 'application/problem+json; charset=utf-8'
          : 'application/problem+json',
      })
      expect(JSON.parse(body)).to.include({ status })
      expect([heard.rest, heard.end]).to.deep.equal(['', 'closed'])
      expect(doors.read.length, 'reached the app').to.be.at.most(1)
      expect({ exchanged: doors.exchanged, shown: doors.shown }).to.deep.equal({ exchanged: [], shown: [] })
      expect(doors.lines.filter(({ level }) => level !== 'debug')).to.deep.equal([])
    })

  for (const [what, { bytes, status, body }] of Object.entries(one))
    it(`${what}: read as one request`, async () => {
      const heard = await speak(doors.port, bytes + last)
      expect(statuses(heard)).to.deep.equal([status, 200])
      expect(heard.answers.map(({ headers }) => headers['x-request-id'])).to.deep.equal(doors.read)
      expect([heard.rest, heard.end]).to.deep.equal(['', 'closed'])
      expect(doors.shown).to.deep.equal([])
      expect(recorded()).to.deep.equal(body === undefined ? [] : [body])
      expect(heard.answers[0]?.body).to.not.contain('nobody')
    })

  it('an upgrade to what we do not speak is an ordinary request, and its connection goes on', async () => {
    for (const upgrade of ['h2c', 'websocket', 'TLS/1.2']) {
      doors.read.length = 0
      const socket = await connected(doors.port)
      const heard = hear(socket)
      socket.write(
        get('Connection: Upgrade, HTTP2-Settings', `Upgrade: ${upgrade}`, 'HTTP2-Settings: AAMAAABkAAQAAP__', sized) +
          hidden,
      )
      await once(socket, 'data')
      socket.write(last)
      expect(statuses(await heard), upgrade).to.deep.equal([200, 200])
      expect(doors.read).to.have.length(2)
      expect(doors.shown).to.deep.equal([])
    }
  })

  it('of two headers of one name the first counts, where it matters not: they are not joined', async () => {
    const asked = once(doors.server, 'request') as Promise<[IncomingMessage]>
    const [heard, [req]] = await Promise.all([
      speak(doors.port, get('User-Agent: a', 'User-Agent: b', 'From: a', 'From: b', 'Connection: close')),
      asked,
    ])
    expect(statuses(heard)).to.deep.equal([200])
    expect(req.headers).to.include({ 'user-agent': 'a', from: 'a' })
  })

  it('credentials behind the body count for nothing', async () => {
    const userInfo =
      'POST /oauth/userinfo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n'
    const heard = await speak(doors.port, `${userInfo}${chunk('a=b')}0\r\nAuthorization: Bearer hidden\r\n\r\n${last}`)
    expect(statuses(heard)).to.deep.equal([200, 200])
    expect(doors.shown).to.deep.equal([[]])
  })

  it('a request that was answered before its body broke or went missing is answered once', async () => {
    const quick = await openDoors({ requestTime: 800, headTime: 800, checkEvery: 50 })
    const early = (...headers: string[]) => post(...headers).replace('/oauth/token', '/livez')
    const socket = await connected(quick.port)
    const heard = hear(socket)
    socket.write(early('Content-Length: 100'))
    expect(statuses(await heard), 'a body that does not come').to.deep.equal([405])
    for (const broken of ['x\r\n', '1;a\nb\r\n', '1\r\nabc']) {
      const socket = await connected(quick.port)
      const heard = hear(socket)
      socket.write(early(coded))
      await once(socket, 'data')
      socket.write(broken + last)
      expect(statuses(await heard), broken).to.deep.equal([405])
    }
    await quick.close()
  })

  it('what is sent behind a request that was told to leave is not done', async () => {
    const leaving = await openDoors({}, 'http://id.example', { health: { phase: () => 'draining' } })
    const exchange = post(`Content-Length: ${form.length}`) + form
    const heard = await speak(leaving.port, exchange.repeat(3))
    expect(statuses(heard)).to.deep.equal([200])
    expect([leaving.read.length, leaving.exchanged.length]).to.deep.equal([1, 1])
    await leaving.close()
  })

  it('what comes behind a good request does not take its answer from it', async () => {
    const good = post(`Content-Length: ${form.length}`) + form
    const heard = await speak(doors.port, `${good}garbage\r\n\r\n${last}`)
    expect(statuses(heard)).to.deep.equal([200, 400])
    expect(recorded()).to.deep.equal([form])
    expect(statuses(await speak(doors.port, good.replace('Host', 'Connection: close\r\nHost') + hidden))).to.deep.equal(
      [200],
    )
    expect(doors.shown).to.deep.equal([])
  })

  /** Answers, by the service's own count, but for those to who counts. */
  async function counted(): Promise<number> {
    const text = await (await fetch(metrics)).text()
    return [...text.matchAll(/^countersign_http_requests_total\{.*\} (\d+)$/gm)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    )
  }

  it('the service itself, started with the insecure parser: all of them refused, with one answer each', async () => {
    const before = await counted()
    let ours = 0
    for (const [what, bytes] of Object.entries(refused)) {
      const heard = await speak(portOf(service.url), bytes + last)
      expect(statuses(heard), what).to.have.length(1)
      expect(heard.answers[0]?.status, what).to.be.within(400, 499)
      expect([heard.rest, heard.end], what).to.deep.equal(['', 'closed'])
      if (heard.answers[0]?.headers['x-request-id'] !== undefined) ours++
    }
    expect((await counted()) - before).to.be.within(ours, ours + 1)
    expect(service.lines.filter(({ level }) => Number(level) > 30)).to.deep.equal([])
  })

  it('the service itself: the others are one request each', async () => {
    const before = await counted()
    for (const [what, { bytes }] of Object.entries(one)) {
      const heard = await speak(portOf(service.url), bytes + last)
      expect(statuses(heard), what).to.have.length(2)
      expect(new Set(heard.answers.map(({ headers }) => headers['x-request-id'])), what).to.have.length(2)
      expect([heard.rest, heard.end], what).to.deep.equal(['', 'closed'])
    }
    expect((await counted()) - before).to.equal(2 * Object.keys(one).length)
  })
})
