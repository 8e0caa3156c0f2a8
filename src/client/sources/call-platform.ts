import { SubjectTokenError } from '../federation-error.ts'
import type { Surroundings } from '../surroundings.ts'

type Call = {
  /** The source that calls. */
  source: string
  /** What is called, in words: `the metadata server`. */
  what: string
  url: URL
  method?: 'GET' | 'POST' | 'PUT'
  headers?: Readonly<Record<string, string>>
  body?: string
  signal: AbortSignal
  /** Milliseconds. Default: as long as the signal lets us. */
  timeout?: number
  /** What to do when nobody answers. */
  hint?: string
}
export type PlatformAnswer = { readonly status: number; readonly text: string; readonly headers: Headers }

/** Bytes. */
const longest = 1_048_576
/** Milliseconds to find out that nobody is there: where there is no metadata server, its address swallows what is sent. */
export const metadataTimeout = 1_000
/** Where a cloud answers its own machines, by plain http (AWS also with fd00:ec2::254 and, for pods of EKS, fd00:ec2::23). */
const local =
  /^(localhost|127(\.\d+){3}|169\.254(\.\d+){2}|\[::1\]|\[fd00:ec2::(254|23)\]|metadata\.google\.internal\.?)$/

/**
 * One call of what a platform runs beside its jobs. A token travels over it, so that it goes by https, or to an address that
 * does not leave the machine or its cloud, and nowhere else: a redirect is an error. Throws SubjectTokenError.
 */
export async function callPlatform(
  here: Surroundings,
  { source, what, url, method = 'GET', headers = {}, body, signal, timeout, hint }: Call,
): Promise<PlatformAnswer> {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local.test(url.hostname)))
    throw new SubjectTokenError(source, `${what} would be asked at ${url.origin}, where others may listen`, {
      code: 'platform_not_safe',
      hint: 'Give an https URL, or one of this machine.',
    })
  const unavailable = (happened: string, cause?: unknown) =>
    new SubjectTokenError(source, `${what} ${happened} (${url.host})`, {
      code: 'platform_unavailable',
      isUnavailable: true,
      hint,
      cause,
    })
  try {
    const answer = await here.fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: timeout === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      ...(body === undefined ? {} : { body }),
    })
    const text = await textOf(answer)
    if (text === undefined) throw unavailable(`answered with more than ${longest} bytes`)
    if (answer.type === 'opaqueredirect' || (answer.status >= 300 && answer.status < 400))
      throw unavailable('sends us elsewhere, where we do not go')
    return { status: answer.status, text, headers: answer.headers }
  } catch (error) {
    if (error instanceof SubjectTokenError) throw error
    throw unavailable(signal.aborted || isTimeout(error) ? 'does not answer in time' : 'cannot be reached', error)
  }
}

const isTimeout = (error: unknown) => error instanceof Error && error.name === 'TimeoutError'

/** Undefined when it is too long. */
async function textOf({ body }: Response): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  const reader = body?.getReader()
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done) return text + decoder.decode()
    length += value.length
    if (length > longest) {
      await reader?.cancel()
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
}

/** Whether the same may succeed in a moment. */
export const isPassing = (status: number) => status === 408 || status === 429 || status >= 500

/** The members of a JSON object; none when it is none. */
export function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** A URL from a variable. Throws SubjectTokenError. */
export function platformUrl(source: string, variable: string, text: string): URL {
  if (!URL.canParse(text)) throw new SubjectTokenError(source, `${variable} is no URL`, { code: 'platform_not_safe' })
  return new URL(text)
}
