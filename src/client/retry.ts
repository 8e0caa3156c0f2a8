/** Tries again what may succeed later, until the time is up: full jitter, and never before the service wants to be asked. */
import { FederationError } from './federation-error.ts'

/** Milliseconds. */
const first = 250
const longest = 5_000
/** To say why, when the time is up. */
const farewell = 20

export type Failed = { error: unknown; attempt: number; retryInMs: number | undefined }
export type Retrying = {
  /** Milliseconds for everything, and for one attempt. */
  timeout: number
  perAttempt: number
  now(): number
  random(): number
  /** Ends it all; its reason is thrown. */
  signal: AbortSignal
  /** Resolves after that many ms; rejects with the signal's reason. */
  pause(ms: number, signal: AbortSignal): Promise<void>
  /** Each attempt that failed, before the pause. */
  failed(what: Failed): void
}

/** Throws what the last attempt threw. `work` gets a signal that ends the attempt. */
export async function withRetries<T>(retrying: Retrying, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { timeout, perAttempt, now, signal, pause, failed } = retrying
  const spent = stopwatch(now)
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    try {
      return await within(Math.min(perAttempt, Math.max(timeout - spent(), 1)), signal, work)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const wait = pauseAfter(error, attempt, retrying)
      const isLast = wait === undefined || spent() + wait >= timeout
      failed({ error, attempt, retryInMs: isLast ? undefined : wait })
      if (isLast) throw error
      await pause(wait, signal)
    }
  }
}

/** ms since now; a clock that is set back stands still, so that nobody waits for the hour that it lost. */
function stopwatch(now: () => number): () => number {
  let spent = 0
  let last = now()
  return () => {
    const at = now()
    spent += Math.max(at - last, 0)
    last = at
    return spent
  }
}

/** ms; undefined when asking again cannot help. */
function pauseAfter(error: unknown, attempt: number, { random }: Retrying): number | undefined {
  if (!(error instanceof FederationError) || !error.retryable) return undefined
  const jitter = random() * Math.min(longest, first * 2 ** (attempt - 1))
  const wanted = (error as { retryAfter?: number }).retryAfter
  // All whom the service sent away until the same moment do not come back at the same moment.
  return wanted === undefined ? Math.max(jitter, 50) : wanted * 1000 + jitter
}

async function within<T>(ms: number, outer: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const give = () => controller.abort(outer.reason)
  outer.addEventListener('abort', give, { once: true })
  const timer = setTimeout(() => controller.abort(late(ms)), ms)
  try {
    // Whoever does not heed the signal does not keep us; whoever does says what it was that did not come.
    const ended = new Promise<never>((_, reject) => {
      const give = () => setTimeout(() => reject(controller.signal.reason), farewell)
      controller.signal.addEventListener('abort', give, { once: true })
    })
    return await Promise.race([work(controller.signal), ended])
  } finally {
    clearTimeout(timer)
    outer.removeEventListener('abort', give)
  }
}

const late = (ms: number) =>
  new FederationError('unavailable', `no answer within ${Math.round(ms / 1000)} s`, {
    code: 'timeout',
    hint: 'is the service reachable from here, and what gives the identity? countersign doctor looks',
  })
