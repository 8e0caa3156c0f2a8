/**
 * Calls of the admin API. Rules: the key goes to the URL that it was given for and nowhere else, so that no redirect is
 * followed; every call has an end; whatever is not a success is thrown as a Failure with the exit code that it stands for.
 */
import type { Json, JsonObject } from '../protocol/json.ts'
import { Failure } from './failure.ts'
import { failureOf, unreachable } from './refused-call.ts'
import { exit } from './terminal.ts'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>
export type Ask = { body?: Json; text?: string; query?: Query; ifMatch?: string | undefined; accept?: string }
export type Reply = { status: number; headers: Headers; text: string }
export type Client = {
  url: string
  /** Answers with the body, {} when there is none. Throws Failure. */
  call(method: string, path: string, ask?: Ask): Promise<JsonObject>
  /** An object, and the version that it has. Throws Failure. */
  read(path: string): Promise<{ body: JsonObject; etag: string | undefined }>
  /** The answer as it came, whatever its status. Throws Failure when there is none. */
  ask(method: string, path: string, ask?: Ask): Promise<Reply>
  /** All items of a list, page by page; at most `limit`. */
  all(path: string, query?: Query, limit?: number): Promise<JsonObject[]>
  /** The answer's text as it comes. */
  stream(path: string, ask: Ask): AsyncIterable<string>
}
type Needs = { url: string; secret: string | undefined; agent: string; timeout?: number }

const perPage = 200

export function createClient({ url, secret, agent, timeout = 30_000 }: Needs): Client {
  /** Throws Failure when nobody answers. */
  const send = async (method: string, path: string, ask: Ask = {}, signal = AbortSignal.timeout(timeout)) => {
    const body = ask.text ?? (ask.body === undefined ? undefined : JSON.stringify(ask.body))
    try {
      return await fetch(target(url, path, ask.query), {
        method,
        redirect: 'manual',
        signal,
        headers: {
          'user-agent': agent,
          accept: ask.accept ?? 'application/json',
          ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(ask.ifMatch === undefined ? {} : { 'if-match': ask.ifMatch }),
        },
        ...(body === undefined ? {} : { body }),
      })
    } catch (error) {
      throw unreachable(url, error)
    }
  }
  const ask = async (method: string, path: string, what?: Ask): Promise<Reply> => {
    const { status, headers, ...response } = await answered(url, await send(method, path, what))
    return { status, headers, text: response.text }
  }
  const succeed = async (method: string, path: string, what?: Ask) => {
    const reply = await ask(method, path, what)
    if (reply.status < 200 || reply.status > 299) throw failureOf(reply, path, secret)
    return { body: reply.text === '' ? {} : parsed(reply.text, url), etag: reply.headers.get('etag') ?? undefined }
  }
  const call = async (method: string, path: string, what?: Ask) => (await succeed(method, path, what)).body
  return {
    url,
    ask,
    call,
    read: (path) => succeed('GET', path),
    async all(path, query = {}, limit = Number.POSITIVE_INFINITY) {
      const items: JsonObject[] = []
      let cursor: string | undefined
      do {
        const page = Math.min(perPage, limit - items.length)
        const body = await call('GET', path, { query: { ...query, limit: page, cursor } })
        items.push(...((body.items ?? []) as JsonObject[]))
        cursor = (body.next_cursor as string | null) ?? undefined
      } while (cursor !== undefined && items.length < limit)
      return items
    },
    async *stream(path, what) {
      const response = await send('GET', path, what, AbortSignal.timeout(3_600_000))
      if (!response.ok) throw failureOf(await answered(url, response), path, secret)
      try {
        const decoder = new TextDecoder()
        for await (const chunk of response.body ?? []) yield decoder.decode(chunk as Uint8Array, { stream: true })
      } catch (error) {
        throw unreachable(url, error)
      }
    },
  }
}

async function answered(url: string, response: Response): Promise<Reply> {
  try {
    return { status: response.status, headers: response.headers, text: await response.text() }
  } catch (error) {
    throw unreachable(url, error)
  }
}

function target(url: string, path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return `${url}${path}${search === '' ? '' : `${path.includes('?') ? '&' : '?'}${search}`}`
}

function parsed(text: string, url: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject
  } catch (cause) {
    const hint = 'is COUNTERSIGN_URL that of Countersign?'
    throw new Failure(`${url} answered with something else than JSON`, {
      exit: exit.failed,
      code: 'not_json',
      hint,
      cause,
    })
  }
}
