/**
 * How the console speaks to the service: the public admin API and the session, by the session's cookie.
 * Rules: every call goes through here; what may change something carries the session's CSRF token; an answer that is no
 * success is thrown as a Problem; a session that has ended is told to whoever listens, and the call fails.
 */
import { base } from './base.ts'
import { Problem } from './problem.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Options = {
  body?: unknown
  query?: Record<string, string | number | undefined>
  ifMatch?: string
  signal?: AbortSignal
  /** A session is not needed, or is being made. */
  isSignIn?: boolean
}

let csrfToken: string | undefined
export const rememberCsrfToken = (token: string | undefined): void => {
  csrfToken = token
}

type Listener = () => void
const ended = new Set<Listener>()
/** Called whenever the service says that there is no session (any more). */
export function onSessionEnded(listener: Listener): () => void {
  ended.add(listener)
  return () => void ended.delete(listener)
}

export function tellSessionEnded(): void {
  for (const listener of ended) listener()
}

/** `path`: below the service's root. Resolves with what was answered; undefined for 204. Throws Problem. */
export const request = async <T>(method: Method, path: string, options: Options = {}): Promise<T> =>
  (await requestTagged<T>(method, path, options)).value

/** What was answered, and the ETag that a change of it may ask for. */
export type Tagged<T> = { value: T; etag: string | undefined }

async function requestTagged<T>(method: Method, path: string, options: Options): Promise<Tagged<T>> {
  const response = await ask(method, path, options)
  const value = (response.status === 204 ? undefined : await response.json()) as T
  return { value, etag: response.headers.get('etag') ?? undefined }
}

/** What is no JSON: a file, a stream of lines. Throws Problem. */
export const requestRaw = (path: string, options: Options & { accept: string }): Promise<Response> =>
  ask('GET', path, options)

async function ask(method: Method, path: string, options: Options & { accept?: string }): Promise<Response> {
  const { body, query = {}, ifMatch, signal, isSignIn = false, accept = 'application/json' } = options
  const asked = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') asked.set(name, `${value}`)
  const search = asked.size > 0 ? `?${asked}` : ''
  const headers: Record<string, string> = { Accept: accept }
  if (body !== undefined)
    headers['Content-Type'] = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  if (method !== 'GET' && csrfToken !== undefined) headers['X-CSRF-Token'] = csrfToken
  if (ifMatch !== undefined) headers['If-Match'] = ifMatch
  // A deed that is sent twice is done once.
  if (method === 'POST' && path.startsWith('/api/')) headers['Idempotency-Key'] = once()
  const response = await fetch(`${base}${path}${search}`, {
    method,
    headers,
    credentials: 'same-origin',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw new Problem(0, {
      reason: 'unreachable',
      detail: 'the service cannot be reached; look at the network, and try again',
    })
  })
  if (response.ok) return response
  const problem = new Problem(response.status, await response.json().catch(() => ({})))
  if (response.status === 401 && !isSignIn) tellSessionEnded()
  throw problem
}

/** Of the admin API: the path below /api/v1. */
export const api = {
  get: <T>(path: string, query?: Options['query'], signal?: AbortSignal) =>
    request<T>('GET', `/api/v1${path}`, { ...(query ? { query } : {}), ...(signal ? { signal } : {}) }),
  /** With the tag that `patch` takes, so that nobody's change is written over unseen. */
  tagged: <T>(path: string, signal?: AbortSignal) =>
    requestTagged<T>('GET', `/api/v1${path}`, signal ? { signal } : {}),
  post: <T>(path: string, body: unknown = {}, query?: Options['query']) =>
    request<T>('POST', `/api/v1${path}`, { body, ...(query ? { query } : {}) }),
  put: <T>(path: string, body: unknown) => request<T>('PUT', `/api/v1${path}`, { body }),
  patch: <T>(path: string, body: unknown, query?: Options['query'], ifMatch?: string) =>
    request<T>('PATCH', `/api/v1${path}`, { body, ...(query ? { query } : {}), ...(ifMatch ? { ifMatch } : {}) }),
  delete: (path: string, query?: Options['query']) => request<void>('DELETE', `/api/v1${path}`, query ? { query } : {}),
}

/** 128 random bits. `randomUUID` is not there over plain http, but on this machine. */
const once = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
