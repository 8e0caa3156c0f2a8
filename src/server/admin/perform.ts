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
import { type Actor, installation, type Target } from '../audit/event.ts'
import type { Origin } from '../audit/origin.ts'
import type { Trail } from '../audit/trail.ts'
import { StorageUnavailable } from '../errors/refusal.ts'
import type { Storage, Stores } from '../storage/storage.ts'
import type { Closing, Revocations } from '../tokens/revocations.ts'
import type { Seal } from '../tokens/seal.ts'
import type { Revocation } from '../tokens/store.ts'
import { deedOf } from './deed.ts'
import { endSessionsOf } from './end-sessions.ts'
import { createCatchUp, reachingOf } from './overdue.ts'
import { type Repeatable, repeated, toKeep } from './repeated.ts'
import type { IdempotencyStore, KeptAnswer } from './store.ts'

export type Context = Origin & {
  actor: Actor
  /**
   * Asked in the transaction, before the deed: whether the actor still may. Another's deed may have taken their rights
   * while this one waited for its turn. Throws Refusal.
   */
  still?: (stores: Stores) => Promise<void>
  /** How it comes to what is kept in files: absent, by hand. */
  changing?: Changing
}
/** `forced`: by hand, and whoever does it knows that it is kept in a file. `from file`: it is what the file says. */
export type Changing = 'by hand' | 'forced' | 'from file'
/** Where a deed happens: whose trail it is filed in. Nothing: the installation's. */
export type Where = { org?: Pick<Organization, 'id' | 'name'>; team?: Pick<Team, 'id' | 'name'> }

/** What a deed works with: the stores of its transaction, and what is to happen when it is durable. */
export type Work = {
  stores: Stores
  now: number
  newId: NewId
  changing: Changing
  record(type: string, where: Where, target: Target, detail?: JsonObject): Promise<void>
  /**
   * Ends every token that stands for, or came from, one of the ids: all so far, or those minted until then (ms).
   * Resolves with the moment (ms) up to which.
   */
  revoke(ids: readonly string[], until?: number): Promise<number>
  /** Makes caches forget what they know of this organization; null: of the installation; an issuer's id: of its keys. */
  changed(orgId: string | null): void
}

export type { Repeatable } from './repeated.ts'
export type Perform = <T extends object>(
  context: Context,
  work: (work: Work) => Promise<T>,
  repeat?: Repeatable,
) => Promise<T>

type Needs = {
  storage: Pick<Storage, 'transaction'>
  trail: Pick<Trail, 'appendWithin'>
  revocations: Pick<Revocations, 'close' | 'apply' | 'load' | 'overdue'>
  changes: Pick<Changes, 'publish'>
  /** Tells other replicas what is durable by now. */
  announce?: (news: News) => void
  /** Answers that are durable, where they are found more quickly than in the database. */
  answers?: Pick<IdempotencyStore, 'find'> & { remember(answer: KeptAnswer, now: number): Promise<void> }
  seal: Seal
  now: () => number
  newId: NewId
}

/** By id: how often it has changed. */
export type News = { heads: ReadonlyMap<string, number>; revoked: readonly Revocation[] }

export function createPerform({
  storage,
  trail,
  revocations,
  changes,
  announce,
  answers,
  seal,
  now,
  newId,
}: Needs): Perform {
  const publish = (changed: Iterable<string | null>, heads?: ReadonlyMap<string, number>) => {
    for (const orgId of changed) {
      const n = heads?.get(orgId ?? installation)
      changes.publish({ orgId, ...(n === undefined ? {} : { n }) })
    }
  }
  const catchUp = createCatchUp({ storage, revocations, now })
  return async <T extends object>(context: Context, deed: (work: Work) => Promise<T>, repeat?: Repeatable) => {
    const before = repeat && repeated<T>(seal, repeat, await answers?.find(repeat.scope, now()))
    if (before) return before.answer
    let keptAnswer: KeptAnswer | undefined
    /** The same, while it is kept as one that is not finished. */
    let finished: KeptAnswer | undefined
    const closings: Closing[] = []
    const changed = new Set<string | null>()
    /** Where something was recorded: of what it ended, others have to hear. */
    const touched = new Set<string | null>()
    const heads = new Map<string, number>()
    const workOf = (stores: Stores, at: number): Work => ({
      stores,
      now: at,
      newId,
      changing: context.changing ?? 'by hand',
      record: (type, where, target, detail) => {
        touched.add(where.org?.id ?? null)
        return trail.appendWithin(stores.trail, deedOf(context, at, type, where, target, detail)).then(() => undefined)
      },
      async revoke(ids, until) {
        const closing = revocations.close(ids, until)
        closings.push(closing)
        await stores.revocations.save(closing.revocations)
        await endSessionsOf(stores.sessions, ids, until)
        return closing.revocations[0]?.before ?? at
      },
      changed: (orgId) => void changed.add(orgId),
    })
    try {
      const answer = await storage.transaction(async (stores) => {
        // It may be the second try.
        for (const closing of closings.splice(0)) closing.open()
        changed.clear()
        touched.clear()
        heads.clear()
        keptAnswer = undefined
        finished = undefined
        const at = now()
        const before = repeat && repeated<T>(seal, repeat, await stores.idempotency.find(repeat.scope, at))
        if (before && before.ends.length === 0) return before.answer
        if (before && repeat) {
          // Whoever did it may have ended before it was certain that all was ended.
          await workOf(stores, at).revoke(before.ends)
          keptAnswer = finished = toKeep(seal, repeat, { ...before, ends: [] }, at)
          return before.answer
        }
        await context.still?.(stores)
        const result = await deed(workOf(stores, at))
        if (repeat) {
          const ends = reachingOf(closings).map(({ id }) => id)
          keptAnswer = toKeep(seal, repeat, { answer: result, ends: [] }, at)
          if (ends.length > 0) finished = keptAnswer
          await stores.idempotency.save(finished ? toKeep(seal, repeat, { answer: result, ends }, at) : keptAnswer)
        }
        // Last, since whoever changes the same waits from here on; in one order, so that no two wait for each other.
        // A token by itself is nobody's source: nothing that is decided depends on it.
        if (closings.some(({ ends }) => ends === 'more')) for (const orgId of touched) changed.add(orgId)
        for (const id of [...changed].map((orgId) => orgId ?? installation).sort())
          heads.set(id, await stores.changes.advance(id, at))
        return result
      })
      const revoked = closings.flatMap((closing) => closing.revocations)
      const finish = finished
      const overdue = await catchUp(reachingOf(closings), finish && ((stores) => stores.idempotency.save(finish)))
      publish(changed, heads)
      revocations.apply([...revoked, ...overdue])
      announce?.({ heads, revoked: [...revoked, ...overdue] })
      if (keptAnswer) void answers?.remember(keptAnswer, now())
      return answer
    } catch (error) {
      // The commit may have arrived although its answer did not: what it changed is looked at anew.
      if (error instanceof StorageUnavailable) {
        publish(changed)
        await revocations.load().catch(() => {})
      }
      throw error
    } finally {
      for (const closing of closings) closing.open()
    }
  }
}

export function actorOf(caller: Caller): Actor {
  if (caller.type === 'operator') return { type: 'operator', name: 'operator' }
  // A resource server does no deeds; what it is called with is a workload's.
  if (caller.type === 'resource_server') return { type: 'workload', id: caller.id, name: caller.name }
  return { type: caller.type, id: caller.id, name: caller.name }
}
