/**
 * Links what waits in the journal into the chains of its organizations, in the background, one process at a time.
 * Rules of this file: what was durable before another event began is linked before it; what the journal does not vouch
 * for is never linked, and keeps nothing else from it: it stays where it is, is reported, and `audit verify` names it.
 */
import { ulidTime } from '../../protocol/ids.ts'
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

/** A lane that does not hold together, from where on, and why. */
type Flaw = { lane: string; seq: number; cause?: unknown }
/** What may be linked: in the order in which it is to stand. */
type Sound = { good: Waiting[]; flaws: Flaw[] }

const maxLanes = 200
const maxEntries = 1000
/** ms after which a lane that is linked to its end is forgotten; whoever still has it begins another. */
const idle = 3_600_000
/** The same of one event: those of transactions, which nobody comes back to. */
const idleOfOne = 60_000

/**
 * The entries that their lanes vouch for, from where each is linked on. `all`: what is not among the found ones is not
 * there.
 */
function soundOf(lanes: readonly Lane[], found: readonly Waiting[], all: boolean): Sound {
  const byLane = Map.groupBy(found, ({ lane }) => lane)
  const good: { entry: Waiting; at: number }[] = []
  const flaws: Flaw[] = []
  for (const { lane, sealedSeq, sealedHash } of lanes) {
    const entries = byLane.get(lane) ?? []
    let last: Head = { seq: sealedSeq, hash: sealedHash }
    // A clock that was set back does not change the order of a lane.
    let at = 0
    for (const entry of entries.toSorted((a, b) => a.seq - b.seq)) {
      if (entry.seq !== last.seq + 1 || laneHash(last.hash, entry) !== entry.hash) break
      at = Math.max(at, ulidTime(entry.id.slice(4)))
      good.push({ entry, at })
      last = { seq: entry.seq, hash: entry.hash }
    }
    // Only when it is the very next entry that is amiss: what comes before it is linked first.
    const next = entries.some(({ seq }) => seq === last.seq + 1)
    if (last.seq === sealedSeq && (next || all)) flaws.push({ lane, seq: last.seq + 1 })
  }
  return { good: good.sort((a, b) => a.at - b.at).map(({ entry }) => entry), flaws }
}

export function createSealer({ sealing, now, report, every = 250 }: Needs): Sealer {
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> | undefined
  /** Lanes that are passed over, since nothing more of them can be linked; until they are looked at again. */
  const broken = new Set<string>()
  const reported = new Set<string>()

  function passOver({ lane, seq, cause }: Flaw): void {
    broken.add(lane)
    if (reported.has(lane)) return
    reported.add(lane)
    const says = `what waits in lane ${lane} of the journal cannot be linked from ${seq} on; countersign audit verify says more`
    report(new Error(says, { cause }))
  }

  /** Those that cannot be linked although their lane vouches for them, each with what comes behind it. */
  async function linkAll(desk: SealDesk, waiting: readonly Waiting[]): Promise<Flaw[]> {
    const heads = new Map(await desk.heads([...new Set(waiting.map(({ orgId }) => orgId))]))
    const entries: Entry[] = []
    const sealed = new Map<string, Head>()
    const flaws = new Map<string, Flaw>()
    for (const one of waiting) {
      const { lane, seq, hash, orgId } = one
      if (flaws.has(lane)) continue
      try {
        const { entry } = relink(one, heads.get(orgId) ?? genesis)
        heads.set(orgId, { seq: entry.seq, hash: entry.hash })
        entries.push(entry)
        sealed.set(lane, { seq, hash })
      } catch (cause) {
        flaws.set(lane, { lane, seq, cause })
      }
    }
    if (entries.length > 0) await desk.keep(entries, heads, sealed)
    return [...flaws.values()]
  }

  /** Whether there may be more. */
  async function sealPage(desk: SealDesk, patient: boolean): Promise<{ more: boolean; flaws: Flaw[] }> {
    if (!(await desk.take({ patient }))) return { more: false, flaws: [] }
    const lanes = await desk.lanes(maxLanes, [...broken])
    if (lanes.length === 0) return { more: false, flaws: [] }
    let found = await desk.waiting(lanes, maxEntries)
    let { good, flaws } = soundOf(lanes, found, found.length < maxEntries)
    const [first] = lanes
    if (good.length === 0 && flaws.length === 0 && first) {
      // A clock that was set back: the page holds none of the next ones. One lane by itself has them.
      found = await desk.waiting([first], maxEntries)
      ;({ good, flaws } = soundOf([first], found, true))
    }
    const unlinkable = good.length > 0 ? await linkAll(desk, good) : []
    return { more: found.length === maxEntries || lanes.length === maxLanes, flaws: [...flaws, ...unlinkable] }
  }

  async function seal(patient: boolean): Promise<boolean> {
    const { more, flaws } = await sealing.transaction((desk) => sealPage(desk, patient))
    for (const flaw of flaws) passOver(flaw)
    return more
  }

  async function sealAll(patient: boolean): Promise<void> {
    while ((await sealing.waits()) && (await seal(patient)));
  }

  let sweptAt = 0
  async function tick(): Promise<void> {
    await sealAll(false)
    if (now() - sweptAt < 60_000) return
    sweptAt = now()
    broken.clear()
    await sealing.transaction((desk) => desk.forget(now() - idle, now() - idleOfOne))
  }

  return {
    now() {
      // They may have been mended.
      broken.clear()
      return sealAll(true)
    },
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
