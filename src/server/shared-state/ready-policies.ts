/** Policies are compiled once for each version of theirs; nobody else waits while many are. */
import { setImmediate as soon } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Candidate, CompiledPolicy } from '../trust/compile.ts'
import type { WrittenCandidate } from '../trust/policy.ts'

/** Undefined for what cannot be compiled (any more): it grants nothing. */
export type ReadyPolicies = (written: readonly WrittenCandidate[]) => Promise<readonly Candidate[]>
export type Compile = (policy: WrittenCandidate['policy']) => Promise<CompiledPolicy | undefined>

const kept = 20_000
/** ms of work, after which others have their turn. */
const stint = 4

export function createReadyPolicies(compile: Compile): ReadyPolicies {
  const compiled = new LRUCache<string, CompiledPolicy>({ max: kept })
  return async (written) => {
    const found: Candidate[] = []
    let since = performance.now()
    for (const { policy, account } of written) {
      const key = `${policy.id}.${policy.version}`
      let ready = compiled.get(key)
      if (!ready) {
        if (performance.now() - since >= stint) {
          await soon()
          since = performance.now()
        }
        ready = await compile(policy)
        if (!ready) continue
        compiled.set(key, ready)
      }
      found.push({ policy: ready, account })
    }
    return found
  }
}
