/** The times of a token (RFC 7519 §4.1.4–4.1.6, RFC 8725 §3.10), judged in the order exp, nbf, iat. Pure. */
import type { JsonObject } from '../../protocol/json.ts'
import type { ExchangeReason } from '../errors/catalogue.ts'
import type { Registration } from './model.ts'

/** `says`: for the caller; it tells by how many seconds, and never what is configured. `off`: those seconds. */
export type TimeFault = { reason: ExchangeReason; says?: string; off?: number }

/** The first thing wrong with the times, or undefined. `now` and the limits are seconds; claims were read by `readToken`. */
export function judgeTime(
  claims: JsonObject,
  { clockTolerance, maxTokenAge }: Pick<Registration, 'clockTolerance' | 'maxTokenAge'>,
  now: number,
): TimeFault | undefined {
  const { exp, nbf, iat } = claims
  if (typeof exp !== 'number') return { reason: 'expiry_missing' }
  if (now >= exp + clockTolerance) return fault('token_expired', 'expired', now - exp, 'ago (exp)')
  if (exp > now + maxTokenAge + clockTolerance) {
    return fault('token_too_old', 'expires only in', exp - now, '(exp), which is longer than is accepted here')
  }
  if (typeof nbf === 'number' && nbf > now + clockTolerance) {
    return fault('token_not_yet_valid', 'is not valid for another', nbf - now, '(nbf)')
  }
  if (typeof iat !== 'number') return { reason: 'issued_at_missing' }
  if (iat > now + clockTolerance) return fault('token_issued_in_future', 'was issued', iat - now, 'in the future (iat)')
  if (iat > exp) return fault('token_malformed', 'was issued', iat - exp, 'after its own expiry (iat, exp)')
  if (now - iat > maxTokenAge) {
    return fault('token_too_old', 'was issued', now - iat, 'ago (iat), which is longer than is accepted here')
  }
  if (exp - iat > maxTokenAge + clockTolerance) {
    return fault('token_too_old', 'lives for', exp - iat, '(iat to exp), which is longer than is accepted here')
  }
  return undefined
}

function fault(reason: ExchangeReason, what: string, seconds: number, after: string): TimeFault {
  const off = Math.ceil(seconds)
  return { reason, says: `the subject token ${what} ${off} ${off === 1 ? 'second' : 'seconds'} ${after}`, off }
}
