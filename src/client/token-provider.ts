/**
 * The access token of a workload, always fresh. Rules: a token in hand is served at once, and replaced in the background
 * before it ends; who has to wait, waits for the one exchange that all wait for; what is refused is said with a reason.
 */
import { type AccessToken, accessTokenOf, type Obtained } from './access-token.ts'
import { authorizedFetch } from './authorized-fetch.ts'
import { exchange, revoke } from './exchange.ts'
import { ConfigError, FederationError, SubjectTokenError } from './federation-error.ts'
import { openFileCache } from './file-cache.ts'
import { createGivenOut } from './given-out.ts'
import { createListeners } from './listeners.ts'
import type { TokenProviderOptions } from './provider-options.ts'
import { settingsOf } from './provider-settings.ts'
import type { TokenAsk, TokenEvents, TokenProvider } from './provider-shape.ts'
import { isKnownAge } from './refresh-times.ts'
import { createRefresher, type Refresh } from './refresher.ts'
import { createSubjectFinder } from './sources/find.ts'
import { ownSurroundings } from './surroundings.ts'
import { waitFor } from './wait-for.ts'

export type { AccessToken } from './access-token.ts'
export type { TokenAsk, TokenEvents, TokenProvider } from './provider-shape.ts'

/** `served`: what getToken answers with, made once. */
type Held = { readonly shown: AccessToken; readonly served: Promise<AccessToken>; readonly obtained: Obtained }

/** ms between refreshes in the background that failed: doubled each time, up to the second. */
const firstQuiet = 2_000
const longestQuiet = 60_000
/** What holds from one moment on, for so many ms; not before it, so that a clock that is set back does not lengthen it. */
type Span<T> = { readonly what: T; readonly from: number; readonly ms: number }

/** ms in which what was refused is not asked again. */
const refusedFor = 1_000

