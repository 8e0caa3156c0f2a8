import type { ApiKey, Organization, User } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Stores } from '../storage/storage.ts'
import type { PendingLogin } from './store.ts'

export type Approver = { key: ApiKey; user: User; org: Organization }

/** The person whose key it is. Undefined: it is dead, or nobody's. */
export async function approverOf(
  { keys, users, organizations }: Pick<Stores, 'keys' | 'users' | 'organizations'>,
  where: Partial<ApiKey>,
  now: number,
): Promise<Approver | undefined> {
  const key = await keys.first({ ...where, ownerType: 'user' })
  if (!key || (key.expiresAt !== null && key.expiresAt <= now)) return undefined
  const user = await users.find({ orgId: key.orgId }, key.ownerId)
  const org = await organizations.find({}, key.orgId)
  return user && org && { key, user, org }
}

/** Whoever approved the login, as they are now. Throws Refusal('login_denied') when that is not who they were. */
export async function stillApproverOf(stores: Stores, { decision, orgId, keyId, userId }: PendingLogin, now: number) {
  const isApproved = decision === 'approved' && orgId !== null && keyId !== null
  const approver = isApproved ? await approverOf(stores, { orgId, id: keyId }, now) : undefined
  if (!approver || approver.user.id !== userId) throw new Refusal('login_denied')
  return approver
}
