/** HTTP as bytes on a socket: what no client library would send, and all that comes back. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export type Heard = {
  /** Of each answer, in order. An interim one (100) is not among them. */
  answers: { status: number; headers: Record<string, string>; body: string }[]
  /** What came that is no answer. */
  rest: string
  /** How the connection ended. */
  end: 'closed' | 'reset'
}

/** The port of a URL on loopback. */
export const portOf = (url: string) => Number(new URL(url).port)

export async function connected(port: number, options: { allowHalfOpen?: boolean } = {}): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', ...options })
  await once(socket, 'connect')
  return socket
}

/** Sends the bytes (one a character) and hears until the other side has closed the connection. */
export async function speak(port: number, bytes: string): Promise<Heard> {
  const socket = await connected(port)
  const heard = hear(socket)
  socket.write(bytes, 'latin1')
  return heard
}

/** All that is said on a connection until it is closed. */
export function hear(socket: Socket): Promise<Heard> {
  let text = ''
  let end: Heard['end'] = 'closed'
  socket.setEncoding('latin1')
  return new Promise((resolve) => {
    socket
      .on('data', (chunk) => {
        text += chunk
      })
      .on('error', () => {
        end = 'reset'
      })
      .on('close', () => resolve({ ...answersIn(text), end }))
  })
}

function answersIn(text: string): Pick<Heard, 'answers' | 'rest'> {
  const answers: Heard['answers'] = []
  for (let rest = text; ; ) {
    const [whole, status, head = ''] = /^HTTP\/1\.1 (\d{3})[^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(rest) ?? []
    if (whole === undefined) return { answers, rest }
    const headers = Object.fromEntries(
      head.split('\r\n').map((line) => [line.split(':', 1).join().toLowerCase(), line.replace(/^[^:]*: ?/, '')]),
    )
    const behind = rest.slice(whole.length)
    // HEAD: the length of what is not sent.
    const length = behind.startsWith('HTTP/1.1 ') ? 0 : Number(headers['content-length'] ?? 0)
    if (status !== '100') answers.push({ status: Number(status), headers, body: behind.slice(0, length) })
    rest = behind.slice(length)
  }
}
