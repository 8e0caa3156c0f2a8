/** Every key use for the first time in an hour: in the trail, and as the key's `last_used_at`. */

import { setTimeout as waited } from 'node:timers/promises'
import type { JsonObject } from '../../protocol/json.ts'
import type { Deed } from '../audit/event.ts'
import type { Origin } from '../audit/origin.ts'
import { teamOf } from './principal.ts'
import { keyUserOf } from './recognize.ts'
import type { KeyHolder } from './store.ts'

type Needs = {
  record: (deed: Deed) => Promise<void>
  touch: (keyId: string, now: number) => Promise<void>
  /** Nobody waits for it. */
  usedAccount?: (accountId: string, now: number) => void
  now: () => number
}

const hour = 3_600_000
/** ms that a caller waits for the record of its use; it is written all the same. Verifying goes on while storage is locked. */
const patience = 250
/** Keys remembered at the most; forgetting one only records it again. */
const most = 100_000

export type Usage = ReturnType<typeof createUsage>

export function createUsage({ record, touch, usedAccount, now }: Needs) {
  const seen = new Map<string, number>()
  /** Undefined when there is nothing to wait for. */
  return (holder: KeyHolder, origin: Origin, detail: JsonObject = {}): Promise<void> | undefined => {
    const at = now()
    const { key, org, resourceServer } = holder
    const last = seen.get(key.id) ?? key.lastUsedAt
    if (last !== null && last !== undefined && Math.floor(last / hour) === Math.floor(at / hour)) return undefined
    if (seen.size >= most) seen.clear()
    seen.set(key.id, at)
    if (holder.account) usedAccount?.(holder.account.id, at)
    const principal = keyUserOf(holder)?.principal
    const recorded = Promise.all([
      touch(key.id, at),
      record({
        at,
        type: 'api_key.use',
        result: 'done',
        request_id: origin.requestId,
        orgId: key.orgId,
        org,
        ...teamOf(principal),
        actor: principal
          ? { type: principal.type, id: principal.id, name: principal.name }
          : { type: 'workload', id: key.ownerId, ...(resourceServer ? { name: resourceServer.name } : {}) },
        target: { type: 'api_key', id: key.id, name: key.name },
        client: origin.client,
        detail: { hint: key.hint, ...detail },
      }),
    ])
    return Promise.race([recorded, waited(patience, undefined, { ref: false })]).then(() => undefined)
  }
}
