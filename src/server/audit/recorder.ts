/** How events are written down: straight into their chains, where this process is the only one, or into the journal. */
import type { AuditEvent, Deed } from './event.ts'
import type { TrailStore } from './store.ts'

/** The event; without its place in the chain where that is found later. */
export type Recorded = Omit<AuditEvent, 'prev' | 'hash'> & Partial<Pick<AuditEvent, 'prev' | 'hash'>>

export interface Recorder {
  /**
   * Durable when it resolves, all or nothing: the event of each deed, in their order. What cannot be written down at all
   * is not among the others, and has an Error in its place. Rejects with StorageUnavailable.
   */
  record(deeds: readonly Deed[]): Promise<readonly (Recorded | Error)[]>
  /** As a part of an open transaction. */
  recordWithin(store: TrailStore, deed: Deed): Promise<Recorded>
}
