/** A server that closes: who has connected is answered, who has nothing to ask is let go. */
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { createClose } from '../../../src/server/http/close.ts'

const connections = 20
const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

describe('http/close', () => {
  let server: Server
  let close: () => Promise<void>
  let port: number
  let answer: (res: ServerResponse) => void

  beforeEach(async () => {
    answer = (res) => res.end('here')
    server = createServer((_req, res) => answer(res))
    close = createClose(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  afterEach(() => void server.closeAllConnections())

  it('answers all whom the system has connected and who wait to be accepted', async () => {
    const asked = new Int32Array(new SharedArrayBuffer(4))
    const program = join(import.meta.dirname, '../../support/connecting.ts')
    const thread = new Worker(program, { workerData: { port, connections, asked } })
    await once(thread, 'online')
    // Nothing is accepted while this thread stands still.
    for (let count = 0; count < connections; count = Atomics.load(asked, 0)) Atomics.wait(asked, 0, count)
    const [[heard]] = await Promise.all([once(thread, 'message'), close()])
    expect(heard).to.deep.equal(Array(connections).fill('HTTP/1.1 200 OK'))
  })

  it('waits for what is under way, and then for nothing that is kept alive', async () => {
    const held = Promise.withResolvers<ServerResponse>()
    answer = held.resolve
    const socket = connect(port, '127.0.0.1', () => socket.write(get))
    const res = await held.promise
    let isClosed = false
    const closed = close().then(() => {
      isClosed = true
    })
    await once(server, 'close', { signal: AbortSignal.timeout(100) }).catch(() => undefined)
    expect(isClosed, 'while it answers').to.equal(false)
    res.end('here')
    const [said] = await once(socket, 'data')
    expect(String(said)).to.match(/^HTTP\/1\.1 200 OK/)
    await closed
  })

  it('lets go at once of a connection that has been answered and is kept alive', async () => {
    const socket = connect(port, '127.0.0.1', () => socket.write(get))
    await once(socket, 'data')
    const since = performance.now()
    await close()
    expect(performance.now() - since).to.be.lessThan(500)
  })

  it('has nothing to do when the server does not listen', async () => {
    await close()
    await close()
  })
})
