/**
 * Countersign's public keys, as an API has to keep them.
 * Rules: a fresh set serves at once, and is renewed beside it before its time is over; one past its time is renewed before
 * it is used, unless that has just failed: then it serves on, for a day, and nobody waits; a good set is never replaced by
 * an empty or unreadable one; a key that is no longer published is no longer trusted once the set is renewed; an unknown
 * key causes one look in 30 s; whoever waits for a look shares it.
 */
import { importJWK, type JWK } from 'jose'
import type { Connection } from './connection.ts'
import { VerifyError } from './verify-error.ts'

export type PublicKey = Awaited<ReturnType<typeof importJWK>>
/** The key of that id for that algorithm. Throws VerifyError: key_unknown; unavailable when nobody can know. */
export type FindKey = (kid: string, alg: string) => Promise<PublicKey>

/** `elapsed`: ms since whenever, which no setting of a clock moves. */
type Needs = { connection: Pick<Connection, 'get'>; elapsed: () => number }
type Held = { keys: ReadonlyMap<string, { alg: string; key: PublicKey }>; at: number; freshFor: number }

/** All in ms. */
const quiet = 30_000
/** While there is no key at all. */
const quietWithout = 1_000
const staleFor = 86_400_000
const leastFresh = 60_000
const mostFresh = 3_600_000
/** For how long a look that failed tells that the next would. */
const awayFor = 300_000
/** Of the time that a set is fresh for: when it is renewed beside its use. */
const renewAt = 0.8

export const algorithms = ['ES256', 'RS256', 'EdDSA']

export function createFindKey({ connection, elapsed }: Needs): FindKey {
  let held: Held | undefined
  let lastLook = Number.NEGATIVE_INFINITY
  /** When the last look failed; undefined when it did not. */
  let failedAt: number | undefined
  let looking: Promise<void> | undefined

  async function look(): Promise<void> {
    const at = elapsed()
    lastLook = at
    const { status, headers, body } = await connection.get('/oauth/jwks')
    const keys = status === 200 ? await keysIn(body.keys) : new Map()
    if (keys.size === 0)
      throw new VerifyError('unavailable', { cause: new Error(`the key set is of no use (${status})`) })
    const maxAge = Number(/(?:^|[\s,])max-age=(\d+)/.exec(headers.get('cache-control') ?? '')?.[1] ?? 300) * 1000
    held = { keys, at, freshFor: Math.min(Math.max(maxAge, leastFresh), mostFresh) }
    failedAt = undefined
  }
  const shared = (): Promise<void> => {
    looking ??= look()
      .catch((error: unknown) => {
        failedAt = elapsed()
        throw error
      })
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  const since = (time: number) => elapsed() - time
  const isQuiet = () => since(lastLook) < (held ? quiet : quietWithout)

  /** The set to judge by. While Countersign cannot be reached the last one serves. */
  async function current(): Promise<Held> {
    const isAway = failedAt !== undefined && since(failedAt) < awayFor
    if (held && (since(held.at) < held.freshFor || (isAway && since(held.at) <= staleFor))) {
      const isDue = since(held.at) >= held.freshFor * renewAt
      if (isDue && !isQuiet()) shared().catch(() => {})
      return held
    }
    if (!isQuiet() || looking)
      await shared().catch((error: unknown) => {
        if (!held) throw error
      })
    if (!held || since(held.at) > staleFor)
      throw new VerifyError('unavailable', { says: 'the keys of Countersign cannot be had at the moment; try again' })
    return held
  }
  return async (kid, alg) => {
    const fitting = ({ keys }: Held) => (keys.get(kid)?.alg === alg ? keys.get(kid)?.key : undefined)
    const set = await current()
    const found = fitting(set)
    if (found) return found
    // Known, and for another algorithm: no look can change that.
    if (set.keys.has(kid)) throw new VerifyError('key_unknown')
    if (!isQuiet() || looking) await shared().catch(() => {})
    const later = held && fitting(held)
    // While nobody can be asked, a key may well be a new one.
    if (!later) throw new VerifyError(failedAt === undefined ? 'key_unknown' : 'unavailable')
    return later
  }
}

/** Those that are of use; one that is not spoils no other. */
async function keysIn(jwks: unknown): Promise<Held['keys']> {
  const keys = new Map<string, { alg: string; key: PublicKey }>()
  for (const jwk of Array.isArray(jwks) ? (jwks as JWK[]) : []) {
    const { kid, alg, kty } = jwk ?? {}
    if (typeof kid !== 'string' || typeof alg !== 'string' || !algorithms.includes(alg) || kty === 'oct') continue
    const key = await importJWK(jwk, alg).catch(() => undefined)
    if (key) keys.set(kid, { alg, key })
  }
  return keys
}
