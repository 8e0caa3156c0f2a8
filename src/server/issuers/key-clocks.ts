/**
 * The three clocks of an issuer's keys (domain.md, "Keys of the issuers"): fresh, stale, quiet. Pure.
 * Times are milliseconds since 1970.
 */
import type { KeySet } from './key-set.ts'
import type { JwkSet } from './model.ts'

/** What is known about the keys of one registration. Times are 0 for never. */
export type KeyState = {
  set: KeySet | undefined
  jwks: JwkSet | null
  fetchedAt: number
  freshUntil: number
  attemptedAt: number
  /** Attempts that failed since the last success. */
  failures: number
  message: string | null
}

export type KeySummary = { kid: string | null; kty: string; alg: string }
/** Times are RFC 3339. `stale`: the last attempt failed, and the keys known before serve. */
export type IssuerHealth = {
  state: 'unknown' | 'ok' | 'stale' | 'failing'
  last_success?: string
  last_attempt?: string
  message?: string
  keys: KeySummary[]
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const staleFor = 24 * hour
const shortestQuiet = 30 * second
const longestQuiet = 5 * minute

export const unknownState = (): KeyState => ({
  set: undefined,
  jwks: null,
  fetchedAt: 0,
  freshUntil: 0,
  attemptedAt: 0,
  failures: 0,
  message: null,
})

/** How long an answer is fresh: what it says, between 5 minutes and an hour; 5 minutes when it says nothing. */
export const freshSpan = (said: number | undefined) => Math.min(Math.max(said ?? 0, 5 * minute), hour)

/** Until when nothing is fetched, whoever asks: 30 s after any attempt, doubling to 5 minutes while it fails. */
export function quietUntil({ attemptedAt, failures }: KeyState): number {
  if (attemptedAt === 0) return 0
  return attemptedAt + Math.min(shortestQuiet * 2 ** Math.max(0, failures - 1), longestQuiet)
}

/** Whether it is quiet time. An attempt in the future is a clock that was set back, and keeps nobody from trying. */
export const isQuiet = (state: KeyState, now: number) => state.attemptedAt <= now + minute && now < quietUntil(state)

export const isFresh = (state: KeyState, now: number) => state.fetchedAt <= now + minute && now < state.freshUntil

/** From when on a fresh set is fetched anew in the background. */
export const refreshAt = ({ fetchedAt, freshUntil }: KeyState) => fetchedAt + 0.8 * (freshUntil - fetchedAt)

/** The keys that may serve: fresh ones, and stale ones for a day more. */
export function servingKeys(state: KeyState, now: number): KeySet | undefined {
  return now < state.freshUntil + staleFor ? state.set : undefined
}

/** Nobody has used it for so long that its keys may rest until somebody does. */
export const isIdle = (usedAt: number, now: number) => now - usedAt > staleFor

export function healthOf(state: KeyState, now: number): IssuerHealth {
  const serving = servingKeys(state, now)
  return {
    state: stateOf(state, serving),
    ...(state.fetchedAt > 0 && { last_success: new Date(state.fetchedAt).toISOString() }),
    ...(state.attemptedAt > 0 && { last_attempt: new Date(state.attemptedAt).toISOString() }),
    ...(state.message !== null && { message: state.message }),
    keys: serving ? summaries(serving) : [],
  }
}

/** `serving`: the keys that may serve. */
export function stateOf({ attemptedAt, failures }: KeyState, serving: KeySet | undefined): IssuerHealth['state'] {
  if (!serving) return attemptedAt === 0 ? 'unknown' : 'failing'
  return failures > 0 ? 'stale' : 'ok'
}

export function summaries(set: KeySet): KeySummary[] {
  return set.keys.map(({ kid, kty, algorithms }) => ({
    kid: kid ?? null,
    kty,
    alg: kty === 'OKP' ? 'EdDSA' : algorithms.join(', '),
  }))
}
