/** Tokens of an issuer that allows one use: the claim is atomic, durable, and outlives the token. */
import { randomUUID } from 'node:crypto'
import { Refusal } from '../errors/refusal.ts'
import type { VerifiedToken } from '../issuers/verify.ts'
import type { ReplayStore } from './store.ts'

/** The claim led to no token, since nothing could be recorded: the next try with this token is its first. */
export type Forgive = () => void

export interface ReplayGuard {
  /** Throws Refusal('token_replayed') when the token was used before, further back than the issuer's grace. */
  claim(token: VerifiedToken): Promise<Forgive>
  /** Whether a claim would be refused now; nothing is claimed. */
  isUsed(token: VerifiedToken): Promise<boolean>
}

/** An outage fails so many exchanges at the most before more of them count as used. */
const mostForgiven = 10_000
/** Seconds. */
const widestTolerance = 300
const unclaimed: Forgive = () => {}

export function createReplayGuard({ store, now }: { store: ReplayStore; now: () => number }): ReplayGuard {
  const forgiven = new Set<string>()
  /** Claims of which no answer came: each may be there, and is then its own. */
  const unanswered = new Map<string, string>()
  /** The first use before this one, if any. */
  async function claimed(digest: string, at: number, until: number): Promise<number | undefined> {
    const tryId = unanswered.get(digest) ?? randomUUID()
    // Of two who try again, one comes as the one who had no answer.
    unanswered.delete(digest)
    try {
      return await store.claim(digest, at, until, tryId)
    } catch (error) {
      if (unanswered.size < mostForgiven) unanswered.set(digest, tryId)
      throw error
    }
  }
  return {
    async claim(token) {
      const { registration, expiresAt } = token
      if (!registration.singleUse) return unclaimed
      const digest = token.replayDigest()
      const forgive = () => {
        if (forgiven.size < mostForgiven) forgiven.add(digest)
      }
      // Deleting is atomic here: of two who try again, one is forgiven and the other meets the claim.
      if (forgiven.delete(digest)) return forgive
      const at = now()
      // Accepted until exp and the widest tolerance that may be set meanwhile; a minute more for clocks that differ.
      const until = (expiresAt + widestTolerance + 60) * 1000
      const first = await claimed(digest, at, until)
      if (first === undefined) return forgive
      if (!isWithin(registration.singleUseGrace, at, first)) throw new Refusal('token_replayed')
      // In the grace of an earlier use, which this one must not undo.
      return unclaimed
    },
    async isUsed(token) {
      const { registration } = token
      if (!registration.singleUse) return false
      const digest = token.replayDigest()
      if (forgiven.has(digest) || unanswered.has(digest)) return false
      const first = await store.find(digest)
      return first !== undefined && !isWithin(registration.singleUseGrace, now(), first)
    },
  }
}

/** Without a grace nothing is within it, the same millisecond neither. On both sides: clocks differ, and are set back. */
const isWithin = (grace: number, at: number, first: number) => grace > 0 && Math.abs(at - first) <= grace * 1000
