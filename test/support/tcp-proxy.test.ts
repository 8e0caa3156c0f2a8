import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

describe('support/tcp-proxy', () => {
  let server: Server
  let proxy: TcpProxy
  const accepted: Socket[] = []

  beforeEach(async () => {
    accepted.length = 0
    server = createServer({ allowHalfOpen: true }, (socket) => {
      accepted.push(socket)
      socket.on('error', () => {}).on('end', () => socket.end('bye'))
      socket.on('data', (bytes) => socket.write(bytes))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    proxy = await startTcpProxy((server.address() as { port: number }).port)
  })
  afterEach(async () => {
    await proxy.close()
    for (const socket of accepted) socket.destroy()
    server.close()
  })

  async function opened(): Promise<Socket> {
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    return socket.setEncoding('utf8')
  }
  async function echoed(socket: Socket, text: string): Promise<string> {
    socket.write(text)
    let said = ''
    while (said.length < text.length) said += (await once(socket, 'data'))[0]
    return said
  }
  const codeOf = async (socket: Socket) => (await once(socket, 'error').catch((error) => [error]))[0].code

  it('passes on what is said, megabytes too, and an end each way', async () => {
    const socket = await opened()
    expect(await echoed(socket, 'hello')).to.equal('hello')
    const much = 'x'.repeat(3_000_000)
    expect((await echoed(socket, much)) === much).to.equal(true)
    socket.end()
    expect((await once(socket, 'data'))[0]).to.equal('bye')
    await once(socket, 'close')
    expect(proxy.connections()).to.equal(0)
  })

  it('is a black hole to what is open and what is opened, and gives back what it held', async () => {
    const old = await opened()
    await echoed(old, 'hello')
    proxy.blackHole()
    const young = await opened()
    old.write('one')
    young.write('two')
    const early: unknown[] = []
    for (const socket of [old, young]) socket.on('data', (text) => early.push(text))
    await sleep(50)
    accepted[0]?.write('unheard')
    await sleep(50)
    expect([early, accepted.length]).to.deep.equal([[], 1])
    const heard = Promise.all([once(old, 'data'), once(young, 'data')])
    proxy.pass()
    await heard
    while (!early.includes('two') || early.join('').length < 'unheardonetwo'.length) await sleep(5)
    expect(early.join('')).to.match(/unheard.*one/)
    old.destroy()
    young.destroy()
  })

  it('hides from the server that the client is gone, and the reverse', async () => {
    const left = await opened()
    await echoed(left, 'hello')
    const right = await opened()
    await echoed(right, 'hello')
    proxy.blackHole()
    left.resetAndDestroy()
    accepted[1]?.resetAndDestroy()
    await sleep(50)
    expect([accepted[0]?.destroyed, right.destroyed]).to.deep.equal([false, false])
    const failed = codeOf(right)
    proxy.pass()
    expect(await failed).to.equal('ECONNRESET')
    right.destroy()
  })

  it('is slow by so many ms, one answer or ten under way', async () => {
    const socket = await opened()
    proxy.slow(80)
    const began = performance.now()
    expect(await echoed(socket, '0123456789')).to.equal('0123456789')
    for (const digit of '0123456789') socket.write(digit)
    let said = ''
    while (said.length < 10) said += (await once(socket, 'data'))[0]
    expect(said).to.equal('0123456789')
    expect(performance.now() - began).to.be.within(155, 600)
    socket.destroy()
  })

  it('resets what is open and what is opened, until it passes again', async () => {
    const socket = await opened()
    await echoed(socket, 'hello')
    const failed = codeOf(socket)
    proxy.reset()
    expect(await failed).to.equal('ECONNRESET')
    expect(await codeOf(connect(proxy.port, '127.0.0.1'))).to.equal('ECONNRESET')
    proxy.pass()
    const again = await opened()
    expect(await echoed(again, 'hello')).to.equal('hello')
    again.destroy()
  })

  it('resets a client when the server refuses', async () => {
    server.close()
    expect(await codeOf(await opened())).to.equal('ECONNRESET')
  })
})
