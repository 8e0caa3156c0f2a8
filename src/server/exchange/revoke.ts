/** Revocation of one token or key by whoever holds it (RFC 7009). What is unknown is revoked already. */

import { digestOf, isApiKey } from '../accounts/api-key.ts'
import { keyUserOf } from '../accounts/recognize.ts'
import type { KeyHolder, Lookups } from '../accounts/store.ts'
import { remove } from '../admin/noun.ts'
import { apiKey } from '../admin/nouns.ts'
import type { Perform } from '../admin/perform.ts'
import type { Actor } from '../audit/event.ts'
import type { Origin } from '../audit/origin.ts'
import type { ReadOwn } from '../tokens/own.ts'

/** Durable when it resolves. Throws StorageUnavailable. */
export type Revoke = (secret: string, origin: Origin) => Promise<void>

type Needs = { perform: Perform; readOwn: ReadOwn; lookups: Pick<Lookups, 'keyHolder' | 'account' | 'user'> }

export function createRevoke({ perform, readOwn, lookups }: Needs): Revoke {
  const revokeKey = async (holder: KeyHolder, origin: Origin): Promise<void> => {
    const where = { org: { id: holder.key.orgId, name: holder.org } }
    await perform({ actor: actorOf(holder), ...origin }, async (work) => {
      const kept = await work.stores.keys.find({}, holder.key.id)
      if (kept) await remove(work, apiKey, where, kept.id)
      return {}
    })
  }
  return async (secret, origin) => {
    if (isApiKey(secret)) {
      const holder = await lookups.keyHolder(digestOf(secret))
      if (holder) await revokeKey(holder, origin)
      return
    }
    const claims = readOwn(secret)
    if (!claims) return
    const found = claims.principal === 'user' ? await lookups.user(claims.sub) : await lookups.account(claims.sub)
    const org =
      found &&
      ('user' in found ? { id: found.user.orgId, name: found.org } : { id: found.account.orgId, name: found.org })
    const actor: Actor = { type: claims.principal, id: claims.sub, name: claims.name }
    await perform({ actor, ...origin }, async (work) => {
      await work.revoke([claims.jti])
      await work.record('token.revoke', org ? { org } : {}, { type: 'access_token', id: claims.jti })
      return {}
    })
  }
}

function actorOf(holder: KeyHolder): Actor {
  const principal = keyUserOf(holder)?.principal
  if (principal) return { type: principal.type, id: principal.id, name: principal.name }
  const server = holder.resourceServer
  return server ? { type: 'resource_server', id: server.id, name: server.name } : { type: 'workload' }
}
