import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port of loopback that nobody listens on now; whoever wants it must be ready to lose it to another. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
