/** What explain answers, as the contract has it, and how its steps are taken down. */
import type { Json } from '../../protocol/json.ts'
import type { Reason } from '../errors/catalogue.ts'
import { Refusal, StorageUnavailable } from '../errors/refusal.ts'
import type { Hint } from '../trust/hints.ts'

export const explainedSteps = ['read', 'issuer', 'signature', 'time', 'match', 'single_use', 'grant'] as const
export type ExplainedStepName = (typeof explainedSteps)[number]
export const stepOutcomes = ['ok', 'failed', 'skipped'] as const
/** `fits`: every test holds, and it grants nothing all the same: a draft, or the token is refused by a step. */
export const candidateOutcomes = ['granted', 'fits', 'refused'] as const

/** `isSkipped`: it was not looked at, and what comes behind it is all the same. */
export type Told = { message: string; expected?: Json; received?: Json; hints?: readonly Hint[]; isSkipped?: true }
export type ExplainedStep = Omit<Told, 'hints' | 'isSkipped'> & {
  step: ExplainedStepName
  outcome: (typeof stepOutcomes)[number]
  reason?: Reason
  hints: readonly Hint[]
}
export type ExplainedCondition = {
  claim: string
  op: string
  expected: Json
  received: Json
  holds: boolean
  hints: readonly Hint[]
}
/** `policy`: its id; null for one that is only tried. `name`: of the policy. */
export type ExplainedCandidate = {
  service_account: string
  team: string
  policy: string | null
  name: string | null
  state: string
  outcome: (typeof candidateOutcomes)[number]
  conditions: readonly ExplainedCondition[]
  hints: readonly Hint[]
}
/** `expires_in` in seconds. `user`: where the token stands for a person. */
export type ExplainedGrant = { service_account?: string; user?: string; scope: string; expires_in: number }
export type Explained = {
  outcome: 'granted' | 'refused'
  reason?: Reason
  steps: readonly ExplainedStep[]
  candidates: readonly ExplainedCandidate[]
  grant?: ExplainedGrant
}

/** A step that fails, with more to say of it than the refusal has. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed'
  readonly refusal: Refusal
  readonly told: Partial<Told>
  constructor(refusal: Refusal, told: Partial<Told> = {}) {
    super(refusal.reason, { cause: refusal })
    this.refusal = refusal
    this.told = told
  }
}

/** The steps in their order; behind the first that fails nothing is looked at. */
export function createSteps() {
  const steps: ExplainedStep[] = []
  let reason: Reason | undefined
  const failed = (step: ExplainedStepName, refusal: Refusal, { message, ...told }: Partial<Told> = {}) => {
    reason = refusal.reason
    steps.push({ step, outcome: 'failed', reason, message: message ?? refusal.says, hints: [], ...told })
  }
  return {
    steps,
    reason: () => reason,
    /** `given`: what the steps before have found; undefined when one of them failed. */
    async take<G, T>(
      step: ExplainedStepName,
      given: G | undefined,
      work: (given: G) => Promise<{ value: T; told: Told }>,
    ): Promise<T | undefined> {
      if (given === undefined) {
        steps.push({ step, outcome: 'skipped', message: 'not looked at: a step before it failed', hints: [] })
        return undefined
      }
      try {
        const { value, told } = await work(given)
        const { isSkipped, ...said } = told
        steps.push({ step, outcome: isSkipped ? 'skipped' : 'ok', hints: [], ...said })
        return value
      } catch (error) {
        // What cannot be looked at is explained to nobody.
        if (error instanceof StorageUnavailable) throw error
        if (error instanceof StepFailed) failed(step, error.refusal, error.told)
        else if (error instanceof Refusal) failed(step, error)
        else throw error
        return undefined
      }
    },
  }
}
