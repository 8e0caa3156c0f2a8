/** Revocation of one token or key by whoever holds it (RFC 7009). What is unknown is revoked already. */

import type { AccessTokenClaims } from '../../protocol/oauth.ts'
import { digestOf, isApiKey } from '../accounts/api-key.ts'
import type { Principal } from '../accounts/principal.ts'
import { keyUserOf } from '../accounts/recognize.ts'
import type { KeyHolder, Lookups } from '../accounts/store.ts'
import { remove } from '../admin/noun.ts'
import { apiKey } from '../admin/nouns.ts'
import type { Perform, Where } from '../admin/perform.ts'
import type { Actor } from '../audit/event.ts'
import type { Origin } from '../audit/origin.ts'
import type { ReadOwn } from '../tokens/own.ts'

/** Durable when it resolves. Throws StorageUnavailable. */
export type Revoke = (secret: string, origin: Origin) => Promise<void>

type Needs = { perform: Perform; readOwn: ReadOwn; lookups: Pick<Lookups, 'keyHolder' | 'account' | 'user'> }

export function createRevoke({ perform, readOwn, lookups }: Needs): Revoke {
  const revokeKey = async (holder: KeyHolder, origin: Origin): Promise<void> => {
    const principal = keyUserOf(holder)?.principal
    const where = { org: { id: holder.key.orgId, name: holder.org }, ...teamOf(principal) }
    await perform({ actor: actorOf(holder), ...origin }, async (work) => {
      const kept = await work.stores.keys.find({}, holder.key.id)
      if (kept) await remove(work, apiKey, where, kept.id)
      return {}
    })
  }
  /** Where it is filed: with the account's team too, so that its admins see it. */
  const whereOf = async ({ principal, sub }: AccessTokenClaims): Promise<Where> => {
    if (principal === 'user') {
      const found = await lookups.user(sub)
      return found ? { org: { id: found.user.orgId, name: found.org } } : {}
    }
    const found = await lookups.account(sub)
    if (!found) return {}
    const { orgId, teamId } = found.account
    return {
      org: { id: orgId, name: found.org },
      ...(teamId === null ? {} : { team: { id: teamId, name: found.team } }),
    }
  }
  return async (secret, origin) => {
    if (isApiKey(secret)) {
      const holder = await lookups.keyHolder(digestOf(secret))
      if (holder) await revokeKey(holder, origin)
      return
    }
    const claims = readOwn(secret)
    if (!claims) return
    const where = await whereOf(claims)
    const actor: Actor = { type: claims.principal, id: claims.sub, name: claims.name }
    await perform({ actor, ...origin }, async (work) => {
      await work.revoke([claims.jti])
      await work.record('token.revoke', where, { type: 'access_token', id: claims.jti })
      return {}
    })
  }
}

const teamOf = (principal: Principal | undefined): Pick<Where, 'team'> =>
  principal?.teamId === undefined ? {} : { team: { id: principal.teamId, name: principal.team ?? '' } }

function actorOf(holder: KeyHolder): Actor {
  const principal = keyUserOf(holder)?.principal
  if (principal) return { type: principal.type, id: principal.id, name: principal.name }
  const server = holder.resourceServer
  return { type: 'workload', ...(server ? { id: server.id, name: server.name } : {}) }
}
