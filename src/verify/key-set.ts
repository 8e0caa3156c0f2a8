/**
 * Countersign's public keys, as an API has to keep them.
 * Rules: a set that is fresh is not asked for; one past its time is renewed before it is used, and serves on while that
 * fails, for a day; a good set is never replaced by an empty or unreadable one; a key that is no longer published is no
 * longer trusted once the set is renewed; an unknown key causes one look in 30 s; whoever waits for a look shares it.
 */
import { importJWK, type JWK } from 'jose'
import type { Connection } from './connection.ts'
import { VerifyError } from './verify-error.ts'

export type PublicKey = Awaited<ReturnType<typeof importJWK>>
/** The key of that id for that algorithm. Throws VerifyError: key_unknown, unavailable. */
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

export const algorithms = ['ES256', 'RS256', 'EdDSA']

export function createFindKey({ connection, elapsed }: Needs): FindKey {
  let held: Held | undefined
  let lastLook = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined

  async function look(): Promise<void> {
    lastLook = elapsed()
    const { status, headers, body } = await connection.get('/oauth/jwks')
    const keys = status === 200 ? await keysIn(body.keys) : new Map()
    if (keys.size === 0)
      throw new VerifyError('unavailable', { cause: new Error(`the key set is of no use (${status})`) })
    const maxAge = Number(/(?:^|[\s,])max-age=(\d+)/.exec(headers.get('cache-control') ?? '')?.[1] ?? 300) * 1000
    held = { keys, at: elapsed(), freshFor: Math.min(Math.max(maxAge, leastFresh), mostFresh) }
  }
  const shared = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }
  const isQuiet = () => elapsed() - lastLook < (held ? quiet : quietWithout)

  /** The set to judge by. While Countersign cannot be reached the last one serves. */
  async function current(): Promise<Held> {
    if (held && elapsed() - held.at < held.freshFor) return held
    if (!isQuiet() || looking)
      await shared().catch((error: unknown) => {
        if (!held) throw error
      })
    if (!held || elapsed() - held.at > staleFor)
      throw new VerifyError('unavailable', { says: 'the keys of Countersign cannot be had at the moment; try again' })
    return held
  }
  return async (kid, alg) => {
    const fitting = ({ keys }: Held) => (keys.get(kid)?.alg === alg ? keys.get(kid)?.key : undefined)
    const found = fitting(await current())
    if (found) return found
    if (!isQuiet() || looking) await shared().catch(() => {})
    const later = held && fitting(held)
    if (!later) throw new VerifyError('key_unknown')
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
