import type { Failures } from '../accounts/failures.ts'
import type { Perform } from '../admin/perform.ts'
import { createEndLeaked } from '../exchange/leaked.ts'
import type { FindOwn } from '../exchange/revoke.ts'
import type { ScanningNeeds } from '../http/secret-scanning.ts'
import type { Outbound } from '../issuers/outbound.ts'
import { createVerifyReport } from '../issuers/partner-keys.ts'
import type { Settings } from '../settings.ts'

type Needs = {
  settings: Settings
  outbound: Outbound
  perform: Perform
  findOwn: FindOwn
  failures: Failures
  now: () => number
}

/** Reports of secrets that were found in public. */
export function createScanning({ settings, outbound, perform, findOwn, failures, now }: Needs): ScanningNeeds {
  const { secretScanningKeysUrl: url, operatorKey } = settings
  return {
    verifyReport: createVerifyReport({ outbound, url, now }),
    endLeaked: createEndLeaked({ perform, findOwn, isOperators: (secret) => secret === operatorKey }),
    failures,
  }
}
