/** API keys: made, rotated. The secret is in the answer once, and nowhere else. */
import { randomBytes } from 'node:crypto'
import { digestOf, formatApiKey, hintOf } from '../accounts/api-key.ts'
import type { ApiKey, KeyOwner } from '../accounts/model.ts'
import { create, update } from './noun.ts'
import { apiKey } from './nouns.ts'
import type { Where, Work } from './perform.ts'

export type Owner = { type: KeyOwner; id: string; orgId: string }
export type NewKey = { name?: string | undefined; expiresAt?: number | null | undefined }

export async function createKey(
  work: Work,
  where: Where,
  owner: Owner,
  { name, expiresAt }: NewKey,
): Promise<{ key: ApiKey; secret: string }> {
  const secret = formatApiKey(randomBytes(32))
  const id = work.newId('key')
  const key = await create(work, apiKey, where, {
    id,
    name: name ?? id.replace('_', '-'),
    version: 1,
    createdAt: work.now,
    updatedAt: work.now,
    orgId: owner.orgId,
    ownerType: owner.type,
    ownerId: owner.id,
    digest: digestOf(secret),
    hint: hintOf(secret),
    expiresAt: expiresAt ?? null,
    lastUsedAt: null,
  })
  return { key, secret }
}

/** A new key of the same owner; the old one dies after `overlapSeconds`, and with none at once, and what it obtained. */
export async function rotateKey(
  work: Work,
  where: Where,
  old: ApiKey,
  overlapSeconds: number,
): Promise<{ key: ApiKey; secret: string }> {
  const owner = { type: old.ownerType, id: old.ownerId, orgId: old.orgId }
  const end = work.now + overlapSeconds * 1000
  const made = await createKey(work, where, owner, { name: old.name, expiresAt: lifeOf(old, work.now) })
  await update(work, apiKey, where, old.id, () => ({ expiresAt: Math.min(end, old.expiresAt ?? end) }))
  if (overlapSeconds === 0) await work.revoke([old.id])
  return made
}

/** A key that was to live for a while is followed by one that lives as long, from now. */
function lifeOf({ expiresAt, createdAt }: ApiKey, now: number): number | null {
  return expiresAt === null ? null : now + (expiresAt - createdAt)
}
