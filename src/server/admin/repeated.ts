/** Requests that bear an Idempotency-Key: asked again, they are answered as before. */
import { Refusal } from '../errors/refusal.ts'
import { type Seal, SealError } from '../tokens/seal.ts'
import type { KeptAnswer } from './store.ts'

/** An answer that may be asked for again under the same Idempotency-Key. */
export type Repeatable = { scope: string; digest: string }

/**
 * `ends`: what the deed was to end, while it is not certain that all of it has ended (overdue.ts). Whoever is answered
 * with it ends that anew.
 */
export type Repeated<T extends object> = { answer: T; ends: readonly string[] }

/** ms. */
const keptFor = 24 * 3_600_000

/** What was answered to this very request before. Throws Refusal('idempotency_key_reused') when it was another request. */
export function repeated<T extends object>(seal: Seal, { digest }: Repeatable, before: KeptAnswer | undefined) {
  const kept = before && opened(seal, before)
  if (!kept) return undefined
  if (before?.digest !== digest) throw new Refusal('idempotency_key_reused')
  const read = JSON.parse(kept) as { unfinished?: Repeated<T> } & T
  return read.unfinished ?? { answer: read, ends: [] }
}

/** `at`: ms. */
export function toKeep(seal: Seal, repeat: Repeatable, { answer, ends }: Repeated<object>, at: number): KeptAnswer {
  const kept = ends.length > 0 ? { unfinished: { answer, ends } } : answer
  return { ...repeat, sealed: seal.close(Buffer.from(JSON.stringify(kept)), repeat.scope), expiresAt: at + keptFor }
}

/** An answer sealed under a master key that is no longer given cannot be repeated: it is as good as forgotten. */
function opened(seal: Seal, { sealed, scope }: KeptAnswer): string | undefined {
  try {
    return seal.open(sealed, scope).plain.toString()
  } catch (error) {
    if (error instanceof SealError) return undefined
    throw error
  }
}
