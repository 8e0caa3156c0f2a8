/** API keys: made, rotated. The secret is in the answer once, and nowhere else. */
import { randomBytes } from 'node:crypto'
import { digestOf, formatApiKey, hintOf } from '../accounts/api-key.ts'
import type { ApiKey, KeyOwner } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import { create, type IfMatch, remove, update } from './noun.ts'
import { apiKey } from './nouns.ts'
import type { Where, Work } from './perform.ts'

export type Owner = { type: KeyOwner; id: string; orgId: string }
export type NewKey = {
  id?: string
  name?: string | undefined
  expiresAt?: number | null | undefined
  letInBy?: string | null
}

export async function createKey(
  work: Work,
  where: Where,
  owner: Owner,
  { id = work.newId('key'), name, expiresAt, letInBy = null }: NewKey,
): Promise<{ key: ApiKey; secret: string }> {
  const secret = formatApiKey(randomBytes(32))
  const key = await create(work, apiKey, where, {
    id,
    name: name ?? id.replace('_', '-'),
    orgId: owner.orgId,
    ownerType: owner.type,
    ownerId: owner.id,
    digest: digestOf(secret),
    hint: hintOf(secret),
    expiresAt: expiresAt ?? null,
    lastUsedAt: null,
    replacedBy: null,
    letInBy,
  })
  return { key, secret }
}

/**
 * A new key of the same owner and under the same name; the old one is renamed, and dies after `overlapSeconds`; with none
 * at once, and what it obtained. Throws Refusal('key_ended') for a key that was rotated or has expired already.
 */
export async function rotateKey(
  work: Work,
  where: Where,
  keyId: string,
  overlapSeconds: number,
  ifMatch?: IfMatch,
): Promise<{ key: ApiKey; secret: string }> {
  const id = work.newId('key')
  const end = work.now + overlapSeconds * 1000
  let old: ApiKey | undefined
  const retire = (row: ApiKey): Partial<ApiKey> => {
    if (row.replacedBy !== null || (row.expiresAt !== null && row.expiresAt <= work.now)) throw new Refusal('key_ended')
    old = row
    return { name: retiredName(row), replacedBy: id, expiresAt: Math.min(end, row.expiresAt ?? end) }
  }
  const { ownerType, ownerId, orgId } = await update(work, apiKey, where, keyId, retire, ifMatch)
  if (!old) throw new Error('a key was rotated that nobody looked at')
  const owner = { type: ownerType, id: ownerId, orgId }
  const made = await createKey(work, where, owner, {
    id,
    name: old.name,
    expiresAt: lifeOf(old, work.now),
    letInBy: old.letInBy,
  })
  await endLetIn(work, where, keyId, end)
  if (overlapSeconds === 0) await work.revoke([keyId])
  return made
}

/**
 * The keys of the terminals that a key has let in end with it: at once, or at `end` (ms) at the latest. Whoever ends a key
 * that others may know need not look for what they have made of it.
 */
export async function endLetIn(work: Work, where: Where, keyId: string, end = work.now): Promise<void> {
  for (const { id, expiresAt } of await letInBy(work, keyId)) {
    await endLetIn(work, where, id, end)
    if (end <= work.now) await remove(work, apiKey, where, id)
    else if (expiresAt === null || expiresAt > end) await update(work, apiKey, where, id, () => ({ expiresAt: end }))
  }
}

async function letInBy({ stores }: Work, keyId: string): Promise<ApiKey[]> {
  const found: ApiKey[] = []
  for (let after: string | null | undefined; after !== null; ) {
    const page = await stores.keys.list({ letInBy: keyId }, { limit: 200, ...(after === undefined ? {} : { after }) })
    found.push(...page.items)
    after = page.nextCursor
  }
  return found
}

/** The name goes to the new key, so that who asks for it by name gets the one that counts. */
const retiredName = ({ id, name }: ApiKey) => `${name.slice(0, 64 - 1 - id.length)}-${id.replace('_', '-')}`

/** A key that was to live for a while is followed by one that lives as long, from now. */
function lifeOf({ expiresAt, createdAt }: ApiKey, now: number): number | null {
  return expiresAt === null ? null : now + (expiresAt - createdAt)
}
