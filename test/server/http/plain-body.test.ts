/** Which bodies are read plainly, and which are left to Express's parser; nobody is told the difference. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect } from 'chai'
import express, { type ErrorRequestHandler } from 'express'
import { plainBody } from '../../../src/server/http/plain-body.ts'

const type = 'application/json'
const limit = 10

describe('http/plain-body', () => {
  let server: Server
  let port: number
  let failed: (Error & { status?: number }) | undefined

  before(async () => {
    const app = express()
    const judge = (body: Buffer) => {
      if (body.includes('!')) throw Object.assign(new Error('judged'), { status: 418 })
    }
    const read = plainBody({ type, limit, judge, otherwise: (_req, res) => res.end('otherwise') })
    const failing: ErrorRequestHandler = (error, _req, res, _next) => {
      failed = error
      res.status(error.status).end()
    }
    app.post('/', read, (req, res) => res.end(`read:${req.body}`))
    app.use(failing)
    server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  after(() => void server.close().closeAllConnections())

  /** Status and body of the answer. */
  const ask = async (headers: string[], ...writes: (string | Buffer)[]): Promise<[number, string]> => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.write(['POST / HTTP/1.1', 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n'))
    for (const part of writes) {
      socket.write(part)
      await new Promise((soon) => setTimeout(soon, 5))
    }
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk)
    const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n')
    return [Number(head.split(' ')[1]), body]
  }
  const sized = (length: number) => [`Content-Type: ${type}`, `Content-Length: ${length}`]

  it('reads what is spelled plainly, however it arrives', async () => {
    expect(await ask(sized(5), '{"é"')).to.deep.equal([200, 'read:{"é"'])
    expect(await ask(sized(5), '{"', Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1), '"')).to.deep.equal(
      [200, 'read:{"é"'],
    )
    expect(await ask(sized(0))).to.deep.equal([200, 'read:'])
    expect(await ask(sized(limit), '0123456789')).to.deep.equal([200, 'read:0123456789'])
  })

  const others: [what: string, headers: string[], body: string][] = [
    ['larger than the limit', sized(11), '01234567890'],
    ['of no stated length', [`Content-Type: ${type}`, 'Transfer-Encoding: chunked'], '2\r\n{}\r\n0\r\n\r\n'],
    ['in an encoding', [...sized(2), 'Content-Encoding: gzip'], '{}'],
    ['in no encoding, which it says', [...sized(2), 'Content-Encoding: identity'], '{}'],
    ['of a type with a charset', [`Content-Type: ${type}; charset=utf-16`, 'Content-Length: 2'], '{}'],
    ['of another type', ['Content-Type: text/plain', 'Content-Length: 2'], '{}'],
    ['of no type', ['Content-Length: 2'], '{}'],
  ]
  for (const [what, headers, body] of others) {
    it(`leaves to the other one what is ${what}`, async () => {
      expect(await ask(headers, body)).to.deep.equal([200, 'otherwise'])
    })
  }

  it('refuses what its judge refuses', async () => {
    expect((await ask(sized(1), '!'))[0]).to.equal(418)
  })

  it('ends when the body breaks off, as Express’s parser would', async () => {
    failed = undefined
    const socket = connect({ port, host: '127.0.0.1' })
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${sized(5).join('\r\n')}\r\n\r\n{`)
    await new Promise((soon) => setTimeout(soon, 20))
    socket.destroy()
    for (let i = 0; i < 100 && !failed; i++) await new Promise((soon) => setTimeout(soon, 5))
    expect(failed).to.include({ status: 400, message: 'the body broke off' })
  })
})
