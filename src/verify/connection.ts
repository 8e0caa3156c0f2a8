/**
 * The calls to Countersign. Rules: whatever goes wrong on the way is `unavailable`, never a yes and never a no; no redirect
 * is followed; an answer is small and comes in time, or not at all.
 */
import { VerifyError } from './verify-error.ts'

/** The part of `fetch` that is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>
export type Json = Readonly<Record<string, unknown>>
export type Answer = { status: number; headers: Headers; body: Json }
export type Connection = {
  /** Throws VerifyError('unavailable'). */
  get(path: string): Promise<Answer>
  /** By the key of this API. Throws VerifyError: unavailable, key_refused. */
  post(path: string, body: URLSearchParams | Json): Promise<Json>
}

type Options = { url: string; key: string | undefined; fetch: Fetch; timeout: number }
const longest = 1_048_576

export function createConnection({ url, key, fetch, timeout }: Options): Connection {
  async function call(path: string, init: RequestInit): Promise<Answer> {
    try {
      const response = await fetch(url + path, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeout) })
      const text = await response.text()
      if (text.length > longest) throw new Error(`the answer is longer than ${longest} characters`)
      if (response.status === 200 && !isJson(response)) throw new Error('the answer is no JSON')
      const body: unknown = isJson(response) ? JSON.parse(text) : {}
      if (typeof body !== 'object' || body === null || Array.isArray(body))
        throw new Error('the answer is no JSON object')
      return { status: response.status, headers: response.headers, body: body as Json }
    } catch (cause) {
      throw new VerifyError('unavailable', { cause })
    }
  }
  return {
    get: (path) => call(path, {}),
    async post(path, body) {
      const isForm = body instanceof URLSearchParams
      const {
        status,
        headers,
        body: answer,
      } = await call(path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
        },
        body: isForm ? body.toString() : JSON.stringify(body),
      })
      if (status === 200) return answer
      if (status === 401 || status === 403)
        throw new VerifyError('key_refused', { cause: new Error(`${path}: ${status}`) })
      const retryAfter = Number(headers.get('retry-after'))
      throw new VerifyError('unavailable', {
        cause: new Error(`${path}: ${status} ${typeof answer.reason === 'string' ? answer.reason : ''}`),
        ...(retryAfter > 0 ? { retryAfter } : {}),
      })
    },
  }
}

const isJson = ({ headers }: Response) => /^application\/([\w.-]+\+)?json\b/i.test(headers.get('content-type') ?? '')
