import type { Caller } from '../access/authority.ts'
import type { Lookups } from '../accounts/store.ts'
import { Refusal } from '../errors/refusal.ts'

/** The bearer's public fields (OpenID Connect Core §5.3, for service accounts too). */
export type UserInfo = (caller: Caller) => Promise<Record<string, unknown>>

export function createUserInfo(lookups: Pick<Lookups, 'account' | 'user'>): UserInfo {
  return async (caller) => {
    if (caller.type === 'user') {
      const found = await lookups.user(caller.id)
      if (!found) throw new Refusal('unauthenticated')
      const { name, email, role } = found.user
      return { sub: caller.id, principal: 'user', name, preferred_username: name, email, org: found.org, role }
    }
    if (caller.type === 'service_account') {
      const found = await lookups.account(caller.id)
      if (!found) throw new Refusal('unauthenticated')
      const { name, method, access } = found.account
      return { sub: caller.id, principal: 'service_account', name, org: found.org, team: found.team, method, access }
    }
    throw new Refusal('forbidden', { says: 'only a user or a service account is somebody here' })
  }
}
