/** A thread that connects so many times and asks on each connection; then says so, and afterwards what came of it. */
import { connect } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

const { port, connections, asked } = workerData as { port: number; connections: number; asked: Int32Array }

function ask(): Promise<string> {
  return new Promise((resolve) => {
    let said = ''
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', () => {
        Atomics.add(asked, 0, 1)
        Atomics.notify(asked, 0)
      })
    })
    socket
      .on('data', (chunk) => {
        said += chunk
      })
      .on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message))
      .on('close', () => resolve(said.split('\r\n')[0] as string))
  })
}

parentPort?.postMessage(await Promise.all(Array.from({ length: connections }, ask)))
