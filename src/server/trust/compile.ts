/**
 * From a policy as it is written to one that is ready: every fault is found here, once, and never when somebody waits
 * for a token. What cannot be compiled any more grants nothing. Pure.
 */
import type { JsonObject } from '../../protocol/json.ts'
import type { Cel, CelProgram } from './cel-program.ts'
import { type CompiledCondition, compileCondition } from './condition.ts'
import { compileGlob } from './glob.ts'
import type { CandidateAccount, WrittenCandidate, WrittenPolicy } from './policy.ts'

declare const compiled: unique symbol

/** Made here alone. */
export type CompiledPolicy = {
  readonly [compiled]: true
  readonly id: string
  readonly name: string
  readonly issuerId: string
  readonly subject: string
  readonly match: WrittenPolicy['match']
  readonly state: WrittenPolicy['state']
  readonly fitsSubject: (subject: string) => boolean
  readonly conditions: readonly CompiledCondition[]
  readonly cel?: { readonly source: string; readonly program: CelProgram }
}

/** A policy that is ready, with the account it leads to. */
export type Candidate = { readonly policy: CompiledPolicy; readonly account: CandidateAccount }

/** `path`: as in a body, `conditions.1.value`. Of CEL: line and column from 1, and two lines that show the place. */
export type PolicyFault = { path: string; message: string; line?: number; column?: number; caret?: string }

/** As many tests as anybody needs; each is asked of every token of the subject. */
export const mostConditions = 64
/** Characters of all conditions as JSON: as long as a token may be, and every policy of an issuer is held in memory. */
export const longestConditions = 16_384

type Ids = Pick<WrittenCandidate['policy'], 'id' | 'name' | 'issuerId'>
type Compiled = { ok: true; policy: CompiledPolicy } | { ok: false; faults: readonly PolicyFault[] }

/** `cel`: needed where the policy has an expression. */
export function compilePolicy(written: WrittenPolicy & Ids, cel?: Cel): Compiled {
  const faults: PolicyFault[] = []
  const conditions: CompiledCondition[] = []
  for (const [i, condition] of written.conditions.entries()) {
    const made = compileCondition(condition)
    if ('holds' in made) conditions.push(made)
    else faults.push({ path: `conditions.${i}.${made.path}`, message: made.message })
  }
  if (JSON.stringify(written.conditions).length > longestConditions)
    faults.push({ path: 'conditions', message: `must be at most ${longestConditions} characters as JSON` })
  const expression = written.cel === null ? undefined : cel?.compile(written.cel)
  if (expression?.ok === false) faults.push({ path: 'cel', ...expression.fault })
  if (written.cel !== null && !cel) throw new Error('a policy with CEL is compiled with CEL')
  if (faults.length > 0) return { ok: false, faults }
  const { id, name, issuerId, subject, match, state } = written
  const fitsSubject = subjectTest(match, subject)
  const program = expression?.ok ? { cel: { source: written.cel as string, program: expression.program } } : {}
  const policy = { id, name, issuerId, subject, match, state, fitsSubject, conditions, ...program }
  return { ok: true, policy: policy as unknown as CompiledPolicy }
}

/** What is kept by a later version in a way that is not known here fits nobody. */
function subjectTest(match: string, subject: string): (given: string) => boolean {
  if (match === 'exact') return (given) => given === subject
  return match === 'glob' ? compileGlob(subject) : () => false
}

/** What of a token is judged: no more of its header than says how it was signed, and when it is (ms since 1970). */
export type Evidence = {
  claims: JsonObject
  header: { alg: string; kid?: string; typ?: string }
  now: number
}
