/** The change feed: what others must forget. Implemented in shared-state/. */

/** Something below this organization changed; null: something of the installation. Never says what it is now. */
export type Change = { orgId: string | null }

export interface Changes {
  publish(change: Change): void
  listen(listener: (change: Change) => void): void
  /** A point in the feed, to ask `changedSince` about. */
  mark(): number
  /** Whether anything of the organization, or of the installation, was published after the mark. */
  changedSince(mark: number, orgId: string): boolean
}
