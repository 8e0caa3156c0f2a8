/**
 * The network between us and a server, of the test's own: on a free port of loopback, and at its bidding bad.
 * What a test asks for holds at once, for the connections that are open and for those to come.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export type TcpProxy = {
  port: number
  /** As if it were not there. What a black hole held back arrives now, as TCP would send it again. */
  pass(): void
  /** Nothing arrives, neither way, not even an end or a reset; connections can be opened, and are answered by nobody. */
  blackHole(): void
  /** What the server says arrives `ms` later; in order. */
  slow(ms: number): void
  /** Connections are reset, and so are those that anybody tries to open. */
  reset(): void
  /** Open now, from our side. */
  connections(): number
  close(): Promise<void>
}

type Mode = { kind: 'pass' | 'blackHole' | 'reset' } | { kind: 'slow'; ms: number }
type Pair = { hold(): void; release(): void; reset(): void }

export async function startTcpProxy(serverPort: number): Promise<TcpProxy> {
  let mode: Mode = { kind: 'pass' }
  const pairs = new Set<Pair>()
  const delay = () => (mode.kind === 'slow' ? mode.ms : 0)

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    client.on('error', () => {})
    if (mode.kind === 'reset') return void client.resetAndDestroy()
    const pair = pairOf(client, serverPort, delay, () => pairs.delete(pair))
    pairs.add(pair)
    if (mode.kind !== 'blackHole') pair.release()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  const change = (next: Mode) => {
    mode = next
    for (const pair of [...pairs]) {
      if (mode.kind === 'reset') pair.reset()
      else if (mode.kind === 'blackHole') pair.hold()
      else pair.release()
    }
  }
  return {
    port: (server.address() as { port: number }).port,
    pass: () => change({ kind: 'pass' }),
    blackHole: () => change({ kind: 'blackHole' }),
    slow: (ms) => change({ kind: 'slow', ms }),
    reset: () => change({ kind: 'reset' }),
    connections: () => pairs.size,
    async close() {
      const closed = once(server, 'close')
      server.close()
      change({ kind: 'reset' })
      await closed
    },
  }
}

/** Two sockets and both ways between them; held until it is released, and the server is not asked before. */
function pairOf(client: Socket, serverPort: number, delay: () => number, gone: () => void): Pair {
  let server: Socket | undefined
  let lanes: Lane[] = []
  let isGone = false
  let held = true
  /** One side was reset: the other hears of it, but not through a black hole. */
  let broken = false
  const failed = () => {
    broken = true
    if (!held) reset()
  }
  const reset = () => {
    if (isGone) return
    isGone = true
    gone()
    for (const lane of lanes) lane.hold()
    client.resetAndDestroy()
    server?.resetAndDestroy()
  }
  client.on('error', failed)

  function open(): void {
    const socket = connect({ port: serverPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    server = socket
    socket.pause()
    client.setNoDelay(true)
    lanes = [laneOf(client, socket, () => 0), laneOf(socket, client, delay)]
    // Refused, or reset by the server: the client meets the same.
    socket.on('error', failed)
    let open = 2
    for (const each of [client, socket])
      each.on('close', () => {
        if (--open > 0 || isGone || broken) return
        isGone = true
        gone()
      })
  }
  return {
    hold: () => {
      held = true
      for (const lane of lanes) lane.hold()
    },
    release: () => {
      held = false
      if (broken) return reset()
      if (!server) open()
      for (const lane of lanes) lane.release()
    },
    reset,
  }
}

type Lane = { hold(): void; release(): void }

/** One way. Bytes and the end after them leave in the order in which they came, each when it is due. */
function laneOf(from: Socket, to: Socket, delay: () => number): Lane {
  const waiting: { due: number; bytes: Buffer | undefined }[] = []
  let held = true
  let timer: NodeJS.Timeout | undefined
  const take = (bytes: Buffer | undefined) => {
    waiting.push({ due: performance.now() + delay(), bytes })
    flow()
  }
  from.on('data', take).on('end', () => take(undefined))

  function flow(): void {
    clearTimeout(timer)
    if (held) return
    for (let next = waiting[0]; next; next = waiting[0]) {
      const wait = next.due - performance.now()
      if (wait > 0) {
        timer = setTimeout(flow, wait)
        return
      }
      waiting.shift()
      if (next.bytes) to.write(next.bytes)
      else to.end()
    }
  }
  return {
    hold: () => {
      held = true
      clearTimeout(timer)
      from.pause()
    },
    release: () => {
      held = false
      from.resume()
      flow()
    },
  }
}
