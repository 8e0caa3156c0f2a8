/** What the trail needs kept. Implemented in storage/. */
import type { AuditResult } from './event.ts'
import type { Tally } from './tally.ts'

/** The end of one organization's chain. `seq` counts its events from 1; 0 and 64 zeros before the first. */
export type Head = { seq: number; hash: string }
export const genesis: Head = { seq: 0, hash: '0'.repeat(64) }

/** The last event that was removed from the beginning of a chain, when, and how many went with it. */
export type Floor = Head & { at: number; events: number }

/** One event as kept: the columns that it is found by, and the whole as JCS text without its hash. */
export type Entry = {
  /** The organization's id, or `installation`. */
  orgId: string
  seq: number
  id: string
  at: number
  type: string
  result: AuditResult
  reason: string | null
  requestId: string
  teamId: string | null
  actorId: string | null
  actorName: string | null
  targetId: string | null
  targetName: string | null
  body: string
  hash: string
}

/**
 * `from` and `to` are ms, inclusive; actor and target match an id or a name; `type` is a whole type or `noun.*`; `issuer` is
 * a URL in the detail.
 */
export type TrailQuery = {
  orgId: string
  teamIds?: readonly string[]
  from?: number
  to?: number
  type?: string
  actor?: string
  target?: string
  result?: AuditResult
  requestId?: string
  reason?: string
  issuer?: string
  account?: AskedAccount
  order: 'newest' | 'oldest'
  /** Only events beyond this `seq`, in the order asked for. */
  after?: number
  limit: number
}

/** By its id; `name`: what it is asked for by else, `team/name`, while it is there. */
export type AskedAccount = { id: string; name?: string }

export type Span = { after: number; to: number }

/** A look at the ends of chains, and the append that moves them on. */
export type TrailEnds = Pick<TrailStore, 'heads' | 'append'>

export interface TrailStore {
  /** Where other processes append too: then everything goes through here, and is linked into the chains later. */
  journal?: Journal
  /**
   * Between the work's look and its append no chain moves on but by another process: nothing else of this one is written
   * meanwhile, so that the work must not wait for another write.
   */
  undisturbed<T>(work: (ends: TrailEnds) => Promise<T>): Promise<T>
  heads(orgIds: readonly string[]): Promise<Map<string, Head>>
  /**
   * Durable when it returns true; false, and nothing kept, when a chain has moved on from `from`. Entries are in the
   * order of their chains.
   */
  append(entries: readonly Entry[], moves: readonly { orgId: string; from: Head; to: Head }[]): Promise<boolean>
  list(query: TrailQuery): Promise<Entry[]>
  /** The `seq` before the first event that is kept, and that of the last. */
  span(orgId: string): Promise<Span>
  /** The exchanges among the events behind `after`, up to and with `to`. */
  tally(orgId: string, span: Span): Promise<Tally>
  /** Undefined while the chain is whole. */
  floor(orgId: string): Promise<Floor | undefined>
  /**
   * Removes the beginning of a chain, up to and with the event at `floor`; false, and nothing removed, when it did not
   * begin behind `from`. Said of a transaction.
   */
  cut(orgId: string, from: Head, floor: Floor): Promise<boolean>
  /**
   * Every organization that has a chain, and those that exist without one, by id. `org` is its name; its id when the
   * organization is deleted. `exists`: it is not deleted; the installation exists once it has a key to sign with, or an
   * organization.
   */
  chains(): Promise<{ orgId: string; org: string; exists: boolean; head: Head; floor?: Floor }[]>
}

/** An event that waits to be linked into its chain. `body`: its JCS text without `prev`; `hash`: see audit/journal.ts. */
export type Waiting = {
  lane: string
  seq: number
  id: string
  orgId: string
  teamId: string | null
  body: string
  hash: string
}

export type JournalAppend = {
  lane: string
  /** The end of the lane as its one writer left it; genesis: it begins. */
  from: Head
  to: Head
  at: number
  entries: readonly Waiting[]
  /** Whose number of changes is asked for. */
  orgIds: readonly string[]
}

export interface Journal {
  /**
   * Durable when it answers, with how often those organizations had changed when it began. Undefined, and nothing kept,
   * when the lane does not end at `from`.
   */
  append(append: JournalAppend): Promise<ReadonlyMap<string, number> | undefined>
  /**
   * After an append of which it is not known whether it arrived: whether the lane ended at `to`, with that event. When it
   * did not, it never will: whatever is still on its way there is kept out.
   */
  leave(left: { lane: string; to: Head; at: number; last: Pick<Entry, 'orgId' | 'requestId' | 'id'> }): Promise<boolean>
}

/** The hash of a lane that was left: nothing is appended to it any more. */
export const left = 'left'

/** One process's part of the journal, and how far it has been linked. */
export type Lane = { lane: string; seq: number; hash: string; sealedSeq: number; sealedHash: string; at: number }

/** What linking needs, in one transaction. */
export interface SealDesk {
  /** The right to seal, until the transaction ends; false when another has it (and we are not patient). */
  take(wish: { patient: boolean }): Promise<boolean>
  /** Lanes of which something waits, but for some; those first on which nothing came for longest. */
  lanes(limit: number, but: readonly string[]): Promise<readonly Lane[]>
  /**
   * What waits on them, up to their ends as they were when they were asked for; by the time in its id, in ms, and of each
   * lane in its order.
   */
  waiting(lanes: readonly Lane[], limit: number): Promise<readonly Waiting[]>
  heads(orgIds: readonly string[]): Promise<ReadonlyMap<string, Head>>
  /** Entries and the new ends of their chains; how far each lane is linked now: what was waiting there goes. */
  keep(entries: readonly Entry[], heads: ReadonlyMap<string, Head>, sealed: ReadonlyMap<string, Head>): Promise<void>
  /** Lanes that are linked to their end, and on which nothing came since; of one event: since then. */
  forget(before: number, ofOne: number): Promise<void>
}

export interface Sealing {
  waits(): Promise<boolean>
  transaction<T>(work: (desk: SealDesk) => Promise<T>): Promise<T>
  /** For verifying: every lane, and what waits on it beyond so far. */
  lanes(): Promise<readonly Lane[]>
  waiting(lane: string, after: number, limit: number): Promise<readonly Waiting[]>
  /** For verifying: those among which something waits that no lane is to bring, with the first such of each. */
  strays(): Promise<readonly Pick<Waiting, 'lane' | 'seq'>[]>
}
