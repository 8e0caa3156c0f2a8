import type { Logger } from 'pino'
import { createReadyPolicies, type ReadyPolicies } from '../shared-state/ready-policies.ts'
import { loadCel } from '../trust/cel.ts'
import type { Cel } from '../trust/cel-program.ts'
import { compilePolicy } from '../trust/compile.ts'

/** The engine of expressions is loaded for the first policy that has one. */
export function readyPolicies(log: Logger): ReadyPolicies {
  let engine: Promise<Cel> | undefined
  const cel = () => {
    engine ??= loadCel()
    return engine
  }
  return createReadyPolicies(async (policy) => {
    const made = compilePolicy(policy, policy.cel === null ? undefined : await cel())
    if (made.ok) return made.policy
    log.error({ policy: policy.id, faults: made.faults }, 'a policy that is kept cannot be compiled: it grants nothing')
    return undefined
  })
}
