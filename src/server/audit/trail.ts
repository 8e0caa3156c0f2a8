/**
 * What happened, on record.
 * Rules of this room: an append that resolved is on disk, and one that rejected left nothing behind; events of one
 * organization stand in one chain; many who wait share one write. Nothing here decides what is recorded.
 */
import { setImmediate as soon } from 'node:timers/promises'
import type { NewId } from '../../protocol/ids.ts'
import { StorageUnavailable } from '../errors/refusal.ts'
import { chainOf, type Link, link } from './chain.ts'
import type { AuditEvent, Deed } from './event.ts'
import { genesis, type Head, type TrailEnds, type TrailStore } from './store.ts'

export type Trail = {
  /** Resolves when the event is durable. Rejects with StorageUnavailable when it cannot be recorded. */
  append(deed: Deed): Promise<AuditEvent>
  /** As a part of an open transaction: durable when that is. `store` is the transaction's own. */
  appendWithin(store: TrailStore, deed: Deed): Promise<AuditEvent>
  /**
   * Recorded with the next append that succeeds, unless the process ends before. False when no more can be held: then
   * the installation's trail will say how many are missing (`trail.gap`).
   */
  later(deed: Deed): boolean
  /** Waits for what is under way, and tries to record what is held for later. Never rejects. */
  flush(): Promise<void>
}

type Waiting = { deed: Deed; resolve(event: AuditEvent): void; reject(error: unknown): void }
type Linked = Link & { waiting: Waiting }
type Move = { orgId: string; from: Head; to: Head }

const maxBatch = 256
/** Of a batch that others wait for, this much may be what was held for later. */
const maxHeldInBatch = 128
const maxHeld = 1000
/** Another process may move a chain on between our look and our write; so often in a row is no coincidence. */
const maxTries = 10

const ignore = (): void => {}

/** In the installation's own trail: so many events that should stand in some trail stand in none. */
const gapOf = ({ deed: { at, request_id }, count }: { deed: Deed; count: number }): Deed => ({
  at,
  type: 'trail.gap',
  result: 'done',
  request_id,
  actor: { type: 'system', name: 'system' },
  client: { ip: '', user_agent: '' },
  detail: { lost: count },
})

export function createTrail({ store, newId }: { store: Pick<TrailStore, 'undisturbed'>; newId: NewId }): Trail {
  const waiting: Waiting[] = []
  const held: Deed[] = []
  /** How many could not be held or written down, and the last of them. */
  let lost: { deed: Deed; count: number } | undefined
  /** The ends of the chains as we left them. Another's append makes ours fail, which makes us look again. */
  const heads = new Map<string, Head>()
  let draining: Promise<void> | undefined

  function miss(deed: Deed, count = 1): void {
    lost = { deed, count: (lost?.count ?? 0) + count }
  }

  async function learnHeads(ends: TrailEnds, batch: readonly Waiting[]): Promise<void> {
    const unknown = new Set(batch.map(({ deed }) => chainOf(deed)).filter((orgId) => !heads.has(orgId)))
    if (unknown.size === 0) return
    const found = await ends.heads([...unknown])
    for (const orgId of unknown) heads.set(orgId, found.get(orgId) ?? genesis)
  }

  /** Links each to its chain. A deed that cannot be written down fails alone. */
  function linkAll(batch: readonly Waiting[]): { linked: Linked[]; moves: Map<string, Move> } {
    const linked: Linked[] = []
    const moves = new Map<string, Move>()
    for (const one of batch) {
      const orgId = chainOf(one.deed)
      const move = moves.get(orgId)
      const from = move?.to ?? heads.get(orgId) ?? genesis
      try {
        const { event, entry } = link(one.deed, newId('evt'), from)
        const to = { seq: entry.seq, hash: entry.hash }
        moves.set(orgId, { orgId, from: move?.from ?? from, to })
        linked.push({ event, entry, waiting: one })
      } catch (error) {
        one.reject(error)
      }
    }
    return { linked, moves }
  }

  async function tryOnce(ends: TrailEnds, batch: readonly Waiting[]): Promise<Linked[] | undefined> {
    await learnHeads(ends, batch)
    const { linked, moves } = linkAll(batch)
    if (linked.length === 0) return linked
    const kept = await ends.append(
      linked.map(({ entry }) => entry),
      [...moves.values()],
    )
    for (const { orgId, to } of moves.values()) {
      if (kept) heads.set(orgId, to)
      else heads.delete(orgId)
    }
    return kept ? linked : undefined
  }

  async function record(ends: TrailEnds, batch: readonly Waiting[]): Promise<Linked[]> {
    for (let tries = 0; tries < maxTries; tries++) {
      const linked = await tryOnce(ends, batch)
      if (linked) return linked
    }
    throw new StorageUnavailable(new Error('the chain moved on at every try'))
  }

  /** Whether it was recorded. After a failure nobody knows whether the write arrived: the heads are read again. */
  async function write(asked: readonly Waiting[]): Promise<boolean> {
    const late = held.splice(0, maxHeldInBatch)
    const missing = held.length === 0 ? lost : undefined
    if (missing) lost = undefined
    const unasked = [...late, ...(missing ? [gapOf(missing)] : [])]
    const batch = [...unasked.map((deed) => ({ deed, resolve: ignore, reject: () => miss(deed) })), ...asked]
    try {
      const linked = await store.undisturbed((ends) => record(ends, batch))
      for (const { event, waiting } of linked) waiting.resolve(event)
      return true
    } catch (error) {
      for (const { deed } of batch) heads.delete(chainOf(deed))
      // What cannot be kept for another reason than storage being away would keep everything else from it too.
      if (error instanceof StorageUnavailable) held.unshift(...late)
      else for (const deed of late) miss(deed)
      if (missing) miss(missing.deed, missing.count)
      for (const { reject } of asked) reject(error)
      return false
    }
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      if (waiting.length < maxBatch) await soon()
      await write(waiting.splice(0, maxBatch - Math.min(held.length, maxHeldInBatch)))
    }
  }

  /** Runs the work after whatever is under way; whoever came meanwhile is next. */
  function start(work: () => Promise<void>): Promise<void> {
    draining ??= work().finally(() => {
      draining = undefined
      if (waiting.length > 0) start(drain)
    })
    return draining
  }

  return {
    append(deed) {
      const { promise, resolve, reject } = Promise.withResolvers<AuditEvent>()
      waiting.push({ deed, resolve, reject })
      start(drain)
      return promise
    },

    async appendWithin(within, deed) {
      const orgId = chainOf(deed)
      const from = (await within.heads([orgId])).get(orgId) ?? genesis
      const { event, entry } = link(deed, newId('evt'), from)
      const kept = await within.append([entry], [{ orgId, from, to: { seq: entry.seq, hash: entry.hash } }])
      if (!kept) throw new StorageUnavailable(new Error('the chain moved on within the transaction'))
      return event
    },

    later(deed) {
      if (held.length < maxHeld) return held.push(deed) > 0
      miss(deed)
      return false
    },

    async flush() {
      while (draining) await draining
      if (held.length === 0) return
      await start(async () => {
        while (held.length > 0 && (await write([])));
      })
    },
  }
}
