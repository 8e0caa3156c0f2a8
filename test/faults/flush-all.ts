/** Empties a Redis, in its own words. */
import { once } from 'node:events'
import { connect } from 'node:net'

export async function flushAll(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  socket.write('FLUSHALL\r\n')
  const [answer] = await once(socket, 'data')
  socket.destroy()
  if (answer !== '+OK\r\n') throw new Error(`Redis was not emptied: ${answer}`)
}
