/**
 * One request to a platform. Rules: https, or http to this machine; no redirect is followed, since it would carry what we
 * show the platform elsewhere; an answer is small and comes in time; nothing of it is repeated in an error.
 */
import { SubjectTokenError } from '../federation-error.ts'
import type { Surroundings } from '../surroundings.ts'

export type PlatformRequest = {
  readonly url: URL
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
  /** What to do when it says no (4xx). */
  readonly whenRefused?: string
  /** Whether http is allowed to that host beside loopback (a metadata address). */
  readonly isPlain?: boolean
}

/** Milliseconds for one request: what hangs is asked again while there is time. */
const patience = 10_000
/** Bytes. */
const longest = 1_048_576

/** The text of a 2xx. Throws SubjectTokenError, `isUnavailable` where asking again may help, or the reason of the signal. */
export async function askPlatform(
  source: string,
  { fetch }: Pick<Surroundings, 'fetch'>,
  { url, method = 'GET', headers = {}, body, signal, whenRefused, isPlain = false }: PlatformRequest,
): Promise<string> {
  const { protocol, host } = url
  if (protocol !== 'https:' && !(protocol === 'http:' && (isPlain || isLoopback(url.hostname))))
    throw new SubjectTokenError(source, `${host} is not asked over ${protocol.slice(0, -1)}: it takes https`)
  let status: number
  let text: string
  try {
    const whole = AbortSignal.any([signal, AbortSignal.timeout(patience)])
    const answer = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: whole,
      ...(body !== undefined && { body }),
    })
    status = answer.status
    text = await read(answer)
  } catch (error) {
    signal.throwIfAborted()
    throw new SubjectTokenError(source, `${host} gave no answer`, { isUnavailable: true, cause: error })
  }
  if (status >= 200 && status < 300) return text
  const isUnavailable = status === 408 || status === 429 || status >= 500
  throw new SubjectTokenError(source, `${host} answered with ${status || 'a redirect'}`, {
    isUnavailable,
    hint: isUnavailable ? undefined : whenRefused,
  })
}

/** A text member of a JSON answer. Throws SubjectTokenError. */
export function memberOf(source: string, text: string, name: string): string {
  let value: unknown
  try {
    value = (JSON.parse(text) as Record<string, unknown> | null)?.[name]
  } catch {
    // No JSON has no member either.
  }
  if (typeof value === 'string') return value
  throw new SubjectTokenError(source, `the platform's answer is no JSON with a "${name}"`)
}

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)

async function read({ body }: Response): Promise<string> {
  if (!body) return ''
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let length = 0
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    length += value.length
    if (length > longest) {
      await reader.cancel()
      throw new Error(`the answer is longer than ${longest} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}
