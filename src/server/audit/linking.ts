/** Straight into the chains: for the one process of an embedded installation. */
import type { NewId } from '../../protocol/ids.ts'
import { StorageUnavailable } from '../errors/refusal.ts'
import { chainOf, link } from './chain.ts'
import type { Deed } from './event.ts'
import type { Recorded, Recorder } from './recorder.ts'
import { type Entry, genesis, type Head, type TrailEnds, type TrailStore } from './store.ts'

type Move = { orgId: string; from: Head; to: Head }

/** Another process may move a chain on between our look and our write; so often in a row is no coincidence. */
const maxTries = 10

export function createLinking({ store, newId }: { store: Pick<TrailStore, 'undisturbed'>; newId: NewId }): Recorder {
  /** The ends of the chains as we left them. Another's append makes ours fail, which makes us look again. */
  const heads = new Map<string, Head>()

  async function learnHeads(ends: TrailEnds, deeds: readonly Deed[]): Promise<void> {
    const unknown = new Set(deeds.map(chainOf).filter((orgId) => !heads.has(orgId)))
    if (unknown.size === 0) return
    const found = await ends.heads([...unknown])
    for (const orgId of unknown) heads.set(orgId, found.get(orgId) ?? genesis)
  }

  /** Links each to its chain. A deed that cannot be written down fails alone. */
  function linkAll(deeds: readonly Deed[]) {
    const entries: Entry[] = []
    const moves = new Map<string, Move>()
    const events = deeds.map((deed): Recorded | Error => {
      const orgId = chainOf(deed)
      const move = moves.get(orgId)
      const from = move?.to ?? heads.get(orgId) ?? genesis
      try {
        const { event, entry } = link(deed, newId('evt'), from)
        moves.set(orgId, { orgId, from: move?.from ?? from, to: { seq: entry.seq, hash: entry.hash } })
        entries.push(entry)
        return event
      } catch (error) {
        return error as Error
      }
    })
    return { events, entries, moves }
  }

  async function tryOnce(ends: TrailEnds, deeds: readonly Deed[]) {
    await learnHeads(ends, deeds)
    const { events, entries, moves } = linkAll(deeds)
    if (entries.length === 0) return events
    const kept = await ends.append(entries, [...moves.values()])
    for (const { orgId, to } of moves.values()) {
      if (kept) heads.set(orgId, to)
      else heads.delete(orgId)
    }
    return kept ? events : undefined
  }

  async function recordAll(ends: TrailEnds, deeds: readonly Deed[]) {
    for (let tries = 0; tries < maxTries; tries++) {
      const events = await tryOnce(ends, deeds)
      if (events) return events
    }
    throw new StorageUnavailable(new Error('the chain moved on at every try'))
  }

  return {
    // Whatever comes meanwhile has the same chains to move on.
    atOnce: 1,

    async record(deeds) {
      try {
        return await store.undisturbed((ends) => recordAll(ends, deeds))
      } catch (error) {
        // After a failure nobody knows whether the write arrived: the heads are read again.
        for (const deed of deeds) heads.delete(chainOf(deed))
        throw error
      }
    },

    async recordWithin(within, deed) {
      const orgId = chainOf(deed)
      const from = (await within.heads([orgId])).get(orgId) ?? genesis
      const { event, entry } = link(deed, newId('evt'), from)
      const kept = await within.append([entry], [{ orgId, from, to: { seq: entry.seq, hash: entry.hash } }])
      if (!kept) throw new StorageUnavailable(new Error('the chain moved on within the transaction'))
      return event
    },
  }
}
