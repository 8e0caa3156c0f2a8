/** How events are written down: straight into their chains, where this process is the only one, or into the journal. */
import { StorageUnavailable } from '../errors/refusal.ts'
import type { AuditEvent, Deed } from './event.ts'
import type { TrailStore } from './store.ts'

/** The event; without its place in the chain where that is found later. */
export type Recorded = Omit<AuditEvent, 'prev' | 'hash'> & Partial<Pick<AuditEvent, 'prev' | 'hash'>>

type Outcome = 'kept' | 'lost'

/** It is not known whether what was to be recorded is durable. */
export class Doubtful extends StorageUnavailable {
  /** Makes certain of it: true when it is, false when it never will be. Rejects with StorageUnavailable. */
  readonly settle: () => Promise<boolean>
  readonly #follows: { outcome: Outcome; deed: Deed }[] = []
  #end: { outcome: Outcome | 'unknown'; record: (deed: Deed) => void } | undefined

  constructor(cause: unknown, settle: () => Promise<boolean>) {
    super(cause)
    this.settle = settle
  }

  /** What is to be recorded too, once it is certain that it was kept, or that it was lost. */
  follow(outcome: Outcome, deed: Deed): void {
    if (!this.#end) this.#follows.push({ outcome, deed })
    else if (this.#end.outcome === outcome || this.#end.outcome === 'unknown') this.#end.record(deed)
  }

  /** It is certain now, or never will be: then all follows. `record`: what to do with it. */
  end(outcome: Outcome | 'unknown', record: (deed: Deed) => void): void {
    this.#end = { outcome, record }
    for (const { outcome, deed } of this.#follows.splice(0)) this.follow(outcome, deed)
  }
}

export interface Recorder {
  /** How many may be on their way to storage at once. */
  readonly atOnce: number
  /**
   * Durable when it resolves, all or nothing: the event of each deed, in their order. What cannot be written down at all
   * is not among the others, and has an Error in its place. Rejects with StorageUnavailable, which may be Doubtful.
   */
  record(deeds: readonly Deed[]): Promise<readonly (Recorded | Error)[]>
  /** As a part of an open transaction. */
  recordWithin(store: TrailStore, deed: Deed): Promise<Recorded>
}
