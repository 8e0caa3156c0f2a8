import { setImmediate as soon } from 'node:timers/promises'
import { type Break, verifyChain } from './chain.ts'
import { installation } from './event.ts'
import type { Entry, Head, TrailStore } from './store.ts'

/** One organization's chain: how many events hold together, and what breaks it, if anything. */
export type TrailReport = { orgId: string; org: string; events: number; head: Head; brokenAt?: Break }

type Needs = Pick<TrailStore, 'chains' | 'list' | 'heads'>

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
