/** Requests that bear an Idempotency-Key: asked again, they are answered as before. */
import { Refusal } from '../errors/refusal.ts'
import { type Seal, SealError } from '../tokens/seal.ts'
import type { KeptAnswer } from './store.ts'

/** An answer that may be asked for again under the same Idempotency-Key. */
export type Repeatable = { scope: string; digest: string }

/** What was answered to this very request before. Throws Refusal('idempotency_key_reused') when it was another request. */
export function repeated(seal: Seal, { digest }: Repeatable, before: KeptAnswer | undefined) {
  const kept = before && opened(seal, before)
  if (!kept) return undefined
  if (before?.digest !== digest) throw new Refusal('idempotency_key_reused')
  return { answer: JSON.parse(kept) }
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
