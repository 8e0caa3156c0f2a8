/** Who was used, and when: keys in the trail and by themselves, accounts by keys and by exchanges. */
import type { Logger } from 'pino'
import { createActivity } from '../accounts/activity.ts'
import { createUsage } from '../accounts/usage.ts'
import type { Trail } from '../audit/trail.ts'
import type { Storage } from '../storage/storage.ts'
import { createRecording } from './recording.ts'

type Needs = {
  trail: Trail
  writing: Pick<Storage['writing'], 'lookups'>
  log: Logger
  now: () => number
  report: (error: unknown) => void
}

export function createUses({ trail, writing: { lookups }, log, now, report }: Needs) {
  const { record, keep } = createRecording(trail, log)
  const activity = createActivity({ touch: lookups.touchAccounts, report })
  const touch = (keyId: string, at: number) => lookups.touchKey(keyId, at).catch(report)
  const used = createUsage({ record, touch, usedAccount: activity.used, now })
  return { record, keep, used, usedAccount: activity.used, tellUses: activity.close }
}
