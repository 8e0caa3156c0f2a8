/**
 * The journal: where many processes append at once, each to a lane of its own, so that nobody waits for anybody. An entry
 * bears the hash of the one before it in its lane, so that what waits to be linked into its organization's chain
 * (sealer.ts) cannot be changed or removed unseen. A lane whose end is not known for certain is left; a new one begins.
 * A process has a few: while one append is on its way, the next is filled.
 */
import { hash } from 'node:crypto'
import type { NewId } from '../../protocol/ids.ts'
import { StorageUnavailable } from '../errors/refusal.ts'
import { chainOf, unlinked } from './chain.ts'
import { type Deed, installation } from './event.ts'
import { Doubtful, type Recorded, type Recorder } from './recorder.ts'
import { genesis, type Head, type Journal, type Waiting } from './store.ts'

/** The hash of an entry: of the one before it, and of what it says and to whom. */
export const laneHash = (
  before: string,
  { id, orgId, teamId, body }: Pick<Waiting, 'id' | 'orgId' | 'teamId' | 'body'>,
) => hash('sha256', `${before}\n${id}\n${orgId}\n${teamId ?? ''}\n${body}`, 'hex')

type Needs = {
  journal: Journal
  newId: NewId
  now: () => number
  /** How often their organizations had changed when events were written down. */
  heard: (heads: ReadonlyMap<string, number>) => void
}

/** Changes of the installation concern everybody. */
const orgIdsOf = (entries: readonly Waiting[]) => [...new Set([installation, ...entries.map(({ orgId }) => orgId)])]

export function createJournaling({ journal, newId, now, heard }: Needs): Recorder {
  const freshLane = () => ({ lane: newId('evt'), end: genesis })
  /** Those on whose end nothing is on its way. */
  const free: { lane: string; end: Head }[] = []

  function entryOf(lane: string, deed: Deed, from: Head): { event: Recorded; entry: Waiting; to: Head } {
    const { event, body } = unlinked(deed, newId('evt'))
    const bare = { id: event.id, orgId: chainOf(deed), teamId: deed.teamId ?? null, body }
    const entry = { lane, seq: from.seq + 1, ...bare, hash: laneHash(from.hash, bare) }
    return { event, entry, to: { seq: entry.seq, hash: entry.hash } }
  }

  const recorder: Recorder = {
    atOnce: 2,

    async record(deeds) {
      const { lane, end } = free.pop() ?? freshLane()
      const isFresh = end === genesis
      let to = end
      const entries: Waiting[] = []
      let last = { orgId: '', requestId: '', id: '' }
      const events = deeds.map((deed) => {
        try {
          const made = entryOf(lane, deed, to)
          entries.push(made.entry)
          last = { orgId: made.entry.orgId, requestId: made.event.request_id, id: made.event.id }
          to = made.to
          return made.event
        } catch (error) {
          return error as Error
        }
      })
      if (entries.length > 0) {
        const orgIds = orgIdsOf(entries)
        const heads = await journal
          .append({ lane, from: end, to, at: now(), entries, orgIds })
          .catch((error: unknown) => {
            if (!(error instanceof StorageUnavailable)) throw error
            throw new Doubtful(error.cause, () => journal.leave({ lane, to, at: now(), last }))
          })
        // Nothing was kept: it was idle, and forgotten.
        if (!heads && !isFresh) return recorder.record(deeds)
        if (!heads) throw new StorageUnavailable(new Error('the lane of this process was moved on by another'))
        heard(heads)
      }
      free.push({ lane, end: to })
      return events
    },

    /** A lane of its own: it ends with the transaction, and conflicts with nobody's. */
    async recordWithin(within, deed) {
      if (!within.journal) throw new Error('a transaction without a journal')
      const lane = newId('evt')
      const { event, entry, to } = entryOf(lane, deed, genesis)
      const kept = await within.journal.append({ lane, from: genesis, to, at: now(), entries: [entry], orgIds: [] })
      if (!kept) throw new StorageUnavailable(new Error('nothing was kept in the journal'))
      return event
    },
  }
  return recorder
}
