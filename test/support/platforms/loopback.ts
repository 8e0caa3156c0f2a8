/** An HTTP server on loopback, for a stand-in of a platform. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Asked = { method: string; url: URL; headers: IncomingMessage['headers']; body: string }
export type Answer = { status: number; body?: string; headers?: Record<string, string> }
export type Loopback = { origin: string; asked: Asked[]; close(): Promise<void> }

/** `answer`: null never answers. */
export async function startLoopback(answer: (asked: Asked) => Answer | null): Promise<Loopback> {
  const asked: Asked[] = []
  const server = createServer(async (req: IncomingMessage, res: ServerResponse) => {
    let body = ''
    for await (const piece of req.setEncoding('utf8')) body += piece
    const one = { method: req.method ?? '', url: new URL(req.url ?? '/', origin), headers: req.headers, body }
    asked.push(one)
    const given = answer(one)
    if (given) res.writeHead(given.status, given.headers).end(given.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export const json = (value: unknown, status = 200): Answer => ({
  status,
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json; charset=utf-8' },
})
