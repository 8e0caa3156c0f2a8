/**
 * A policy as it can be judged on a token of which the audit trail did not keep all: some claims were redacted, cut or
 * shortened, and of some exchanges none were kept. Nothing is ever said to hold by what is not known. Pure.
 */
import type { JsonObject } from '../../protocol/json.ts'
import type { CelAnswer } from './cel-program.ts'
import { parseClaim } from './claim.ts'
import type { Candidate, CompiledPolicy } from './compile.ts'
import type { CompiledCondition } from './condition.ts'
import { type KeptClaims, withoutDoubt } from './doubt.ts'
import { hint } from './hints.ts'

/** `whole`: claims were kept at all. */
export function asRecorded(candidate: Candidate, kept: KeptClaims, whole: boolean): Candidate {
  const { policy, account } = candidate
  const only = (part: Partial<Pick<CompiledPolicy, 'conditions' | 'cel'>>) => {
    const { cel: _, ...rest } = policy
    return withoutDoubt({ account, policy: { ...rest, conditions: [], ...part } as CompiledPolicy }, kept)
  }
  const conditions = policy.conditions.map((condition): CompiledCondition => {
    const isKept = whole || Object.hasOwn(kept.claims, firstOf(condition))
    const { candidate: sure, doubts } = only({ conditions: [condition] })
    if (!isKept || doubts.length > 0) return { ...condition, holds: () => false, unknown: () => [why] }
    // By the members of a list that are known.
    return sure.policy.conditions.length === 0 ? { ...condition, holds: () => true } : condition
  })
  const { cel } = policy
  const isJudged = !cel || (whole && only({ cel }).doubts.length === 0)
  const unjudged = cel && !isJudged ? { cel: { ...cel, program: { ...cel.program, evaluate: () => unknown } } } : {}
  return { policy: { ...policy, conditions, ...unjudged }, account }
}

const firstOf = ({ claim }: CompiledCondition): string => {
  const parsed = parseClaim(claim)
  return ('path' in parsed ? parsed.path[0] : undefined) ?? ''
}

const unknown: CelAnswer = {
  outcome: 'error',
  message: 'it reads what is not in the audit trail as the token had it',
  milliseconds: 0,
}
const why = hint(
  'missing_claim',
  'what the token said here is not in the audit trail (redacted, cut or not kept): explain the token itself',
)

/** What is known of a token whose claims were not kept. */
export const leftOf = (iss: string, sub: string, aud: JsonObject[string] | undefined): JsonObject => ({
  iss,
  ...(sub === '' ? {} : { sub }),
  ...(aud === undefined ? {} : { aud }),
})
