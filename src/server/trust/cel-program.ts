/** A CEL expression (cel.dev) that is ready, as the rest of the house sees it. */
import type { CelFacts } from './cel-facts.ts'
import type { Evidence } from './compile.ts'

/**
 * Line and column count from 1, in code points. `caret`: the line of the source, and below it a mark under the place; a
 * long line is cut on both sides.
 */
export type CelFault = { message: string; line: number; column: number; caret: string }
/**
 * Only `true` grants. `message`, with `error`: why it denies, for those who may read the policy. `late`: it was the clock,
 * not the claims; with more time it may have been true.
 */
export type CelAnswer = { outcome: 'true' | 'false' | 'error'; message?: string; late?: true; milliseconds: number }
export type CelProgram = {
  readonly source: string
  /** What can be told without a token. */
  readonly facts: CelFacts
  /** Never throws. `stopwatch`: milliseconds that only go forward, read before and after. */
  evaluate(evidence: Evidence, stopwatch: () => number): CelAnswer
}
/** `compile` never throws. */
export type Cel = { compile(source: string): { ok: true; program: CelProgram } | { ok: false; fault: CelFault } }
