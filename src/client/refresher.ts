/**
 * One refresh at a time, whoever asks. Rules: all who wait share it; one that began before `invalidate` does not put its
 * token back (a generation counts up); a caller that gives up gives up for itself alone; between attempts it keeps a process
 * alive only while somebody waits.
 */
import { type Failed, withRetries } from './retry.ts'

type Needs<Token> = {
  /** `isCurrent`: whether it has not been overtaken meanwhile. */
  work(signal: AbortSignal, isForced: boolean, isCurrent: () => boolean): Promise<Token>
  timeout: number
  now(): number
  random(): number
  /** Not of a refresh that was overtaken. */
  failed(what: Failed): void
  /** A new token; not of a refresh that was overtaken. */
  obtained(token: Token): void
}
export type Refresh<Token> = {
  readonly done: Promise<Token>
  /** When it has failed for the first time: true, and it goes on; or when it has ended: false. */
  readonly isDelayed: Promise<boolean>
  /** Somebody waits, and does no more when what this answers with is called: so long the process lives. */
  hold(): () => void
}
export type Refresher<Token> = {
  /** The one that is under way, else a new one. `isForced`: what is cached elsewhere does not do. */
  refresh(isForced?: boolean): Refresh<Token>
  /** What is under way counts no more. */
  overtake(): void
  close(reason: unknown): void
}

/** Milliseconds. */
const perAttempt = 10_000

export function createRefresher<Token>(needs: Needs<Token>): Refresher<Token> {
  const { work, timeout, now, random, failed, obtained } = needs
  const closed = new AbortController()
  let generation = 0
  let isOvertaken = false
  let current: { refresh: Refresh<Token>; generation: number; isForced: boolean } | undefined

  function begin(isForced: boolean): Refresh<Token> {
    const timer = heldTimer()
    let tell = (_isDelayed: boolean) => {}
    const isDelayed = new Promise<boolean>((resolve) => {
      tell = resolve
    })
    const mine = generation
    const isCurrent = () => mine === generation
    const done = withRetries(
      {
        timeout,
        perAttempt,
        now,
        random,
        signal: closed.signal,
        pause: timer.pause,
        failed(what) {
          if (isCurrent()) failed(what)
          if (what.retryInMs !== undefined) tell(true)
        },
      },
      (signal) => work(signal, isForced, isCurrent),
    )
      .then((token) => {
        if (isCurrent()) obtained(token)
        return token
      })
      .finally(() => {
        if (current?.generation === mine) current = undefined
        tell(false)
      })
    // Those who wait hear of it; a refresh in the background has told by `failed`.
    done.catch(() => {})
    const refresh = { done, isDelayed, hold: timer.hold }
    current = { refresh, generation: mine, isForced }
    return refresh
  }

  return {
    refresh(isForced = false) {
      if (current?.generation === generation) {
        if (current.isForced || !isForced) return current.refresh
        generation++
      }
      const refresh = begin(isForced || isOvertaken)
      isOvertaken = false
      return refresh
    },
    overtake() {
      generation++
      isOvertaken = true
    },
    close: (reason) => closed.abort(reason),
  }
}

/** A pause that keeps the process alive only while it is held. */
function heldTimer() {
  let holders = 0
  let timer: { ref?(): unknown; unref?(): unknown } | undefined
  return {
    hold() {
      holders++
      timer?.ref?.()
      return () => {
        if (--holders === 0) timer?.unref?.()
      }
    },
    pause: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const ended = () => {
          clearTimeout(id)
          reject(signal.reason)
        }
        const id = setTimeout(() => {
          signal.removeEventListener('abort', ended)
          timer = undefined
          resolve()
        }, ms)
        // Browsers and workers give a number.
        if (typeof id === 'object') timer = id
        if (holders === 0) timer?.unref?.()
        signal.addEventListener('abort', ended, { once: true })
      }),
  }
}
