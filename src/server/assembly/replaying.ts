/** Policies tried on what is on record. */
import type { Logger } from 'pino'
import type { TrailStore } from '../audit/store.ts'
import { createReplay, type Replay } from '../exchange/replay/replay.ts'
import { createSuggest, type Suggest } from '../exchange/replay/suggest.ts'
import type { Storage } from '../storage/storage.ts'
import type { Candidate } from '../trust/compile.ts'
import type { Presets } from '../trust/preset-of.ts'
import { readyPolicies } from './policies.ts'

/** `trail`: where what was durable before is found. */
type Needs = { storage: Pick<Storage, 'reading'>; trail: TrailStore; presets: Presets; log: Logger; now: () => number }

/** Policies of subjects that are remembered during one replay: thousands may fit thousands. */
const mostRemembered = 100_000

export function replaying({ storage: { reading }, trail, presets, log, now }: Needs): {
  replay: Replay
  suggest: Suggest
} {
  const { lookups } = reading
  const ready = readyPolicies(log)
  /** As they are now: what the exchange remembers may be a second old. */
  const candidates = () => {
    const globs = new Map<string, Promise<readonly Candidate[]>>()
    const bySubject = new Map<string, readonly Candidate[]>()
    let remembered = 0
    const globsOf = (issuerId: string) => {
      const known = globs.get(issuerId) ?? lookups.globPolicies(issuerId).then(ready)
      globs.set(issuerId, known)
      return known
    }
    const found = async (issuerId: string, subject: string) => {
      const [exact, patterns] = await Promise.all([
        lookups.exactPolicies(issuerId, subject).then(ready),
        globsOf(issuerId),
      ])
      return [...exact, ...patterns.filter(({ policy }) => policy.fitsSubject(subject))]
    }
    return async (issuerId: string, subject: string) => {
      const key = `${issuerId} ${subject}`
      const known = bySubject.get(key)
      if (known) return known
      const fresh = await found(issuerId, subject)
      remembered += fresh.length + 1
      if (remembered > mostRemembered) {
        bySubject.clear()
        remembered = fresh.length + 1
      }
      bySubject.set(key, fresh)
      return fresh
    }
  }
  const stopwatch = () => performance.now()
  return {
    replay: createReplay({ trail: { first: trail, rest: reading.trail }, candidates, now, stopwatch }),
    suggest: createSuggest({ trail, lookups, candidates, presets, stopwatch }),
  }
}
