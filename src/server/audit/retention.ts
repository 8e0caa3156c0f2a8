/**
 * Events that are past their time go, and the chain stays verifiable: only its beginning is removed, up to the first event
 * that is younger; where it begins since then is kept, and an event of the same chain says so (`trail.prune`). The newest
 * event always stays. What does not hold together stays too, so that `audit verify` goes on naming it. In portions, off
 * the way of everything else; several processes at once remove nothing twice.
 */
import { setImmediate as soon } from 'node:timers/promises'
import type { NewId } from '../../protocol/ids.ts'
import { StorageUnavailable } from '../errors/refusal.ts'
import { type Deed, installation } from './event.ts'
import { type Entry, type Floor, genesis, type Head, type TrailStore } from './store.ts'
import type { Trail } from './trail.ts'
import { attests, follow, pruning } from './walk.ts'

export interface Retention {
  /** Resolves when all that is past its time is removed. Rejects with StorageUnavailable. */
  now(): Promise<void>
  start(): void
  /** The portion that is under way ends; the rest is for the next start. */
  stop(): Promise<void>
}

type Needs = {
  storage: { transaction<T>(work: (stores: { trail: TrailStore }) => Promise<T>): Promise<T> }
  /** Shows what was durable before the question. */
  reading: Pick<TrailStore, 'chains' | 'floor' | 'list'>
  trail: Pick<Trail, 'appendWithin'>
  settings: { auditRetentionDays: number }
  now: () => number
  newId: NewId
  report: (error: unknown) => void
  /** ms between looks. */
  every?: number
  /** Events in one portion: a few milliseconds in which nobody else writes. */
  portion?: number
}

const aDay = 86_400_000
const anHour = 3_600_000

/** What processes with different clocks remove in a short time may be told in another order. */
const lately = 50

/** What says that the events up to there were removed: in the trail that they stood in. */
function deedOf(last: Entry, { at, seq, hash, events }: Floor, before: number, request_id: string): Deed {
  const { org } = JSON.parse(last.body) as { org: string }
  return {
    at,
    type: pruning,
    result: 'done',
    request_id,
    ...(last.orgId === installation ? {} : { orgId: last.orgId, org }),
    actor: { type: 'system' },
    client: { ip: '', user_agent: '' },
    detail: { through_seq: seq, through_hash: hash, events, before: new Date(before).toISOString() },
  }
}

export function createRetention(needs: Needs): Retention {
  const { storage, reading, trail, settings, now, newId, report, every = anHour, portion = 500 } = needs
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> | undefined
  let stopped = false

  /** Those that may go, without what was the newest as we began. Tellings of earlier removals are no reason for another one. */
  function past(found: readonly Entry[], newest: number, before: number): readonly Entry[] {
    const end = found.findIndex(({ seq, at }) => at >= before || seq >= newest)
    const old = end === -1 ? found : found.slice(0, end)
    return old.length === portion || old.some(({ type }) => type !== pruning) ? old : []
  }

  /** The new floor, and whether there may be more; undefined when nothing is to be removed, or another was here. */
  const cut = (orgId: string, from: Head, newest: number, before: number) =>
    storage.transaction(async ({ trail: store }) => {
      const floor = (await store.floor(orgId)) ?? genesis
      if (floor.seq !== from.seq || floor.hash !== from.hash) return undefined
      const old = past(await store.list({ orgId, order: 'oldest', limit: portion }), newest, before)
      const last = old.at(-1)
      if (!last) return undefined
      if (!follow(old, from, orgId)) throw new Error(`the trail of ${orgId} is broken: nothing of it is removed`)
      const to: Floor = { seq: last.seq, hash: last.hash, at: now(), events: old.length }
      if (!(await store.cut(orgId, from, to))) return undefined
      await trail.appendWithin(store, deedOf(last, to, before, newId('req')))
      return { floor: to, more: old.length === portion }
    })

  async function isAttested(orgId: string, floor: Head): Promise<boolean> {
    for (const limit of [1, lately]) {
      const told = await reading.list({ orgId, type: pruning, order: 'newest', limit })
      if (told.some(({ body }) => attests(body, floor))) return true
    }
    return false
  }

  /** Without its attestation a floor is somebody's who removed something: a later one would cover that up. */
  async function isFounded(orgId: string, floor: Head): Promise<boolean> {
    if (floor.seq === genesis.seq || (await isAttested(orgId, floor))) return true
    if ((await reading.floor(orgId))?.seq === floor.seq)
      report(new Error(`the trail of ${orgId} begins where no event says that it does: nothing of it is removed`))
    return false
  }

  async function prune(orgId: string, newest: number, before: number): Promise<void> {
    const [first] = await reading.list({ orgId, order: 'oldest', limit: 1 })
    if (!first || first.at >= before) return
    let from: Head = (await reading.floor(orgId)) ?? genesis
    if (!(await isFounded(orgId, from))) return
    while (!stopped) {
      const done = await cut(orgId, from, newest, before)
      if (!done?.more) return
      from = done.floor
      await soon()
    }
  }

  async function pruneAll(): Promise<void> {
    const before = now() - settings.auditRetentionDays * aDay
    for (const { orgId, head } of await reading.chains()) {
      if (stopped) return
      try {
        await prune(orgId, head.seq, before)
      } catch (error) {
        if (error instanceof StorageUnavailable) throw error
        report(error)
      }
    }
  }

  const tick = () => {
    underWay ??= pruneAll()
      .catch(report)
      .finally(() => {
        underWay = undefined
      })
  }
  return {
    now: pruneAll,
    start() {
      tick()
      timer = setInterval(tick, every)
      timer.unref()
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await underWay
    },
  }
}
