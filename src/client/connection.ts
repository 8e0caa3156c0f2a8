/**
 * The calls to the service. Rules: no redirect is followed; an answer is small and comes in time, or not at all; whatever
 * goes wrong on the way is ServerUnavailableError, which may be tried again.
 */
import { ServerUnavailableError } from './federation-error.ts'
import type { Surroundings } from './surroundings.ts'

export type Answer = { status: number; headers: Headers; body: Readonly<Record<string, unknown>>; isJson: boolean }

/** Bytes of an answer, decoded. */
const longest = 1_048_576

/** Throws ServerUnavailableError, or the signal's reason. */
export async function post(
  { fetch }: Pick<Surroundings, 'fetch'>,
  url: string,
  form: URLSearchParams,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      // Some runtimes know no mode 'error': a redirect is no success, and so it is none of what is expected.
      redirect: 'manual',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      signal,
    })
    return await read(response)
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    if (cause instanceof ServerUnavailableError) throw cause
    throw new ServerUnavailableError(`${new URL(url).origin} does not answer: ${whyOf(cause)}`, {
      code: 'unreachable',
      hint: 'is the URL right, and may this machine reach it? countersign doctor looks',
      cause,
    })
  }
}

async function read(response: Response): Promise<Answer> {
  const { status, headers } = response
  const text = await textOf(response)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return { status, headers, body: {}, isJson: false }
  }
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  return { status, headers, body: isObject ? (body as Record<string, unknown>) : {}, isJson: isObject }
}

/** Read piece by piece: what is too long is never held. */
async function textOf({ body, url }: Response): Promise<string> {
  const reader = body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    length += value.length
    if (length > longest) {
      reader.cancel().catch(() => {})
      throw new ServerUnavailableError(`${url}: the answer is longer than ${longest} bytes`, {
        code: 'answer_too_long',
      })
    }
    text += decoder.decode(value, { stream: true })
  }
}

/** fetch says "fetch failed"; what failed is in its cause (ECONNREFUSED, ENOTFOUND, a certificate). */
function whyOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown; message?: unknown } }
  const why = cause?.code ?? cause?.message ?? (error as Error)?.message
  return typeof why === 'string' && why !== '' ? why : 'the connection failed'
}
