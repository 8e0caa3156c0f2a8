/** HTTP as it is written: `fetch` tidies paths, joins headers and refuses some. */
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Said = { status: number; headers: IncomingHttpHeaders; text: string }
type Ask = {
  method?: string
  /** In this order and spelling; a name may come twice. */
  headers?: readonly (readonly [name: string, value: string])[]
  body?: string | Buffer
  /** The caller's own address, where another one of loopback is wanted. */
  from?: string
}

export function ask(url: string, path: string, { method = 'GET', headers = [], body, from }: Ask = {}): Promise<Said> {
  const { hostname, port, host } = new URL(url)
  const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))]
  return new Promise((resolve, reject) => {
    const sent = ['Host', host, ...length, ...headers.flat()]
    request({ hostname, port, method, path, headers: sent, ...(from === undefined ? {} : { localAddress: from }) })
      .on('error', reject)
      .on('response', (res) => {
        const chunks: Buffer[] = []
        res
          .on('error', reject)
          .on('data', (chunk) => chunks.push(chunk))
          .on('end', () =>
            resolve({ status: res.statusCode ?? 0, headers: res.headers, text: Buffer.concat(chunks).toString() }),
          )
      })
      .end(body)
  })
}

/** A request as an API saw it. `names`: of its headers, as they were spelt. */
export type Seen = { method: string; path: string; headers: IncomingHttpHeaders; names: string[]; bytes: number }
export type Api = { url: string; seen: Seen[]; close(): Promise<void> }

/** An API that answers everything with 200, and keeps what it saw. */
export async function startApi(): Promise<Api> {
  const seen: Seen[] = []
  const server = createServer((req, res) => {
    let bytes = 0
    req
      .on('data', (chunk) => {
        bytes += chunk.length
      })
      .on('end', () => {
        const names = req.rawHeaders.filter((_, index) => index % 2 === 0)
        seen.push({ method: req.method ?? '', path: req.url ?? '', headers: req.headers, names, bytes })
        res.end('served')
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
