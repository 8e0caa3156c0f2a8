/** Along the trail from its end, page by page, with a turn for everybody else behind each. */
import type { Entry, TrailStore } from '../../audit/store.ts'
import { createTurns } from '../turns.ts'

/** A page and what is made of it: a few milliseconds of work. */
const page = 100
/** ms. An exchange is on record when it ends, under the time when it began. */
const slack = 5 * 60_000

/** Of all walks, one takes a step in each turn of the event loop. */
export const turn = createTurns()

/**
 * Events of the organization down to `from` (ms), newest first. `first`: where what was durable before is found; `rest`:
 * where the older ones are.
 */
export async function* newestFirst(
  trail: { first: Pick<TrailStore, 'list'>; rest: Pick<TrailStore, 'list'> },
  orgId: string,
  from: number,
): AsyncGenerator<readonly Entry[]> {
  let after: number | undefined
  for (;;) {
    await turn()
    // Without a filter the index leads from one to the next: however few are wanted, each step is as short.
    const store = after === undefined ? trail.first : trail.rest
    const found = await store.list({ orgId, order: 'newest', limit: page, ...(after === undefined ? {} : { after }) })
    const oldest = found.at(-1)
    if (oldest) yield found.filter(({ at }) => at >= from)
    if (!oldest || found.length < page || oldest.at < from - slack) return
    after = oldest.seq
  }
}
