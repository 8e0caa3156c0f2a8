/** Explain, put together from the exchange's rooms: its look-ups are of the database itself, as it is now. */
import type { Logger } from 'pino'
import type { Failures } from '../accounts/failures.ts'
import { createExplainToken } from '../exchange/explain.ts'
import { createIssuerStep } from '../exchange/explain-issuer.ts'
import { createExplain, type Explain } from '../exchange/explain-request.ts'
import { createGrantOf } from '../exchange/grant.ts'
import { createMeet } from '../exchange/nearest.ts'
import { pastedToken } from '../exchange/pasted-token.ts'
import { createFormerNames } from '../exchange/renamed.ts'
import { createFindRegistration } from '../issuers/find-registration.ts'
import type { Keys } from '../issuers/keys.ts'
import { createVerify } from '../issuers/verify.ts'
import type { Storage } from '../storage/storage.ts'
import type { Dpop } from '../tokens/dpop.ts'
import type { ReplayGuard } from '../tokens/replay.ts'
import type { Standing } from '../tokens/standing.ts'
import { readyPolicies } from './policies.ts'

type Needs = {
  reading: Storage['reading']
  log: Logger
  keys: Keys
  replay: ReplayGuard
  standing: Standing
  dpop: Dpop
  failures: Failures
  publicUrl: () => string
  now: () => number
}

export function createExplaining({
  reading,
  log,
  keys,
  replay,
  standing,
  dpop,
  failures,
  publicUrl,
  now,
}: Needs): Explain {
  const { lookups, issuers, trail } = reading
  const verify = createVerify({ lookups, keys, clock: now })
  const stopwatch = () => performance.now()
  const explainToken = createExplainToken({
    issuer: createIssuerStep({ findRegistration: createFindRegistration(lookups), issuers, publicUrl }),
    meet: createMeet({ lookups, ready: readyPolicies(log), stopwatch }),
    formerNames: createFormerNames({ trail }),
    lookups,
    grantOf: createGrantOf({ lookups, dpop, publicUrl, now }),
    standing,
    stopwatch,
  })
  const pasted = (token: string) => pastedToken(token, { verify, keys, replay, now })
  return createExplain({ explainToken, pasted, reading, failures })
}
