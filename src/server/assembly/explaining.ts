/** Explain, put together from the exchange's rooms: its look-ups are of the database itself, as it is now. */
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
import type { ReadyPolicies } from '../shared-state/ready-policies.ts'
import type { Storage } from '../storage/storage.ts'
import type { Dpop } from '../tokens/dpop.ts'
import type { ReplayGuard } from '../tokens/replay.ts'
import type { Standing } from '../tokens/standing.ts'

type Needs = {
  reading: Storage['reading']
  ready: ReadyPolicies
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
  ready,
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
  const explainToken = createExplainToken({
    issuer: createIssuerStep({ findRegistration: createFindRegistration(lookups), issuers, publicUrl }),
    meet: createMeet({ lookups, ready }),
    formerNames: createFormerNames({ trail }),
    lookups,
    grantOf: createGrantOf({ lookups, dpop, publicUrl, now }),
    standing,
    stopwatch: () => performance.now(),
  })
  const pasted = (token: string) => pastedToken(token, { verify, keys, replay, now })
  return createExplain({ explainToken, pasted, reading, failures })
}
