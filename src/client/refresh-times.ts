/**
 * When a token is replaced. Two tiers, by its life: from *advisory* on a new one is fetched in the background while the old
 * one serves; from *mandatory* on callers wait for it. Fixed windows would have tokens of a few minutes fetched at every call.
 */
export type RefreshTimes = {
  /** All in milliseconds since 1970, by our own clock: nobody else's matters. */
  readonly obtained: number
  readonly advisory: number
  readonly mandatory: number
  readonly expiry: number
}

/** Milliseconds. */
const longestAdvisory = 300_000
const longestMandatory = 30_000

/**
 * `life`, `hint`: seconds that the token lives, and after which the service would have it replaced (`refresh_in`), if it
 * said so. `random`: 0 to 1; many that began at once do not come back at once.
 */
export function refreshTimes(now: number, life: number, hint: number | undefined, random: number): RefreshTimes {
  const whole = life * 1000
  const expiry = now + whole
  const mandatory = expiry - Math.min(whole * 0.05, longestMandatory)
  const window = Math.min(whole * 0.2, longestAdvisory) * (0.9 + 0.2 * random)
  const advisory = hint !== undefined && hint >= 1 && hint < life ? now + hint * 1000 : expiry - window
  return { obtained: now, advisory: Math.min(advisory, mandatory), mandatory, expiry }
}

/** A clock that was set back behind the moment it came makes of every token one of unknown age. */
export const isKnownAge = ({ obtained }: RefreshTimes, now: number): boolean => now >= obtained
