import type { JsonObject } from '../../protocol/json.ts'
import { catalogue, type Reason } from './catalogue.ts'

/** `line`, `column` (from 1) and `caret` (the line, and a mark below it) where the fault is within a text. */
export type FieldError = { path: string; message: string; line?: number; column?: number; caret?: string }

type Extra = {
  /** What the caller reads instead of the catalogue's sentence. Only about their own token or request. */
  says?: string
  /** For the audit trail and the log. Never leaves the house, and never holds a secret. */
  detail?: Readonly<Record<string, unknown>>
  /** Fields of a body that failed validation. */
  errors?: readonly FieldError[]
  /** What lint has to say of what was to be saved. */
  findings?: readonly JsonObject[]
  /** Seconds. */
  retryAfter?: number
  cause?: unknown
}

/** We said no on purpose. Any other Error is a bug, and is never shown to a caller. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reason: Reason
  readonly says: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly errors: readonly FieldError[] | undefined
  readonly findings: readonly JsonObject[] | undefined
  readonly retryAfter: number | undefined

  constructor(reason: Reason, { says, detail = {}, errors, findings, retryAfter, cause }: Extra = {}) {
    super(reason, { cause })
    this.reason = reason
    this.says = says ?? catalogue[reason].says
    this.detail = detail
    this.errors = errors
    this.findings = findings
    this.retryAfter = retryAfter
  }
}

/**
 * The place where things are kept did not answer, or could not take what it was given (away, locked, full).
 * Whoever waits for it answers 503; nothing that needed it has happened.
 */
export class StorageUnavailable extends Refusal {
  constructor(cause: unknown) {
    super('storage_unavailable', { cause, detail: { cause: cause instanceof Error ? cause.message : String(cause) } })
  }
}
