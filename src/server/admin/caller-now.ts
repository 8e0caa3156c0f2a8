import type { Caller } from '../access/authority.ts'
import { accessOfUser } from '../accounts/recognize.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Stores } from '../storage/storage.ts'

/**
 * The caller with the rights that they have as these stores stand; what they showed is narrowed as before. Throws
 * Refusal('unauthenticated') when they are gone or disabled.
 */
export async function callerNow(stores: Stores, caller: Caller): Promise<Caller> {
  if (caller.type === 'user') {
    const user = await stores.users.find({ orgId: caller.orgId }, caller.id)
    if (!user) throw new Refusal('unauthenticated')
    const teams = new Map((await stores.members.ofUser(user.id)).map(({ teamId, role }) => [teamId, role]))
    return { ...caller, role: user.role, teams, readOnly: caller.readOnly || accessOfUser(user) === 'read' }
  }
  if (caller.type === 'service_account') {
    const account = await stores.serviceAccounts.find({ orgId: caller.orgId }, caller.id)
    if (!account?.enabled || (account.dpopBound && !caller.bound)) throw new Refusal('unauthenticated')
    return { ...caller, admin: account.admin, readOnly: caller.readOnly || account.access === 'read' }
  }
  return caller
}
