/** Revocation of one token or key by whoever holds it (RFC 7009). What is unknown is revoked already. */

import type { AccessTokenClaims } from '../../protocol/oauth.ts'
import { digestOf, hintOf, isApiKey } from '../accounts/api-key.ts'
import type { Principal } from '../accounts/principal.ts'
import { keyUserOf } from '../accounts/recognize.ts'
import type { KeyHolder, Lookups } from '../accounts/store.ts'
import { endLetIn } from '../admin/keys.ts'
import { remove } from '../admin/noun.ts'
import { apiKey } from '../admin/nouns.ts'
import type { Perform, Where, Work } from '../admin/perform.ts'
import type { Actor, Target } from '../audit/event.ts'
import type { Origin } from '../audit/origin.ts'
import type { ReadOwn } from '../tokens/own.ts'

/** Durable when it resolves. Throws StorageUnavailable. */
export type Revoke = (secret: string, origin: Origin) => Promise<void>

/** A secret of ours that is good for something: whose it is, where that is filed, and how it ends. */
export type Own = { actor: Actor; where: Where; target: Target; end(work: Work): Promise<void> }
export type FindOwn = (secret: string) => Promise<Own | undefined>

type Needs = { readOwn: ReadOwn; lookups: Pick<Lookups, 'keyHolder' | 'account' | 'user'> }

export function createFindOwn({ readOwn, lookups }: Needs): FindOwn {
  const ownKey = (holder: KeyHolder, hint: string): Own => {
    const { id, orgId } = holder.key
    const where = { org: { id: orgId, name: holder.org }, ...teamOf(keyUserOf(holder)?.principal) }
    return {
      actor: actorOf(holder),
      where,
      target: { type: 'api_key', id, name: hint },
      async end(work) {
        if (!(await work.stores.keys.find({}, id))) return
        await endLetIn(work, where, id)
        await remove(work, apiKey, where, id)
      },
    }
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
  return async (secret) => {
    if (isApiKey(secret)) {
      const holder = await lookups.keyHolder(digestOf(secret))
      return holder && ownKey(holder, hintOf(secret))
    }
    const claims = readOwn(secret)
    if (!claims) return undefined
    const where = await whereOf(claims)
    const target = { type: 'access_token', id: claims.jti }
    return {
      actor: { type: claims.principal, id: claims.sub, name: claims.name },
      where,
      target,
      async end(work) {
        await work.revoke([claims.jti])
        await work.record('token.revoke', where, target)
      },
    }
  }
}

export function createRevoke({ perform, findOwn }: { perform: Perform; findOwn: FindOwn }): Revoke {
  return async (secret, origin) => {
    const own = await findOwn(secret)
    if (!own) return
    await perform({ actor: own.actor, ...origin }, async (work) => {
      await own.end(work)
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
