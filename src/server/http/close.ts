/**
 * Stops a server without losing anybody who has connected. Left to itself Node does lose some: it accepts one
 * connection in a turn of its loop, and those who still wait when it closes are reset; and it takes a connection whose
 * first request is on its way for an idle one.
 */
import type { Server } from 'node:http'
import { Server as Listener, type Socket } from 'node:net'
import { setImmediate as soon, setTimeout as waited } from 'node:timers/promises'

/** All in ms. What is under way may take so long to finish. */
const finishing = 10_000
/** For a turn of the loop in which nothing comes or goes, and then for the first request of those who came. */
const patience = 1_000
const betweenLooks = 20

/** To be called before the server listens. What it returns resolves when nothing is open, whether it ever listened or not. */
export function createClose(server: Server): () => Promise<void> {
  const open = new Set<Socket>()
  let came = 0
  server.on('connection', (socket) => {
    came += 1
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  const isNew = ({ bytesRead }: Socket) => bytesRead === 0

  /** Grows, or shrinks, with whatever comes and goes. */
  const traffic = () => [...open].reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, came)
  async function quiet(): Promise<void> {
    // From here on a turn is a whole one, which looks for what has come.
    await soon()
    for (const end = performance.now() + patience; performance.now() < end; ) {
      const before = traffic()
      await soon()
      if (traffic() === before) return
    }
  }

  return async () => {
    await quiet()
    // The server's own way to close would begin with the idle connections, and the new ones among them.
    const done = new Promise((resolve) => Listener.prototype.close.call(server, resolve))
    const late = setTimeout(() => server.closeAllConnections(), finishing)
    for (const end = performance.now() + patience; [...open].some(isNew) && performance.now() < end; )
      await waited(betweenLooks)
    // A connection that was answering is idle afterwards, and would be kept alive.
    const sweep = setInterval(() => server.closeIdleConnections(), betweenLooks)
    await done
    clearTimeout(late)
    clearInterval(sweep)
  }
}
