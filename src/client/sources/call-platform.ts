/**
 * One request to a platform. Rules: https, or http to an address that does not leave the machine or its cloud; no redirect is
 * followed, since it would carry what we show the platform elsewhere; an answer is small; nothing of it is repeated in an error.
 */
import { SubjectTokenError } from '../federation-error.ts'
import type { Surroundings } from '../surroundings.ts'

export type PlatformCall = {
  readonly url: URL
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
  /** Milliseconds. Default: 10,000; what hangs is asked again while there is time. */
  readonly timeout?: number
  /** What is asked, in words. Default: the host. */
  readonly what?: string
  /** What to do when nobody answers. */
  readonly whenSilent?: string
}
/** `status`: 0 where a runtime hides a redirect. */
export type PlatformAnswer = { readonly status: number; readonly text: string; readonly headers: Headers }

/** Bytes. */
const longest = 1_048_576
/** Milliseconds for one request. */
export const patience = 10_000
/** Milliseconds to find out that nobody is there: where there is no metadata server, its address swallows what is sent. */
export const metadataTimeout = 1_000
/** Loopback, and where a cloud answers its own machines by plain http: link-local addresses, their like of AWS, Google's name. */
const local =
  /^(localhost|127(\.\d{1,3}){3}|169\.254(\.\d{1,3}){2}|\[::1\]|\[fd00:ec2::(254|23)\]|metadata\.google\.internal\.?)$/

/** Whatever its status is. Throws SubjectTokenError when there is no answer, or the reason of the signal. */
export async function callPlatform(
  source: string,
  { fetch }: Pick<Surroundings, 'fetch'>,
  { url, method = 'GET', headers = {}, body, signal, timeout = patience, what, whenSilent }: PlatformCall,
): Promise<PlatformAnswer> {
  const { protocol, host, hostname } = url
  if (protocol !== 'https:' && !(protocol === 'http:' && local.test(hostname)))
    throw new SubjectTokenError(source, `${host} is not asked over ${protocol.slice(0, -1)}: it takes https`, {
      code: 'platform_not_safe',
    })
  // What a runtime says of a header or URL that it cannot send has it in full.
  if (url.username || url.password || Object.values(headers).some((value) => !/^[\x20-\x7e]*$/.test(value)))
    throw new SubjectTokenError(source, `what ${host} would be shown has characters that no header has`, {
      code: 'platform_not_safe',
    })
  try {
    const answer = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      ...(body !== undefined && { body }),
    })
    return { status: answer.status, text: await read(answer), headers: answer.headers }
  } catch (error) {
    signal.throwIfAborted()
    throw new SubjectTokenError(source, `${what ? `${what} (${host})` : host} gave no answer`, {
      code: 'platform_unavailable',
      isUnavailable: true,
      hint: whenSilent,
      cause: error,
    })
  }
}

/** Whether the same may succeed in a moment. */
export const isPassing = (status: number) => status === 408 || status === 429 || status >= 500

/** The members of a JSON object; none when it is none. */
export function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** What a variable of the platform names. Throws SubjectTokenError. */
export function platformUrl(source: string, variable: string, text: string): URL {
  if (URL.canParse(text)) return new URL(text)
  throw new SubjectTokenError(source, `${variable} is not a URL`, { code: 'platform_not_safe' })
}

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
