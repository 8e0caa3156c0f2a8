/** Policies as they are written, made ready to be replayed without being kept. */
import { Refusal } from '../../errors/refusal.ts'
import { loadCel } from '../../trust/cel.ts'
import { type Candidate, compilePolicy } from '../../trust/compile.ts'
import type { CandidateAccount, TrustPolicy, WrittenCandidate } from '../../trust/policy.ts'
import type { Change } from './replay.ts'

type Written = Omit<WrittenCandidate['policy'], 'version'>

/** Throws Refusal('body_invalid') when it cannot be compiled, with every fault. */
export async function readied(policy: Written, account: CandidateAccount): Promise<Candidate> {
  const made = compilePolicy(policy, policy.cel === null ? undefined : await loadCel())
  if (!made.ok) throw new Refusal('body_invalid', { errors: made.faults })
  return { policy: made.policy, account }
}

/** `after`: undefined when it is deleted. What is kept and cannot be compiled any more grants nothing. */
export async function changeOf(
  before: TrustPolicy | undefined,
  after: Written | undefined,
  account: CandidateAccount,
): Promise<Change> {
  const was = before && (await readied(before, account).catch(() => undefined))
  const becomes = after && (await readied(after, account))
  return { ...(was ? { before: was } : {}), ...(becomes ? { after: becomes } : {}) }
}
