import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that the system gives to whoever asks for any: a server that is started again finds its own still free. */
const [from, to] = [10_000, 32_000]

/** A port of loopback that nobody listens on now; whoever wants it must be ready to lose it to another. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(from, to)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}
