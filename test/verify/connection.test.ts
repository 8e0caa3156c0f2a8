/** The calls to Countersign, by the runtime's own fetch and by ones that behave worse. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type Connection, createConnection, type Fetch } from '../../src/verify/connection.ts'
import { VerifyError } from '../../src/verify/index.ts'
import { type Issuing, serverKey, startIssuing } from '../support/issuing.ts'

const mebibyte = 1_048_576
const json = { 'content-type': 'application/json' }

describe('verify/connection', () => {
  let issuing: Issuing
  beforeEach(async () => {
    issuing = await startIssuing()
  })
  afterEach(() => issuing.close())

  const connection = (more: { url?: string; fetch?: Fetch; timeout?: number } = {}): Connection =>
    createConnection({ url: issuing.url, key: serverKey, fetch, timeout: 2_000, ...more })
  const failure = async (work: Promise<unknown>): Promise<VerifyError> => {
    const error = await work.then(
      () => expect.fail('there was an answer'),
      (error: unknown) => error,
    )
    expect(error).to.be.instanceOf(VerifyError)
    return error as VerifyError
  }
  const causeOf = async (work: Promise<unknown>) => {
    const { code, cause } = await failure(work)
    expect(code).to.equal('unavailable')
    return String(cause)
  }

  it('posts forms and JSON, by the key of this API', async () => {
    issuing.answers['/x'] = { body: { fine: true } }
    const { post } = connection()
    expect(await post('/x', new URLSearchParams({ token: 'a+b' }))).to.deep.equal({ fine: true })
    expect(await post('/x', { a: ['b'] })).to.deep.equal({ fine: true })
    expect(issuing.calls.map(({ body, authorization }) => ({ body, authorization }))).to.deep.equal([
      { body: 'token=a%2Bb', authorization: `Bearer ${serverKey}` },
      { body: '{"a":["b"]}', authorization: `Bearer ${serverKey}` },
    ])
  })

  it('gets without the key: what is public is nobody’s business', async () => {
    issuing.answers['/x'] = { body: {} }
    await connection().get('/x')
    expect(issuing.calls[0]?.authorization).to.equal(undefined)
  })

  it('sends text that can be read, whatever a caller wrote', async () => {
    issuing.answers['/x'] = { body: {} }
    await connection().post('/x', { a: { b: 'x\ud800' } })
    expect(JSON.parse(issuing.calls[0]?.body ?? '')).to.deep.equal({ a: { b: 'x\ufffd' } })
  })

  it('follows no redirect, and sends the key nowhere else', async () => {
    issuing.answers['/moved'] = { body: { active: true } }
    for (const status of [301, 302, 303, 307, 308]) {
      issuing.answers['/x'] = { status, headers: { location: '/moved' }, body: { active: true } }
      expect((await failure(connection().post('/x', {}))).code).to.equal('unavailable')
    }
    expect(issuing.asked('/moved')).to.equal(0)
  })

  it('asks for a way with redirects that every runtime knows', async () => {
    const modes: unknown[] = []
    const spying: Fetch = async (_url, { redirect }) => {
      modes.push(redirect)
      return Response.json({})
    }
    await connection({ fetch: spying }).get('/x')
    expect(modes).to.deep.equal(['manual'])
  })

  it('believes nobody whom another fetch was redirected to', async () => {
    issuing.answers['/moved'] = { body: { active: true } }
    issuing.answers['/x'] = { status: 302, headers: { location: '/moved' } }
    const following: Fetch = (url, init) => fetch(url, { ...init, redirect: 'follow' })
    expect(await causeOf(connection({ fetch: following }).get('/x'))).to.contain('a redirect was followed')
  })

  it('takes an answer of a mebibyte, and not of a byte more', async () => {
    const filled = (length: number) => `{"x":"${'x'.repeat(length - 8)}"}`
    issuing.answers['/x'] = { body: filled(mebibyte) }
    expect((await connection().get('/x')).body).to.have.property('x')
    issuing.answers['/x'] = { body: filled(mebibyte + 1) }
    expect(await causeOf(connection().get('/x'))).to.contain('longer than')
  })

  describe('of an answer without end', () => {
    let server: Server
    let sent: number
    /** Resolves when who asked has hung up. */
    let hungUp: Promise<void>
    beforeEach(async () => {
      sent = 0
      const piece = Buffer.alloc(65_536, ' ')
      const { promise, resolve } = Promise.withResolvers<void>()
      hungUp = promise
      server = createServer((_req, res) => {
        res.on('close', resolve).writeHead(200, json)
        const more = (): void => {
          do sent += piece.length
          while (!res.destroyed && res.write(piece))
          res.once('drain', more)
        }
        more()
      })
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    })
    afterEach(() => void server.close().closeAllConnections())

    it('reads no more than it needs to know that, and hangs up', async () => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      expect(await causeOf(connection({ url, timeout: 10_000 }).get('/'))).to.contain('longer than')
      await hungUp
      // What fits into the buffers between the two comes on top.
      expect(sent).to.be.lessThan(32 * mebibyte)
    })
  })

  it('counts what comes out of a compressed answer', async () => {
    const packed: Fetch = async () =>
      new Response(
        new Blob([gzipSync(Buffer.alloc(64 * mebibyte, ' '))]).stream().pipeThrough(new DecompressionStream('gzip')),
        { headers: json },
      )
    expect(await causeOf(connection({ fetch: packed, timeout: 10_000 }).get('/x'))).to.contain('longer than')
  })

  const garbage: [what: string, make: () => Response][] = [
    ['bytes that are no UTF-8', () => new Response(Buffer.from('{"x":"\xff"}', 'latin1'), { headers: json })],
    ['half a character', () => new Response(Buffer.from('{"x":"€"}').subarray(0, 8), { headers: json })],
    ['no body', () => new Response(null, { headers: json })],
    ['null', () => new Response('null', { headers: json })],
    ['JSON that is called something else', () => new Response('{}', { headers: { 'content-type': 'text/json5' } })],
    ['no type', () => new Response(Buffer.from('{}'))],
  ]
  for (const [what, make] of garbage)
    it(`takes ${what} for no answer`, async () => {
      expect((await failure(connection({ fetch: async () => make() }).post('/x', {}))).code).to.equal('unavailable')
    })

  it('reads a character that comes in two pieces', async () => {
    const bytes = Buffer.from('{"x":"€"}')
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.subarray(0, 7))
        controller.enqueue(bytes.subarray(7))
        controller.close()
      },
    })
    const { body } = await connection({ fetch: async () => new Response(pieces, { headers: json }) }).get('/x')
    expect(body).to.deep.equal({ x: '€' })
  })

  it('gives up in time on a server that is silent, that drips, and on a fetch that heeds no signal', async () => {
    issuing.answers['/x'] = { hang: true }
    expect(await causeOf(connection({ timeout: 30 }).get('/x'))).to.contain('TimeoutError')
    const dripping: Fetch = async () =>
      new Response(
        new ReadableStream({
          pull: (controller) =>
            new Promise((resolve) => setTimeout(() => resolve(controller.enqueue(Buffer.from(' '))), 5)),
        }),
        { headers: json },
      )
    const deaf: Fetch = () => new Promise(() => {})
    for (const each of [dripping, deaf])
      expect(await causeOf(connection({ fetch: each, timeout: 30 }).get('/x'))).to.contain('TimeoutError')
  })

  it('a fetch that throws at once is a failure like any other', async () => {
    const broken: Fetch = () => {
      throw new TypeError('broken')
    }
    expect(await causeOf(connection({ fetch: broken }).get('/x'))).to.equal('TypeError: broken')
  })

  const refusals: [what: string, answer: object, code: string, more: object][] = [
    ['401', { status: 401 }, 'key_refused', { retryAfter: 5 }],
    ['403', { status: 403 }, 'key_refused', { retryAfter: 5 }],
    ['400 with a reason', { status: 400, body: { reason: 'too_many_evaluations' } }, 'access_denied', {}],
    ['413 with a reason', { status: 413, body: { reason: 'request_too_large' } }, 'access_denied', {}],
    ['422 with a reason', { status: 422, body: { reason: 'evaluation_invalid' } }, 'access_denied', {}],
    ['400 of whoever stands before it', { status: 400, headers: { 'content-type': 'text/html' } }, 'unavailable', {}],
    ['404 with a reason', { status: 404, body: { reason: 'not_found' } }, 'unavailable', {}],
    ['201', { status: 201 }, 'unavailable', {}],
    ['500', { status: 500 }, 'unavailable', { retryAfter: 5 }],
    ['429', { status: 429, headers: { 'retry-after': '60' } }, 'unavailable', { retryAfter: 60 }],
    ['503 for a day', { status: 503, headers: { 'retry-after': '86400' } }, 'unavailable', { retryAfter: 300 }],
    ['503 for ever', { status: 503, headers: { 'retry-after': '1e999' } }, 'unavailable', { retryAfter: 300 }],
    ['503 since', { status: 503, headers: { 'retry-after': '-1' } }, 'unavailable', { retryAfter: 5 }],
    ['503 at noon', { status: 503, headers: { 'retry-after': 'noon' } }, 'unavailable', { retryAfter: 5 }],
  ]
  for (const [what, answer, code, more] of refusals)
    it(`takes ${what} for ${code}`, async () => {
      issuing.answers['/x'] = answer
      const error = await failure(connection().post('/x', {}))
      expect(error).to.include({ code, ...more })
      expect(`${error.message} ${error.stack} ${String(error.cause)}`).to.not.contain(serverKey)
    })
})
