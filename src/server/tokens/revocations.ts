/**
 * What is dead before its time.
 * Rules: the database is the truth and is written first; a marker lives as long as the longest token it could end; from
 * the moment that a marker bears until it counts, nothing that it would end is minted (standing.ts).
 */
import type { RevocableIds } from './claims.ts'
import type { Moments } from './moments.ts'
import type { Revocation, RevocationStore } from './store.ts'

/** Longest life of an access token, and what clocks may differ by. Seconds. */
export const longestLife = 3600
const margin = 300
/** What ends all of `id` that was minted up to `before` (ms). */
export const marker = (id: string, before: number): Revocation => ({
  id,
  before,
  expiresAt: before + (longestLife + margin) * 1000,
})
/** ms that what has had its time is kept: a clock that is a day fast, and set back, must not make it forgotten. */
export const keptFor = 86_400_000

/** Between deciding to revoke and the revocation counting. `open` ends it, whatever came of it. */
/** A `jti`: a ULID, and what it came from (claims.ts). Every other id bears a prefix. */
const isToken = (id: string): boolean => /^[0-9a-z]{26}(\.|$)/.test(id)

/** `ends`: single tokens, or whatever came from something. `reaches`: it is to end everything that others mint until it counts. */
export type Closing = { revocations: readonly Revocation[]; reaches: boolean; ends: 'tokens' | 'more'; open(): void }

export interface Revocations {
  /** Reads everything that is in force. */
  load(): Promise<void>
  /** Markers for `ids`, of this moment or of an earlier one (ms). To be saved durably, then applied, then opened. */
  close(ids: readonly string[], until?: number): Closing
  /** What to wait for before something with one of these ids may be minted; undefined when nothing is closing. */
  closing(ids: readonly string[]): Promise<void> | undefined
  /** Makes them count in this process. */
  apply(revocations: readonly Revocation[]): void
  /** Where other processes mint: what has to be revoked anew, since it became durable later than it reaches. */
  overdue(revocations: readonly Revocation[]): readonly Revocation[]
  /** The first moment (ms) at which something with these ids may be minted, and live. */
  after(ids: readonly string[]): number
  /** Whether the token itself was revoked, or one of the others at or after `mintedAt` (ms). */
  ended(ids: RevocableIds, mintedAt: number): boolean
  purge(store: RevocationStore): Promise<void>
}

type Needs = {
  reading: RevocationStore
  now: () => number
  moments: Pick<Moments, 'pass' | 'after'>
  /**
   * ms beyond now that a revocation reaches, where other processes mint: until it is durable they know nothing of it, and
   * their clocks differ from ours. Whoever knows of it mints what is dated later (`after`).
   */
  reach?: number
}

export function createRevocations({ reading, now, moments, reach = 0 }: Needs): Revocations {
  const inForce = new Map<string, Revocation>()
  const closings = new Set<{ ids: ReadonlySet<string>; opened: Promise<void> }>()
  /** Up to when anything was ended; what is minted under it is dated later (`after`), perhaps later than any clock says. */
  let furthest = -1
  const reached = () => Math.max(now() + reach, furthest + 1)
  const keep = (revocation: Revocation) => {
    furthest = Math.max(furthest, revocation.before)
    const known = inForce.get(revocation.id)
    if (!known || known.before < revocation.before) inForce.set(revocation.id, revocation)
  }
  return {
    async load() {
      for (const revocation of await reading.all(now() - keptFor)) keep(revocation)
      // Alone here, the clock of before is all that they are held against.
      if (reach === 0) for (const { before } of inForce.values()) moments.after(before)
    },
    close(ids, until = Infinity) {
      const before = Math.min(until, Math.max(moments.pass(), reach > 0 ? reached() : 0))
      const { promise: opened, resolve } = Promise.withResolvers<void>()
      const closing = { ids: new Set(ids), opened }
      closings.add(closing)
      return {
        revocations: ids.map((id) => marker(id, before)),
        reaches: reach > 0 && until === Infinity,
        ends: ids.every(isToken) ? 'tokens' : 'more',
        open() {
          closings.delete(closing)
          resolve()
        },
      }
    },
    closing(ids) {
      for (const closing of closings) if (ids.some((id) => closing.ids.has(id))) return closing.opened
      return undefined
    },
    overdue(revocations) {
      // Half of it is for clocks that differ.
      const latest = now() + reach / 2
      if (reach === 0 || revocations.every(({ before }) => before >= latest)) return []
      const before = reached()
      return revocations.map(({ id }) => marker(id, before))
    },
    after: (ids) => ids.reduce((latest, id) => Math.max(latest, (inForce.get(id)?.before ?? -1) + 1), 0),
    apply(revocations) {
      for (const revocation of revocations) keep(revocation)
    },
    ended: ({ token, others }, mintedAt) =>
      inForce.has(token) || others.some((id) => (inForce.get(id)?.before ?? -1) >= mintedAt),
    async purge(store) {
      const past = now() - keptFor
      for (const [id, { expiresAt }] of inForce) if (expiresAt <= past) inForce.delete(id)
      await store.purge(past)
    },
  }
}
