/** The change feed: what others must forget. Implemented in shared-state/. */

/** Something below this organization changed; null: something of the installation. Never says what it is now. */
export type Change = {
  orgId: string | null
  /** How often it has changed, when this process changed it. */
  n?: number
}

export interface Changes {
  publish(change: Change): void
  listen(listener: (change: Change) => void): void
  /** A point in the feed, to ask `changedSince` about. */
  mark(): number
  /** Whether anything of the organization, or of the installation, was published after the mark. */
  changedSince(mark: number, orgId: string): boolean
}

/** How often something of each organization changed, `installation` among them: what replicas compare. */
export interface ChangeStore {
  /** One more change of it, in the transaction that makes it; how many there are then. `now`: ms. */
  advance(orgId: string, now: number): Promise<number>
  /** The numbers of those that changed at or after that time (ms), as it stood on the clock of whoever changed them. */
  since(at: number): Promise<ReadonlyMap<string, number>>
}
