/**
 * The clock that minting and revoking share, in ms since 1970: it never goes back, so that whatever was minted before a
 * revocation bears an earlier moment, and whatever is minted after it a later one, however the machine's clock is set.
 */
export type Moments = {
  /** For something that is minted. */
  read(): number
  /** For a revocation: at or after all that were read, and before all that will be. */
  pass(): number
  /** No later moment is at or before this one. */
  after(moment: number): void
}

export function createMoments(now: () => number): Moments {
  let last = 0
  const read = () => {
    last = Math.max(now(), last)
    return last
  }
  return {
    read,
    pass() {
      const moment = read()
      last = moment + 1
      return moment
    },
    after(moment) {
      last = Math.max(last, moment + 1)
    },
  }
}
