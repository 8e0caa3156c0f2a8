import type { IncomingMessage } from 'node:http'

/**
 * `fetch` over Node's own client, for commands that ask once and end: the global one takes more time to load than all the
 * rest of such a command. It has what @countersign/client uses of it: no redirect is followed, the body comes piece by piece.
 */
export function lightFetch(agent: () => string): typeof fetch {
  return async (input, { method = 'GET', headers, body, signal } = {}) => {
    const url = input instanceof URL ? input : new URL(String(input))
    // Not by `import`: that reads every member of node:http, among them some that load all of the global fetch.
    const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
    const text = body === undefined || body === null ? undefined : String(body)
    signal?.throwIfAborted()
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(url, {
        method,
        headers: {
          'user-agent': agent(),
          ...(headers as Record<string, string> | undefined),
          ...(text === undefined ? {} : { 'content-length': Buffer.byteLength(text) }),
        },
        ...(signal ? { signal } : {}),
      })
      sent.once('response', resolve)
      // As fetch has it: what failed is the cause.
      sent.once('error', (cause) => reject(signal?.aborted ? signal.reason : new TypeError('fetch failed', { cause })))
      sent.end(text)
    })
    return responseOf(answer, url.href) as Response
  }
}

/** Made by hand: the global Response would bring all of fetch with it. */
function responseOf(answer: IncomingMessage, url: string) {
  const { statusCode: status = 0, headers } = answer
  const pieces = answer[Symbol.asyncIterator]()
  return {
    status,
    ok: status >= 200 && status < 300,
    url,
    headers: { get: (name: string) => headers[name.toLowerCase()]?.toString() ?? null },
    body: {
      getReader: () => ({
        read: () => pieces.next(),
        cancel: async () => void answer.destroy(),
      }),
    },
  } as unknown
}
