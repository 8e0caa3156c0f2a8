import type { Obtained } from './access-token.ts'

export type GivenOut = {
  add(token: Obtained): void
  /** What has not expired; it is forgotten. */
  take(): string[]
}

/** So many are kept: who asks for more within one token's life revokes the last of them. */
const most = 100

/** The tokens that callers may still hold: one that was replaced goes on living until it expires. */
export function createGivenOut(now: () => number): GivenOut {
  let given: Obtained[] = []
  const alive = () => given.filter(({ times }) => now() < times.expiry)
  return {
    add(token) {
      given = [...alive(), token].slice(-most)
    },
    take() {
      const tokens = alive().map(({ token }) => token)
      given = []
      return tokens
    },
  }
}
