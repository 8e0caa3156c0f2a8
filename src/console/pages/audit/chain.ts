/**
 * The chain of an organization's events, checked by whoever reads it: the hash of each is computed anew (hex SHA-256 of
 * the RFC 8785 form without `hash`), and each bears the hash of the one before. Pure but for SHA-256. What the service does
 * not give out is not seen: events that were cut off at the end show only against a hash that was kept elsewhere.
 */
import type { AuditEvent } from '../../wire/shapes.ts'
import { canonical, type Json } from './canonical.ts'

/**
 * `changed`: the hash is not that of what it says · `removed`: does not follow the event before it, nor does any other ·
 * `reordered`: the one that follows the event before it stands further down ·
 * `other_organization`: belongs to another trail · `beginning`: earlier ones are missing, and no event says that they were
 * removed when their time was over.
 */
export type BreakReason = 'changed' | 'removed' | 'reordered' | 'other_organization' | 'beginning'
/** `at`: which event it is, counted from 1. */
export type Break = { at: number; why: BreakReason; id?: string; time?: string }
export type Checked = {
  /** Those that hold together, from the first one on. */
  events: number
  first?: Pick<AuditEvent, 'id' | 'at'>
  last?: Pick<AuditEvent, 'id' | 'at' | 'hash'>
  /** Earlier ones were removed when their time was over, and an event says so. */
  isPruned: boolean
  /** Whether an event has the hash that was asked for. */
  holdsKept: boolean
  broken?: Break
}
type Ask = {
  org: string
  /** A hash that was noted down earlier. */
  kept?: string
  sha256?: (text: string) => Promise<string>
  onProgress?: (checked: Checked) => void
}

const genesis = '0'.repeat(64)
/** Hashed at once. */
const batchSize = 200

export async function sha256(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

type Read = { event: AuditEvent; isTrue: boolean } | undefined

/** `lines`: the whole trail as NDJSON, oldest first. Reads no further than it has to. */
export async function checkChain(lines: AsyncIterable<string>, ask: Ask): Promise<Checked> {
  const { org, kept, sha256: digest = sha256, onProgress } = ask
  const checked: Checked = { events: 0, isPruned: false, holdsKept: false }
  let last = genesis
  /** What the first event follows, when that is not there. */
  let missing: string | undefined
  /** A break by which an event does not follow the one before it. */
  let open: Break | undefined

  const accept = ({ id, at, hash }: AuditEvent) => {
    last = hash
    checked.events++
    checked.first ??= { id, at }
    checked.last = { id, at, hash }
    if (hash === kept) checked.holdsKept = true
  }
  const flawOf = (read: Read): BreakReason | undefined => {
    if (!read?.isTrue) return 'changed'
    const { event } = read
    if (event.prev !== last) {
      if (checked.events > 0) return 'removed'
      missing = event.prev
    }
    return event.org === org ? undefined : 'other_organization'
  }

  for await (const batch of batchesOf(lines)) {
    for (const read of await Promise.all(batch.map((line) => readLine(line, digest)))) {
      if (open) {
        if (read?.event.prev === last) return { ...checked, broken: { ...open, why: 'reordered' } }
        continue
      }
      const why = flawOf(read)
      if (why === undefined) {
        const { event } = read as { event: AuditEvent }
        if (missing !== undefined && attests(event, missing)) checked.isPruned = true
        accept(event)
        continue
      }
      const broken = { at: checked.events + 1, why, ...(read ? { id: read.event.id, time: read.event.at } : {}) }
      if (why !== 'removed') return { ...checked, broken }
      // Which of the two it is, only what comes behind it tells.
      open = broken
    }
    onProgress?.({ ...checked })
  }
  if (open) return { ...checked, broken: open }
  if (missing !== undefined && !checked.isPruned)
    return { ...checked, broken: { at: 1, why: 'beginning', ...named(checked.first) } }
  return checked
}

const named = (first: Checked['first']) => (first ? { id: first.id, time: first.at } : {})

/** As the service says, in the same chain, that it removed what was too old. */
const attests = ({ type, actor, detail }: AuditEvent, hash: string) =>
  type === 'trail.prune' && actor.type === 'system' && detail.through_hash === hash

async function readLine(line: string, digest: (text: string) => Promise<string>): Promise<Read> {
  try {
    const event = JSON.parse(line) as AuditEvent
    const { hash, ...bare } = event
    return { event, isTrue: (await digest(canonical(bare as unknown as Json))) === hash }
  } catch {
    return undefined
  }
}

async function* batchesOf(lines: AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = []
  for await (const line of lines) {
    batch.push(line)
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
