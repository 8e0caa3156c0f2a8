/** What an account is shown with beside what is kept of it: when it was used last, and what keys it has. */
import type { JsonObject } from '../../../protocol/json.ts'
import type { ServiceAccount } from '../../accounts/model.ts'
import type { KeysInShort } from '../../accounts/store.ts'
import type { Rooms } from './route.ts'

const none: KeysInShort = { active: 0, nextExpiry: null, neverExpire: 0 }
const isoOrNull = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

/** One question, however many accounts there are. */
export const accountActivity =
  ({ reading, now }: Pick<Rooms, 'reading' | 'now'>) =>
  async (rows: readonly ServiceAccount[]): Promise<(row: ServiceAccount) => JsonObject> => {
    const builtIn = rows.filter(({ method }) => method === 'api_key').map(({ id }) => id)
    const keys = await reading.lookups.keysOfAccounts(builtIn, now())
    return ({ id, method, lastUsedAt }) => {
      const { active, nextExpiry, neverExpire } = keys.get(id) ?? none
      const ofKeys = { active, next_expiry: isoOrNull(nextExpiry), never_expire: neverExpire }
      return { last_used_at: isoOrNull(lastUsedAt), keys: method === 'api_key' ? ofKeys : null }
    }
  }
