/**
 * What happened, on record.
 * Rules of this room: an append that resolved is on disk, and one that rejected left nothing behind; events of one
 * organization stand in one chain; many who wait share one write. Nothing here decides what is recorded, but that no key
 * and no token is.
 */
import { setImmediate as soon } from 'node:timers/promises'
import type { NewId } from '../../protocol/ids.ts'
import { StorageUnavailable } from '../errors/refusal.ts'
import type { Deed } from './event.ts'
import { createJournaling } from './journal.ts'
import { createLinking } from './linking.ts'
import { Doubtful, type Recorded } from './recorder.ts'
import type { TrailStore } from './store.ts'

export type Trail = {
  /** Resolves when the event is durable. Rejects with StorageUnavailable when it cannot be recorded; Doubtful: or may be. */
  append(deed: Deed): Promise<Recorded>
  /** As a part of an open transaction: durable when that is. `store` is the transaction's own. */
  appendWithin(store: TrailStore, deed: Deed): Promise<Recorded>
  /**
   * Recorded with the next append that succeeds, unless the process ends before. False when no more can be held: then
   * the installation's trail will say how many are missing (`trail.gap`).
   */
  later(deed: Deed): boolean
  /** Waits for what is under way, and tries to record what is held for later. Never rejects. */
  flush(): Promise<void>
}

type Waiting = { deed: Deed; resolve(event: Recorded): void; reject(error: unknown): void }

const maxBatch = 256
/** Of a batch that others wait for, this much may be what was held for later. */
const maxHeldInBatch = 128
const maxHeld = 1000
const ignore = (): void => {}

const gap = 'trail.gap'
/** In the installation's own trail: so many events that should stand in some trail stand in none. */
const gapOf = ({ deed: { at, request_id }, count }: { deed: Deed; count: number }): Deed => ({
  at,
  type: gap,
  result: 'done',
  request_id,
  actor: { type: 'system', name: 'system' },
  client: { ip: '', user_agent: '' },
  detail: { lost: count },
})

type Needs = {
  store: Pick<TrailStore, 'undisturbed' | 'journal'>
  newId: NewId
  now?: () => number
  /** Where other processes append too: how often organizations had changed when something was written down. */
  heard?: (heads: ReadonlyMap<string, number>) => void
}

export function createTrail({ store, newId, now = Date.now, heard = ignore }: Needs): Trail {
  const { journal } = store
  const recorder = journal ? createJournaling({ journal, newId, now, heard }) : createLinking({ store, newId })
  const waiting: Waiting[] = []
  const held: Deed[] = []
  /** How many could not be held or written down, and the last of them. */
  let lost: { deed: Deed; count: number } | undefined
  /** Writes of which it is not known whether they arrived. Until it is, nothing else is written. */
  const doubts = new Set<Doubtful>()
  let settling: Promise<void> | undefined
  const draining = new Set<Promise<void>>()

  function hold(deed: Deed): boolean {
    if (held.length < maxHeld) return held.push(deed) > 0
    // What says that others are missing stands for them.
    miss(deed, deed.type === gap ? Number(deed.detail.lost) : 1)
    return false
  }

  async function settleAll(): Promise<void> {
    for (const doubt of doubts) {
      try {
        doubt.end((await doubt.settle()) ? 'kept' : 'lost', hold)
      } catch (error) {
        if (error instanceof StorageUnavailable) throw error
        // Asked for ever, it would keep everything else from being recorded: better twice on record than not at all.
        doubts.delete(doubt)
        doubt.end('unknown', hold)
        throw error
      }
      doubts.delete(doubt)
    }
  }

  async function settled(): Promise<void> {
    if (doubts.size === 0) return
    settling ??= settleAll().finally(() => {
      settling = undefined
    })
    await settling
  }

  function miss(deed: Deed, count = 1): void {
    lost = { deed, count: (lost?.count ?? 0) + count }
  }

  /** Whether it was recorded. */
  async function write(asked: readonly Waiting[]): Promise<boolean> {
    try {
      await settled()
    } catch (error) {
      for (const { reject } of asked) reject(error)
      return false
    }
    const late = held.splice(0, maxHeldInBatch)
    const missing = held.length === 0 ? lost : undefined
    if (missing) lost = undefined
    const unasked = [...late, ...(missing ? [gapOf(missing)] : [])]
    const batch = [...unasked.map((deed) => ({ deed, resolve: ignore, reject: () => miss(deed) })), ...asked]
    try {
      const events = await recorder.record(batch.map(({ deed }) => deed))
      for (const [i, event] of events.entries()) {
        if (event instanceof Error) batch[i]?.reject(event)
        else batch[i]?.resolve(event)
      }
      return true
    } catch (error) {
      // What cannot be kept for another reason than storage being away would keep everything else from it too.
      if (error instanceof Doubtful) {
        doubts.add(error)
        for (const deed of unasked) error.follow('lost', deed)
      } else {
        if (error instanceof StorageUnavailable) held.unshift(...late)
        else for (const deed of late) miss(deed)
        if (missing) miss(missing.deed, missing.count)
      }
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

  /** Runs the work beside what is under way; whoever came meanwhile is next. */
  function start(work: () => Promise<void>): Promise<void> {
    const one = work().finally(() => {
      draining.delete(one)
      if (waiting.length > 0) begin()
    })
    draining.add(one)
    return one
  }

  function begin(): void {
    if (draining.size < recorder.atOnce) start(drain)
  }

  return {
    append(deed) {
      const { promise, resolve, reject } = Promise.withResolvers<Recorded>()
      waiting.push({ deed, resolve, reject })
      begin()
      return promise
    },

    appendWithin: (within, deed) => recorder.recordWithin(within, deed),

    later: hold,

    async flush() {
      while (draining.size > 0) await Promise.all(draining)
      if (held.length + doubts.size === 0) return
      await start(async () => {
        while (held.length + doubts.size > 0 && (await write([])));
      })
    },
  }
}
