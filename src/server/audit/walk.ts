/** Along a chain, oldest first: whether its events hold together, and where they do not. Pure, as chain.ts is. */
import { type Bare, columnsOf, digest } from './chain.ts'
import { type Entry, genesis, type Head } from './store.ts'

/**
 * `body_changed`: the hash is not the body's · `column_changed`: found by something else than it says · `removed`: its
 * place is empty · `reordered`: does not follow the event before it, which was moved, inserted or written anew ·
 * `other_organization`: stands in a chain that is not its own · `head_mismatch`: the chain does not end where its head
 * says.
 */
export type BreakReason =
  | 'body_changed'
  | 'column_changed'
  | 'removed'
  | 'reordered'
  | 'other_organization'
  | 'head_mismatch'
export type Break = { seq: number; id?: string; why: BreakReason }
/** `since`: the first that is kept. `attested`: one of them says that what was before the floor has been removed. */
export type Verified = { events: number; head: Head; since?: string; attested: boolean; brokenAt?: Break }

/** The type of the event that says so, of its own chain. */
export const pruning = 'trail.prune'
export const attests = (body: string, { seq, hash }: Head): boolean => {
  const { type, actor, detail } = bareIn(body) ?? {}
  if (type !== pruning || actor?.type !== 'system') return false
  return detail?.through_seq === seq && detail.through_hash === hash
}

function bareIn(body: string): Bare | undefined {
  try {
    return JSON.parse(body) as Bare
  } catch {
    return undefined
  }
}

function columnsAgree(entry: Entry, bare: Bare): boolean {
  const columns = columnsOf(bare)
  return (Object.keys(columns) as (keyof typeof columns)[]).every((name) => entry[name] === columns[name])
}

/** Its own name in every event, which never changes, and its own id in what was done to the organization itself. */
function bears({ org, target }: Bare, { orgId, name }: Owner): boolean {
  return (name === undefined || org === name) && (target?.type !== 'organization' || target.id === orgId)
}

/** What is wrong with the entry that stands after `last`. */
function flawOf(entry: Entry, last: Head, owner: Owner): BreakReason | undefined {
  // Before the floor nothing is kept.
  if (entry.seq <= last.seq) return 'reordered'
  if (entry.seq !== last.seq + 1) return 'removed'
  if (digest(entry.body) !== entry.hash) return 'body_changed'
  const bare = bareIn(entry.body)
  if (!bare) return 'body_changed'
  if (bare.prev !== last.hash) return 'reordered'
  if (!bears(bare, owner)) return 'other_organization'
  return columnsAgree(entry, bare) ? undefined : 'column_changed'
}

/** Whose chain it is. `name`: what its events bear; undefined where nobody knows it any more. */
export type Owner = { orgId: string; name: string | undefined }

/** Whether these follow `from` in the chain, one after the other. */
export function follow(entries: readonly Entry[], from: Head, orgId: string): boolean {
  let last = from
  return entries.every((entry) => {
    const flaw = flawOf(entry, last, { orgId, name: undefined })
    last = entry
    return flaw === undefined
  })
}

/**
 * Walks one chain, oldest first, from its floor up to its head; the first break ends it. What comes after the head is not
 * looked at.
 */
export async function verifyChain(
  pages: AsyncIterable<readonly Entry[]>,
  { head, floor }: { head: Head; floor: Head },
  owner: Owner,
): Promise<Verified> {
  let last: Head = { seq: floor.seq, hash: floor.hash }
  let first: Entry | undefined
  let attested = floor.seq === genesis.seq
  const walked = (): Verified => ({
    events: last.seq - floor.seq,
    head: last,
    ...(floor.seq > genesis.seq && first ? { since: new Date(first.at).toISOString() } : {}),
    attested,
  })
  const broken = (brokenAt: Break): Verified => ({ ...walked(), brokenAt })
  for await (const page of pages) {
    for (const entry of page) {
      if (entry.seq > head.seq) break
      const why = flawOf(entry, last, owner)
      if (why === 'removed') return broken({ seq: last.seq + 1, why })
      if (why) return broken({ seq: entry.seq, id: entry.id, why })
      last = { seq: entry.seq, hash: entry.hash }
      first ??= entry
      attested ||= entry.type === pruning && attests(entry.body, floor)
    }
    if (last.seq >= head.seq) break
  }
  if (last.seq < head.seq) return broken({ seq: last.seq + 1, why: 'removed' })
  if (last.hash !== head.hash) return broken({ seq: last.seq, why: 'head_mismatch' })
  return walked()
}
