/**
 * Links what waits in the journal into the chains of its organizations, in the background, one process at a time. What
 * the journal does not vouch for is never linked: it stays where it is, and `audit verify` names it.
 */
import { relink } from './chain.ts'
import { laneHash } from './journal.ts'
import { type Entry, genesis, type Head, type Lane, type SealDesk, type Sealing, type Waiting } from './store.ts'

export interface Sealer {
  /** Resolves when all that was durable before the call is linked. Rejects with StorageUnavailable. */
  now(): Promise<void>
  start(): void
  /** What is under way ends; what waits is linked by another, or at the next start. */
  close(): Promise<void>
}

type Needs = {
  sealing: Sealing
  now: () => number
  report: (error: unknown) => void
  /** ms between looks. */
  every?: number
}

const maxLanes = 200
const maxEntries = 200
/** ms after which a lane that is linked to its end is forgotten; whoever still has it begins another. */
const idle = 3_600_000

/** The entries that the lane vouches for, from where it is linked on; the rest stays. */
function sound(lane: Lane, entries: readonly Waiting[]): Waiting[] {
  let last: Head = { seq: lane.sealedSeq, hash: lane.sealedHash }
  const good: Waiting[] = []
  for (const entry of entries) {
    if (entry.seq !== last.seq + 1 || laneHash(last.hash, entry) !== entry.hash) break
    good.push(entry)
    last = entry
  }
  return good
}

/** What may be linked now. A lane that does not hold together must not fill the page for ever: it is passed over. */
async function soundOf(desk: SealDesk, lanes: readonly Lane[]) {
  let rest = lanes
  for (;;) {
    const names = rest.map(({ lane }) => lane)
    const found = names.length === 0 ? [] : await desk.waiting(names, maxEntries)
    const byLane = Map.groupBy(found, ({ lane }) => lane)
    const good = rest.flatMap((lane) => sound(lane, byLane.get(lane.lane) ?? []))
    if (good.length > 0 || found.length < maxEntries) return { found, good }
    rest = rest.filter(({ lane }) => !byLane.has(lane))
  }
}

export function createSealer({ sealing, now, report, every = 250 }: Needs): Sealer {
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> | undefined

  async function linkAll(desk: SealDesk, waiting: readonly Waiting[]): Promise<void> {
    const heads = new Map(await desk.heads([...new Set(waiting.map(({ orgId }) => orgId))]))
    const entries: Entry[] = []
    const sealed = new Map<string, Head>()
    // By their ids: in the order of time, which is also that of each lane.
    for (const one of waiting.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
      const { entry } = relink(one, heads.get(one.orgId) ?? genesis)
      heads.set(one.orgId, { seq: entry.seq, hash: entry.hash })
      entries.push(entry)
    }
    for (const { lane, seq, hash } of waiting) {
      if (seq > (sealed.get(lane)?.seq ?? 0)) sealed.set(lane, { seq, hash })
    }
    await desk.keep(entries, heads, sealed)
  }

  /** Whether there may be more. */
  const seal = (patient: boolean) =>
    sealing.transaction(async (desk) => {
      if (!(await desk.take({ patient }))) return false
      const lanes = await desk.lanes(maxLanes)
      if (lanes.length === 0) return false
      const { found, good } = await soundOf(desk, lanes)
      if (good.length > 0) await linkAll(desk, good)
      return good.length > 0 && (found.length === maxEntries || lanes.length === maxLanes)
    })

  async function sealAll(patient: boolean): Promise<void> {
    while ((await sealing.waits()) && (await seal(patient)));
  }

  let sweptAt = 0
  async function tick(): Promise<void> {
    await sealAll(false)
    if (now() - sweptAt < 60_000) return
    sweptAt = now()
    await sealing.transaction((desk) => desk.forget(now() - idle))
  }

  return {
    now: () => sealAll(true),
    start() {
      timer = setInterval(() => {
        underWay ??= tick()
          .catch(report)
          .finally(() => {
            underWay = undefined
          })
      }, every)
      timer.unref()
    },
    async close() {
      clearInterval(timer)
      await underWay
    },
  }
}
