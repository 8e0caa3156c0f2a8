import type { AccessToken } from './access-token.ts'
import { ConfigError } from './federation-error.ts'
import type { TokenProvider } from './provider-shape.ts'
import { isConfidential } from './service-url.ts'
import type { Surroundings } from './surroundings.ts'

type Needs = Pick<TokenProvider, 'getToken' | 'peek' | 'invalidate'>

/** ms: after a new token was refused as well, it is not the token. */
const hopelessFor = 30_000

/**
 * `fetch` with the token. Upon a 401 the token is replaced and the request sent once more, where its body can be: whoever
 * revokes tokens, or changes an account, breaks nobody's long job. Throws FederationError when no token is had, ConfigError
 * for a URL that others could read along.
 */
export function authorizedFetch({ getToken, peek, invalidate }: Needs, here: Pick<Surroundings, 'fetch' | 'now'>) {
  /** By origin: when it refused a new token as well. What one API thinks of it is nothing to the others. */
  const hopeless = new Map<string, number>()

  function isHopeless(origin: string): boolean {
    const age = here.now() - (hopeless.get(origin) ?? Number.NEGATIVE_INFINITY)
    return age >= 0 && age < hopelessFor
  }

  return async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const request = input instanceof Request ? input : undefined
    const url = new URL(request?.url ?? String(input))
    if (!isConfidential(url))
      throw new ConfigError(`${url.origin} is not https: whoever is between could read the token`)
    const signal = init.signal ?? request?.signal
    const send = ({ token }: AccessToken) => {
      const headers = new Headers(init.headers ?? request?.headers)
      headers.set('authorization', `Bearer ${token}`)
      return here.fetch(input, { ...init, headers })
    }
    const ask = signal ? { signal } : {}
    const used = await getToken(ask)
    const answer = await send(used)
    if (answer.status !== 401 || !canBeSentAgain(request, init.body) || isHopeless(url.origin)) return answer
    // Unless somebody else has replaced it meanwhile, or is about to.
    if (peek()?.token === used.token) invalidate(answer)
    const fresh = await getToken(ask)
    answer.body?.cancel().catch(() => {})
    const second = await send(fresh)
    if (second.status === 401) hopeless.set(url.origin, here.now())
    return second
  }
}

/** A stream is read once; a Request with a body is one. */
function canBeSentAgain(request: Request | undefined, body: RequestInit['body']): boolean {
  if (body === undefined) return (request?.body ?? null) === null
  return (
    !(body instanceof ReadableStream) && !(typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
  )
}
