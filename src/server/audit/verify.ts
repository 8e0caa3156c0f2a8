import { setImmediate as soon } from 'node:timers/promises'
import { relink } from './chain.ts'
import { installation } from './event.ts'
import { laneHash } from './journal.ts'
import {
  type Entry,
  genesis,
  type Head,
  type Lane,
  left,
  type Sealing,
  type TrailStore,
  type Waiting,
} from './store.ts'
import { attests, type Break, verifyChain } from './walk.ts'

/**
 * One organization's chain: how many of the events that are kept hold together, and what breaks it, if anything. `since`:
 * the time of the first of them, where earlier ones are past their time and have been removed.
 */
export type TrailReport = {
  orgId: string
  org: string
  events: number
  head: Head
  since?: string
  brokenAt?: Break
}

type Needs = Pick<TrailStore, 'chains' | 'list' | 'heads' | 'floor'>
type Chain = Awaited<ReturnType<TrailStore['chains']>>[number]
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

/** Whether the event that says so of this floor is still on its way into the chain. */
async function waits(unsealed: Unsealed | undefined, orgId: string, floor: Head): Promise<boolean> {
  for (const { lane, seq, sealedSeq } of (await unsealed?.lanes()) ?? []) {
    for (let after = sealedSeq; after < seq; ) {
      const page = (await unsealed?.waiting(lane, after, pageSize)) ?? []
      if (page.some((entry) => entry.orgId === orgId && attests(entry.body, floor))) return true
      after = page.at(-1)?.seq ?? seq
    }
  }
  return false
}

/** A first look may meet a chain whose end has not yet what its beginning wants; not so often in a row. */
const maxLooks = 5

async function verifyOne(store: Needs, chain: Chain, unsealed?: Unsealed, looks = 1): Promise<TrailReport> {
  const { orgId, org, exists, head, floor = genesis } = chain
  const owner = { orgId, name: exists || orgId === installation ? org : undefined }
  const { attested, ...verified } = await verifyChain(pagesOf(store, orgId), { head, floor }, owner)
  const flaw = verified.brokenAt ?? (await beyond(store, orgId, head))
  // What exists has been recorded: an organization by its making, the installation by its first keys.
  const isEmpty = exists && verified.events === 0
  const isUnfounded = !flaw && !attested && !(await waits(unsealed, orgId, floor))
  const removed: Break | undefined = isEmpty || isUnfounded ? { seq: 1, why: 'removed' } : undefined
  const brokenAt = flaw ?? removed
  if (!brokenAt) return { orgId, org, ...verified }
  // Its beginning may have been removed while we walked; and what attests that, linked.
  const risen = await store.floor(orgId)
  const grown = (await store.heads([orgId])).get(orgId) ?? genesis
  if ((risen?.seq ?? 0) > floor.seq || (isUnfounded && grown.seq > head.seq && looks < maxLooks)) {
    const { floor: _, ...rest } = chain
    const next = { ...rest, head: grown, ...(risen ? { floor: risen } : {}) }
    return verifyOne(store, next, unsealed, looks + 1)
  }
  return { orgId, org, ...verified, brokenAt }
}

/**
 * Every chain from its first event, or from where its beginning was removed, to its head; on a live database too: up to
 * the heads as they are at the start.
 */
export async function verifyTrails(store: Needs, unsealed?: Unsealed): Promise<TrailReport[]> {
  const reports: TrailReport[] = []
  for (const chain of await store.chains()) reports.push(await verifyOne(store, chain, unsealed))
  return reports
}

/** Lanes on which what waits does not hold together: what was changed or removed before it had its place in a chain. */
export async function verifyLanes(sealing: Unsealed & Pick<Sealing, 'strays'>): Promise<TrailReport[]> {
  const reports: TrailReport[] = []
  for (const lane of await sealing.lanes()) {
    const report = await verifyLane(sealing, lane)
    if (report) reports.push(report)
  }
  // Somebody removed the lane, or set it back.
  for (const { lane, seq } of await sealing.strays())
    if (!reports.some(({ orgId }) => orgId === lane))
      reports.push(brokenLane(lane, genesis, { seq, why: 'head_mismatch' }))
  return reports
}

/** Its lane may vouch for what is no event. */
function isLinkable(entry: Waiting): boolean {
  try {
    relink(entry, genesis)
    return true
  } catch {
    return false
  }
}

const brokenLane = (lane: string, head: Head, brokenAt: Break): TrailReport => ({
  orgId: lane,
  org: `journal ${lane}`,
  events: head.seq,
  head,
  brokenAt,
})

async function verifyLane(sealing: Unsealed, { lane, seq, hash, sealedSeq, sealedHash }: Lane) {
  let last: Head = { seq: sealedSeq, hash: sealedHash }
  const broken = (brokenAt: Break) => brokenLane(lane, last, brokenAt)
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
      if (!isLinkable(entry)) return broken({ seq: entry.seq, id: entry.id, why: 'body_changed' })
      last = { seq: entry.seq, hash: entry.hash }
      if (entry.seq === seq && hash !== entry.hash && hash !== left)
        return broken({ seq, id: entry.id, why: 'head_mismatch' })
    }
    if (page.length === 0) return lost()
  }
  return undefined
}
