/** How an exchange ended, in the words of the metrics and the traces. */
import { type Reason, wireOf } from '../errors/catalogue.ts'
import { Refusal } from '../errors/refusal.ts'
import { ExchangeRefused } from '../exchange/witness.ts'

/** `failed`: not the caller's fault, and answered 5xx: an issuer or storage is away, or a bug of ours. */
export type Result = 'granted' | 'refused' | 'failed'

export const resultOf = (reason: Reason): Result => (wireOf(reason).status >= 500 ? 'failed' : 'refused')

export function refusalIn(error: unknown): Refusal | undefined {
  if (error instanceof ExchangeRefused) return error.refusal
  return error instanceof Refusal ? error : undefined
}

/** What is nobody's refusal is our bug. */
export const reasonOf = (error: unknown): Reason => refusalIn(error)?.reason ?? 'internal_error'
