/**
 * The calls to Countersign. Rules: whatever goes wrong on the way is `unavailable`, never a yes and never a no; no redirect
 * is followed, by whichever fetch; an answer is small and comes in time, or not at all.
 */
import { VerifyError } from './verify-error.ts'

/** The part of `fetch` that is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>
export type Json = Readonly<Record<string, unknown>>
export type Answer = { status: number; headers: Headers; body: Json }
export type Connection = {
  /** Throws VerifyError('unavailable'). */
  get(path: string): Promise<Answer>
  /** By the key of this API. Throws VerifyError: unavailable, key_refused; access_denied for a question it cannot read. */
  post(path: string, body: URLSearchParams | Json): Promise<Json>
}

type Options = { url: string; key: string | undefined; fetch: Fetch; timeout: number }
/** Bytes of an answer, decoded. */
const longest = 1_048_576
/** Seconds. */
const longestRetryAfter = 300
/** What Countersign answers to what it cannot read (RFC 9110 §15.5). */
const unreadable = [400, 413, 422]

export function createConnection({ url, key, fetch, timeout }: Options): Connection {
  async function call(path: string, init: RequestInit): Promise<Answer> {
    const signal = AbortSignal.timeout(timeout)
    try {
      // Some runtimes (Cloudflare Workers) know no redirect mode 'error': a redirect is not 200, and so it is no answer.
      return await inTime(signal, read(fetch(url + path, { ...init, redirect: 'manual', signal })))
    } catch (cause) {
      throw new VerifyError('unavailable', { cause })
    }
  }
  return {
    get: (path) => call(path, {}),
    async post(path, body) {
      const isForm = body instanceof URLSearchParams
      const answer = await call(path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
        },
        body: isForm ? body.toString() : JSON.stringify(body, readable),
      })
      if (answer.status === 200) return answer.body
      throw refusalOf(path, answer)
    },
  }
}

/** What a caller wrote may be no Unicode (RFC 8259 §8.2): made so, it is answered with a no instead of not at all. */
const readable = (_name: string, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value)

/** A fetch that was plugged in may not heed the signal; whoever waits must not wait for ever. */
function inTime<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(signal.reason)
    signal.addEventListener('abort', late, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late))
  })
}

async function read(answered: Promise<Response>): Promise<Answer> {
  const response = await answered
  // Of a fetch that was plugged in: whoever answered then is not whom we asked.
  if (response.redirected) throw new Error('a redirect was followed')
  const { status, headers } = response
  const text = await textOf(response)
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(headers.get('content-type') ?? '')
  if (status === 200 && !isJson) throw new Error('the answer is no JSON')
  const body: unknown = isJson ? JSON.parse(text) : {}
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Error('the answer is no JSON object')
  return { status, headers, body: body as Json }
}

/** Read piece by piece: what is too long is never held. */
async function textOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let length = 0
  for await (const piece of body ?? []) {
    length += piece.length
    if (length > longest) throw new Error(`the answer is longer than ${longest} bytes`)
    text += decoder.decode(piece, { stream: true })
  }
  return text + decoder.decode()
}

function refusalOf(path: string, { status, headers, body: { reason } }: Answer): VerifyError {
  const named = typeof reason === 'string' ? reason : undefined
  const cause = new Error(`${path}: ${status} ${named ?? ''}`)
  if (status === 401 || status === 403) return new VerifyError('key_refused', { cause })
  // It is asking again that cannot help. Without a reason it was not Countersign that said so.
  if (unreadable.includes(status) && named !== undefined)
    return new VerifyError('access_denied', { cause, reason: named, says: `the question cannot be read: ${named}` })
  const retryAfter = Math.min(Number(headers.get('retry-after')), longestRetryAfter)
  return new VerifyError('unavailable', { cause, ...(retryAfter > 0 ? { retryAfter } : {}) })
}
