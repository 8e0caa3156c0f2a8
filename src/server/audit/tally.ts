/**
 * How many exchanges there were, of the newest events of a trail. It is walked newest first, in pieces that never change
 * once they are full: those are counted once, and their counts are remembered. Each piece has its turn, so that nobody
 * else waits for it.
 */
import { setImmediate as soon } from 'node:timers/promises'
import type { TrailStore } from './store.ts'

export const minute = 60_000

/** So many exchanges that are alike. `at`: ms, the beginning of their minute. `actorId`: of whom they stood for, if known. */
export type TallyGroup = {
  at: number
  teamId: string | null
  granted: boolean
  reason: string | null
  issuer: string | null
  actorId: string | null
  count: number
}
/** Of some events of one trail; `first` and `last`: ms, the times of their oldest and newest; null when there are none. */
export type Tally = { first: number | null; last: number | null; groups: readonly TallyGroup[] }

/** Events of a piece: a few milliseconds of work. */
const pieceSize = 1_000
/** Of one answer. */
export const mostEvents = 200_000
/** Events stand nearly in the order of their times: one that was begun earlier is at most so much (ms) behind. */
const slack = 5 * minute
/** Groups remembered at the most, of all pieces together; less than 200 bytes each. */
const mostGroups = 200_000

export type Walked = { complete: true } | { complete: false; reached: number }
type Bounds = { piece?: number; most?: number }
export type Tallies = ReturnType<typeof createTallies>

export function createTallies(
  trail: Pick<TrailStore, 'span' | 'tally'>,
  { piece: size = pieceSize, most = mostEvents }: Bounds = {},
) {
  const kept = new Map<string, { tally: Promise<Tally>; groups: number }>()
  let groups = 0

  function forget(key: string): void {
    groups -= kept.get(key)?.groups ?? 0
    kept.delete(key)
  }

  function remembered(key: string, count: () => Promise<Tally>): Promise<Tally> {
    const known = kept.get(key)
    if (known) {
      kept.delete(key)
      kept.set(key, known)
      return known.tally
    }
    const one = { tally: count(), groups: 0 }
    kept.set(key, one)
    one.tally.then(
      (tally) => {
        if (kept.get(key) !== one) return
        one.groups = tally.groups.length
        groups += one.groups
        for (const [oldest] of kept) {
          if (groups <= mostGroups) break
          forget(oldest)
        }
      },
      () => forget(key),
    )
    return one.tally
  }

  return {
    /** Hands over what was counted, newest piece first, back to `from` (ms) or as far as is looked. */
    async walk(orgId: string, from: number, each: (groups: readonly TallyGroup[]) => void): Promise<Walked> {
      const { after, to } = await trail.span(orgId)
      for (let end = to; end > after; await soon()) {
        const start = Math.max(Math.floor((end - 1) / size) * size, after)
        const count = () => trail.tally(orgId, { after: start, to: end })
        const { first, last, groups } = await (end % size === 0
          ? remembered(`${orgId} ${start} ${end}`, count)
          : count())
        each(groups)
        if (last !== null && last < from - slack) break
        if (to - start >= most && start > after && first !== null && first >= from)
          return { complete: false, reached: first }
        end = start
      }
      return { complete: true }
    },
  }
}
