import type { ApiKey, Organization, User } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Stores } from '../storage/storage.ts'
import { isRevokedSince } from './end-sessions.ts'
import type { PendingLogin } from './store.ts'

/** `key`: the one that they have shown; undefined of somebody who has shown none, and is vouched for by a provider. */
export type Approver = { key: ApiKey | undefined; user: User; org: Organization }
/** What somebody who approves is known by. */
export type ApproverProof = { digest: string } | Pick<User, 'id' | 'orgId'>

type People = Pick<Stores, 'keys' | 'users' | 'organizations'>

/** The person whose key it is, or who it is. Undefined: it is dead, or nobody's. */
export async function approverOf(stores: People, proof: ApproverProof, now: number): Promise<Approver | undefined> {
  if ('digest' in proof) return ownerOf(stores, proof, now)
  const person = await personIn(stores, proof.orgId, proof.id)
  return person && { key: undefined, ...person }
}

/** Whoever approved the login, as they are now. Throws Refusal('login_denied') when that is not who they were. */
export async function stillApproverOf(
  stores: People & Pick<Stores, 'revocations'>,
  login: PendingLogin,
  now: number,
): Promise<Approver> {
  const { decision, decidedAt, orgId, keyId, userId } = login
  if (decision !== 'approved' || orgId === null || userId === null) throw new Refusal('login_denied')
  const approver =
    keyId === null
      ? await approverOf(stores, { id: userId, orgId }, now)
      : await ownerOf(stores, { orgId, id: keyId }, now)
  if (approver?.user.id !== userId) throw new Refusal('login_denied')
  // A key is what it was; who was let in by the provider has lost what they approved by.
  const isEnded = keyId === null && (await isRevokedSince(stores.revocations, userId, decidedAt ?? 0, now))
  if (isEnded) throw new Refusal('login_denied')
  return approver
}

async function ownerOf(stores: People, where: Partial<ApiKey>, now: number): Promise<Approver | undefined> {
  const key = await stores.keys.first({ ...where, ownerType: 'user' })
  if (!key || (key.expiresAt !== null && key.expiresAt <= now)) return undefined
  const person = await personIn(stores, key.orgId, key.ownerId)
  return person && { key, ...person }
}

async function personIn({ users, organizations }: People, orgId: string, userId: string) {
  const user = await users.find({ orgId }, userId)
  const org = await organizations.find({}, orgId)
  return user && org && { user, org }
}
