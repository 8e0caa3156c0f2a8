import { setImmediate as soon } from 'node:timers/promises'
import { type Break, verifyChain } from './chain.ts'
import { installation } from './event.ts'
import { laneHash } from './journal.ts'
import type { Entry, Head, Lane, Sealing, TrailStore } from './store.ts'

/** One organization's chain: how many events hold together, and what breaks it, if anything. */
export type TrailReport = { orgId: string; org: string; events: number; head: Head; brokenAt?: Break }

type Needs = Pick<TrailStore, 'chains' | 'list' | 'heads'>
/** What waits in the journal, where there is one. */
export type Unsealed = Pick<Sealing, 'lanes' | 'waiting'>

/** Events in one page: a few milliseconds of work, after which others have their turn. */
const pageSize = 500

async function* pagesOf(store: Needs, orgId: string): AsyncIterable<Entry[]> {
  let after = 0
  for (;;) {
    const page = await store.list({ orgId, order: 'oldest', after, limit: pageSize })
    const last = page.at(-1)
    if (!last) return
    yield page
    after = last.seq
    await soon()
  }
}

/** An event beyond the head that the chain has even now. What was appended meanwhile is within that. */
async function beyond(store: Needs, orgId: string, head: Head): Promise<Break | undefined> {
  const [next] = await store.list({ orgId, order: 'oldest', after: head.seq, limit: 1 })
  if (!next) return undefined
  const now = (await store.heads([orgId])).get(orgId)
  return now && now.seq >= next.seq ? undefined : { seq: next.seq, id: next.id, why: 'head_mismatch' }
}

/** What exists has been recorded: an organization by its making, the installation by its first keys. */
const nothing: Break = { seq: 1, why: 'removed' }

/** Every chain from its first event to its head, on a live database too: up to the heads as they are at the start. */
export async function verifyTrails(store: Needs): Promise<TrailReport[]> {
  const reports: TrailReport[] = []
  for (const { orgId, org, exists, head } of await store.chains()) {
    const owner = { orgId, name: exists || orgId === installation ? org : undefined }
    const verified = await verifyChain(pagesOf(store, orgId), head, owner)
    const isEmpty = exists && verified.events === 0
    const brokenAt = verified.brokenAt ?? (await beyond(store, orgId, head)) ?? (isEmpty ? nothing : undefined)
    reports.push({ orgId, org, ...verified, ...(brokenAt ? { brokenAt } : {}) })
  }
  return reports
}

/** Lanes on which what waits does not hold together: what was changed or removed before it had its place in a chain. */
export async function verifyLanes(sealing: Unsealed): Promise<TrailReport[]> {
  const reports: TrailReport[] = []
  for (const lane of await sealing.lanes()) {
    const report = await verifyLane(sealing, lane)
    if (report) reports.push(report)
  }
  return reports
}

async function verifyLane(sealing: Unsealed, { lane, seq, sealedSeq, sealedHash }: Lane) {
  let last: Head = { seq: sealedSeq, hash: sealedHash }
  const broken = (brokenAt: Break): TrailReport => ({
    orgId: lane,
    org: `journal ${lane}`,
    events: last.seq,
    head: last,
    brokenAt,
  })
  /** It may have been linked meanwhile: only a lane that is linked no further than it was has lost something. */
  const lost = async () => {
    const now = (await sealing.lanes()).find((one) => one.lane === lane)
    return now?.sealedSeq === sealedSeq ? broken({ seq: last.seq + 1, why: 'removed' }) : undefined
  }
  while (last.seq < seq) {
    const page = await sealing.waiting(lane, last.seq, pageSize)
    for (const entry of page) {
      if (entry.seq !== last.seq + 1) return lost()
      if (laneHash(last.hash, entry) !== entry.hash)
        return broken({ seq: entry.seq, id: entry.id, why: 'body_changed' })
      last = { seq: entry.seq, hash: entry.hash }
    }
    if (page.length === 0) return lost()
  }
  return undefined
}
