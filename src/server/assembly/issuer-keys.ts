/** The keys of issuers, and the history of their fetches. */
import { createFetchAllowance } from '../admin/issuers.ts'
import { createFetchKeys } from '../issuers/discovery.ts'
import { createFetchLog } from '../issuers/fetch-log.ts'
import { createKeys, type Keys } from '../issuers/keys.ts'
import { createOutbound } from '../issuers/outbound.ts'
import type { KeptFetch } from '../issuers/store.ts'
import type { Settings } from '../settings.ts'
import type { Storage } from '../storage/storage.ts'
import type { Telemetry } from '../telemetry/open.ts'
import type { SharedMemory } from './shared-memory.ts'

/** Newest first; what this process has fetched is in it. */
export type FetchesOf = (issuerId: string) => Promise<readonly KeptFetch[]>

type Needs = {
  settings: Pick<Settings, 'issuerNetwork' | 'limitIssuerFetchesPerMinute'>
  telemetry: Pick<Telemetry, 'fetchKeys'>
  storage: Pick<Storage, 'transaction' | 'reading'>
  memory: Pick<SharedMemory, 'keySets' | 'failures'>
  now: () => number
  report: (error: unknown) => void
}

export function createIssuerKeys({ settings, telemetry, storage, memory, now, report }: Needs) {
  const network = settings.issuerNetwork
  const outbound = createOutbound({ network })
  const log = createFetchLog({
    keep: (fetches) => storage.transaction(({ issuerFetches }) => issuerFetches.append(fetches)),
    report,
    after(ms, work) {
      const timer = setTimeout(work, ms).unref()
      return () => clearTimeout(timer)
    },
  })
  const keys: Keys = createKeys({
    fetchKeys: telemetry.fetchKeys(createFetchKeys({ outbound, now })),
    clock: now,
    shared: memory.keySets,
    report,
    tell: log.tell,
  })
  const fetchesOf: FetchesOf = async (issuerId) => {
    await log.settled()
    return storage.reading.issuerFetches.list(issuerId)
  }
  const fetchAllowed = createFetchAllowance(memory.failures('fetches', settings.limitIssuerFetchesPerMinute))
  return {
    outbound,
    keys,
    /** For whoever administers issuers. */
    issuers: { keys, fetchesOf, fetchAllowed, network },
    /** Nothing is fetched by itself any more, and what was is written down. */
    async close() {
      keys.close()
      await log.close()
    },
  }
}
