/** A CEL expression (cel.dev) that is ready, as the rest of the house sees it. */
import type { Evidence } from './compile.ts'

/** Line and column count from 1; `caret`: the line of the source, and below it a mark under the place. */
export type CelFault = { message: string; line: number; column: number; caret: string }
/** Only `true` grants. `message`: why it is not. */
export type CelAnswer = { outcome: 'true' | 'false' | 'error'; message?: string; milliseconds: number }
export type CelProgram = { evaluate(evidence: Evidence, stopwatch: () => number): CelAnswer }
export type Cel = { compile(source: string): { ok: true; program: CelProgram } | { ok: false; fault: CelFault } }
