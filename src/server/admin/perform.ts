/**
 * What every deed of an admin goes through: one transaction that holds the change, its audit event and what it revokes;
 * after it is durable, this process and its caches hear of it.
 * Rules of this room: one deed, one function, one audit event; a deed gets its rights checked before it is called.
 */

import type { NewId } from '../../protocol/ids.ts'
import type { JsonObject } from '../../protocol/json.ts'
import type { Caller } from '../access/authority.ts'
import type { Changes } from '../accounts/changes.ts'
import type { Organization, Team } from '../accounts/model.ts'
import type { Actor, Deed, Target } from '../audit/event.ts'
import type { Origin } from '../audit/origin.ts'
import type { Trail } from '../audit/trail.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Storage, Stores } from '../storage/storage.ts'
import type { Revocations } from '../tokens/revocations.ts'
import type { Seal } from '../tokens/seal.ts'
import type { Revocation } from '../tokens/store.ts'

export type Context = Origin & { actor: Actor }
/** Where a deed happens: whose trail it is filed in. Nothing: the installation's. */
export type Where = { org?: Pick<Organization, 'id' | 'name'>; team?: Pick<Team, 'id' | 'name'> }

/** What a deed works with: the stores of its transaction, and what is to happen when it is durable. */
export type Work = {
  stores: Stores
  now: number
  newId: NewId
  record(type: string, where: Where, target: Target, detail?: JsonObject): Promise<void>
  /** Ends every token that stands for, or came from, one of the ids. */
  revoke(ids: readonly string[]): Promise<void>
  /** Makes caches forget what they know of this organization; null: of the installation. */
  changed(orgId: string | null): void
}

/** An answer that may be asked for again under the same Idempotency-Key. */
export type Repeatable = { scope: string; digest: string }
export type Perform = <T extends object>(
  context: Context,
  work: (work: Work) => Promise<T>,
  repeat?: Repeatable,
) => Promise<T>

type Needs = {
  storage: Pick<Storage, 'transaction'>
  trail: Pick<Trail, 'appendWithin'>
  revocations: Pick<Revocations, 'save' | 'apply'>
  changes: Pick<Changes, 'publish'>
  seal: Seal
  now: () => number
  newId: NewId
}

const keptFor = 24 * 3_600_000

export function createPerform({ storage, trail, revocations, changes, seal, now, newId }: Needs): Perform {
  return async (context, work, repeat) => {
    const ended: Revocation[] = []
    const changed = new Set<string | null>()
    const answer = await storage.transaction(async (stores) => {
      const at = now()
      const before = repeat && (await stores.idempotency.find(repeat.scope, at))
      if (repeat && before) {
        if (before.digest !== repeat.digest) throw new Refusal('idempotency_key_reused')
        return JSON.parse(seal.open(before.sealed, repeat.scope).plain.toString())
      }
      const result = await work({
        stores,
        now: at,
        newId,
        record: (type, where, target, detail) =>
          trail.appendWithin(stores.trail, deedOf(context, at, type, where, target, detail)).then(() => undefined),
        revoke: async (ids) => void ended.push(...(await revocations.save(stores.revocations, ids))),
        changed: (orgId) => void changed.add(orgId),
      })
      if (repeat) {
        const sealed = seal.close(Buffer.from(JSON.stringify(result)), repeat.scope)
        await stores.idempotency.save({ ...repeat, sealed, expiresAt: at + keptFor })
      }
      return result
    })
    for (const orgId of changed) changes.publish({ orgId })
    await revocations.apply(ended)
    return answer
  }
}

export function actorOf(caller: Caller): Actor {
  if (caller.type === 'operator') return { type: 'operator' }
  return { type: caller.type, id: caller.id, name: caller.name }
}

function deedOf(
  { actor, requestId, client }: Context,
  at: number,
  type: string,
  { org, team }: Where,
  target: Target,
  detail: JsonObject = {},
): Deed {
  return {
    at,
    type,
    result: 'done',
    request_id: requestId,
    ...(org ? { orgId: org.id, org: org.name } : {}),
    ...(team ? { team: team.name, teamId: team.id } : {}),
    actor,
    target,
    client,
    detail,
  }
}