/** Throws ConfigError for options that cannot be. */
export function createTokenProvider(options: TokenProviderOptions = {}): TokenProvider {
  const here = options.surroundings ?? ownSurroundings()
  const { now } = here
  const settings = settingsOf(options, here.env)
  const findSubject = createSubjectFinder(options.source, here)
  const cache = openFileCache(options.cache, settings, here)
  const listeners = createListeners<TokenEvents>()
  const givenOut = createGivenOut(now)
  const needs = { settings, here, random: Math.random }
  let held: Held | undefined
  let refused: Span<unknown> | undefined
  let quiet: Span<true> | undefined
  let failures = 0

  const refresher = createRefresher({
    timeout: settings.timeout,
    now,
    random: Math.random,
    async work(signal, isForced, isCurrent) {
      const found = await findSubject({ audience: settings.audience, signal })
      const kept = await cache?.read(found, isForced)
      if (kept !== undefined && isKnownAge(kept.times, now()) && now() < kept.times.advisory) {
        givenOut.add(kept)
        return heldOf(kept)
      }
      const obtained = await exchange(needs, found, signal)
      givenOut.add(obtained)
      if (isCurrent()) await cache?.write(found, obtained)
      return heldOf(obtained)
    },
    obtained(token) {
      held = token
      refused = undefined
      failures = 0
      quiet = undefined
      listeners.tell('refresh', { token: token.shown })
    },
    failed({ error, attempt, retryInMs }) {
      if (retryInMs === undefined) {
        const wanted = ((error as { retryAfter?: number }).retryAfter ?? 0) * 1000
        // Whom the service has sent away until later, it does not see before.
        if (!isRetryable(error) || wanted > 0) refused = { what: error, from: now(), ms: wanted || refusedFor }
        const ms = Math.max(Math.min(firstQuiet * 2 ** failures++, longestQuiet), wanted)
        quiet = { what: true, from: now(), ms }
      }
      listeners.tell('refreshFailed', { error: error as Error, attempt, retryInMs, isServed: alive() !== undefined })
    },
  })

  function during<T>(span: Span<T> | undefined): T | undefined {
    return span !== undefined && now() >= span.from && now() < span.from + span.ms ? span.what : undefined
  }

  /** What has not expired. */
  function alive(): Held | undefined {
    if (held === undefined) return undefined
    const { times } = held.obtained
    return isKnownAge(times, now()) && now() < times.expiry ? held : undefined
  }

  /** What may be served without waiting. `least`: ms that it has to live; what a new token hardly has is not asked of it. */
  function servable(least: number | undefined): Held | undefined {
    const found = alive()
    if (found === undefined) return undefined
    const { mandatory, obtained, expiry } = found.obtained.times
    const latest =
      least === undefined ? mandatory : Math.min(mandatory, expiry - Math.min(least, (expiry - obtained) * 0.8))
    return now() < latest ? found : undefined
  }

  async function fetched(
    refresh: Refresh<Held>,
    signal: AbortSignal | undefined,
    mayServe: boolean,
  ): Promise<AccessToken> {
    const release = refresh.hold()
    try {
      // Not done at the first attempt: what has a few seconds left serves.
      if (mayServe && (await waitFor(refresh.isDelayed, signal))) {
        const last = alive()
        if (last !== undefined) return last.shown
      }
      return (await waitFor(refresh.done, signal)).shown
    } catch (error) {
      return lastUpon(error, mayServe).shown
    } finally {
      release()
    }
  }

  /** What is left of the old one serves, unless the service itself has said no. Throws the error where it does not. */
  function lastUpon(error: unknown, mayServe: boolean): Held {
    const isOfPlatform = error instanceof SubjectTokenError
    const last = mayServe && (isRetryable(error) || isOfPlatform) ? alive() : undefined
    if (last === undefined) throw error
    return last
  }

  const provider: TokenProvider = {
    getToken(ask) {
      if (ask === undefined) {
        const found = servable(undefined)
        if (found !== undefined && now() < found.obtained.times.advisory) return found.served
      }
      return slowly(ask ?? {})
    },
    peek: () => servable(undefined)?.shown,
    invalidate() {
      held = undefined
      refused = undefined
      quiet = undefined
      refresher.overtake()
    },
    fetch: (input, init) => send(input, init),
    on: listeners.on,
    async revoke() {
      const tokens = givenOut.take()
      provider.invalidate()
      await cache?.forget()
      const signal = AbortSignal.timeout(settings.timeout)
      const ended = await Promise.allSettled(tokens.map((token) => revoke(needs, token, signal)))
      for (const each of ended) if (each.status === 'rejected') throw each.reason
    },
    async [Symbol.asyncDispose]() {
      refresher.close(new ConfigError('the token provider was disposed of', { code: 'disposed' }))
      listeners.clear()
    },
  }
  const send = authorizedFetch(provider, here)

  async function slowly({ signal, forceRefresh = false, minTtlSeconds }: TokenAsk): Promise<AccessToken> {
    signal?.throwIfAborted()
    if (forceRefresh) return fetched(refresher.refresh(true), signal, false)
    const least = minTtlSeconds === undefined ? undefined : minTtlSeconds * 1000
    const found = servable(least)
    if (found !== undefined) {
      if (now() >= found.obtained.times.advisory && !during(quiet)) refresher.refresh()
      return found.shown
    }
    const error = during(refused)
    if (error !== undefined) return lastUpon(error, least === undefined).shown
    const fresh = await fetched(refresher.refresh(), signal, least === undefined)
    // Out of the cache comes what serves others, and may not live as long.
    return least === undefined || cache === undefined || servable(least) !== undefined
      ? fresh
      : fetched(refresher.refresh(true), signal, false)
  }
  return provider
}

function heldOf(obtained: Obtained): Held {
  const shown = accessTokenOf(obtained)
  return { shown, served: Promise.resolve(shown), obtained }
}

const isRetryable = (error: unknown) => error instanceof FederationError && error.retryable
