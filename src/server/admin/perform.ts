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
import { Refusal, StorageUnavailable } from '../errors/refusal.ts'
import type { Storage, Stores } from '../storage/storage.ts'
import type { Closing, Revocations } from '../tokens/revocations.ts'
import { type Seal, SealError } from '../tokens/seal.ts'
import type { KeptAnswer } from './store.ts'

export type Context = Origin & {
  actor: Actor
  /**
   * Asked in the transaction, before the deed: whether the actor still may. Another's deed may have taken their rights
   * while this one waited for its turn. Throws Refusal.
   */
  still?: (stores: Stores) => Promise<void>
}
/** Where a deed happens: whose trail it is filed in. Nothing: the installation's. */
export type Where = { org?: Pick<Organization, 'id' | 'name'>; team?: Pick<Team, 'id' | 'name'> }

/** What a deed works with: the stores of its transaction, and what is to happen when it is durable. */
export type Work = {
  stores: Stores
  now: number
  newId: NewId
  record(type: string, where: Where, target: Target, detail?: JsonObject): Promise<void>
  /**
   * Ends every token that stands for, or came from, one of the ids: all so far, or those minted until then (ms).
   * Resolves with the moment (ms) up to which.
   */
  revoke(ids: readonly string[], until?: number): Promise<number>
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
  revocations: Pick<Revocations, 'close' | 'apply' | 'load'>
  changes: Pick<Changes, 'publish'>
  seal: Seal
  now: () => number
  newId: NewId
}

const keptFor = 24 * 3_600_000

export function createPerform({ storage, trail, revocations, changes, seal, now, newId }: Needs): Perform {
  return async (context, deed, repeat) => {
    const closings: Closing[] = []
    const changed = new Set<string | null>()
    const workOf = (stores: Stores, at: number): Work => ({
      stores,
      now: at,
      newId,
      record: (type, where, target, detail) =>
        trail.appendWithin(stores.trail, deedOf(context, at, type, where, target, detail)).then(() => undefined),
      async revoke(ids, until) {
        const closing = revocations.close(ids, until)
        closings.push(closing)
        await stores.revocations.save(closing.revocations)
        return closing.revocations[0]?.before ?? at
      },
      changed: (orgId) => void changed.add(orgId),
    })
    try {
      const answer = await storage.transaction(async (stores) => {
        const at = now()
        const before = repeat && (await stores.idempotency.find(repeat.scope, at))
        const kept = before && opened(seal, before)
        if (kept) {
          if (before?.digest !== repeat?.digest) throw new Refusal('idempotency_key_reused')
          return JSON.parse(kept)
        }
        await context.still?.(stores)
        const result = await deed(workOf(stores, at))
        if (repeat) {
          const sealed = seal.close(Buffer.from(JSON.stringify(result)), repeat.scope)
          await stores.idempotency.save({ ...repeat, sealed, expiresAt: at + keptFor })
        }
        return result
      })
      for (const orgId of changed) changes.publish({ orgId })
      revocations.apply(closings.flatMap((closing) => closing.revocations))
      return answer
    } catch (error) {
      // The commit may have arrived although its answer did not: what it changed is looked at anew.
      if (error instanceof StorageUnavailable) {
        for (const orgId of changed) changes.publish({ orgId })
        await revocations.load().catch(() => {})
      }
      throw error
    } finally {
      for (const closing of closings) closing.open()
    }
  }
}

/** An answer sealed under a master key that is no longer given cannot be repeated: it is as good as forgotten. */
function opened(seal: Seal, { sealed, scope }: KeptAnswer): string | undefined {
  try {
    return seal.open(sealed, scope).plain.toString()
  } catch (error) {
    if (error instanceof SealError) return undefined
    throw error
  }
}

export function actorOf(caller: Caller): Actor {
  if (caller.type === 'operator') return { type: 'operator', name: 'operator' }
  // A resource server does no deeds; what it is called with is a workload's.
  if (caller.type === 'resource_server') return { type: 'workload', id: caller.id, name: caller.name }
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
