/**
 * The clock that minting and revoking share, in ms since 1970: it never goes back, so that whatever was minted before a
 * revocation bears an earlier moment, and whatever is minted after it a later one, however the machine's clock is set.
 * Among other processes it may go back for what is minted: a moment beyond their clocks is out of reach of their
 * revocations, and what is minted under one of them is dated later in any case (`after` of revocations.ts).
 */
export type Moments = {
  /** For something that is minted. */
  read(): number
  /** For a revocation: at or after all that were read, and before all that will be. */
  pass(): number
  /** No later moment is at or before this one. */
  after(moment: number): void
}

/** `alone`: no other process mints. */
export function createMoments(now: () => number, alone = true): Moments {
  let last = 0
  const latest = (at: number) => {
    last = Math.max(at, last)
    return last
  }
  return {
    read() {
      const at = now()
      const moment = latest(at)
      return alone ? moment : at
    },
    pass() {
      const moment = latest(now())
      last = moment + 1
      return moment
    },
    after(moment) {
      last = Math.max(last, moment + 1)
    },
  }
}
