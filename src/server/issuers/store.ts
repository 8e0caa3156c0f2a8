/** What replicas share about the keys of issuers, so that one of them fetches for all. Implemented in shared-state/. */
import type { JwkSet, Registration } from './model.ts'

/** Times are milliseconds since 1970. */
export type SharedKeySet = {
  /** Where the keys come from. Another source than one's own means: not for this registration as it is now. */
  source: string
  /** The last good set as it was fetched; null when there was never one. */
  jwks: JwkSet | null
  fetchedAt: number
  freshUntil: number
  /** The last attempt, failed ones too, and how many have failed since the last success. */
  attemptedAt: number
  failures: number
  /** Why the last attempt failed. */
  message: string | null
}

export interface SharedKeySets {
  get(id: string): Promise<SharedKeySet | undefined>
  /** Keeps it for at least 26 hours. */
  put(id: string, entry: SharedKeySet): Promise<void>
  remove(id: string): Promise<void>
  /** What ends the lease, for one caller, until it is called or `ms` have passed; undefined for others. Atomic. */
  lease(id: string, ms: number): Promise<Release | undefined>
}
export type Release = () => Promise<void>

/** What the hot path asks of the registrations; one statement each. Implemented in storage/. */
export interface RegistrationLookups {
  /** Which registrations (disabled ones too) have this issuer and one of these audiences, by id. */
  fitting(issuer: string, audiences: readonly string[]): Promise<readonly { id: string; orgId: string }[]>
  /** With its organization's name. */
  registration(id: string): Promise<{ registration: Registration; org: string } | undefined>
  /** A registration of the installation, disabled or not, that has this audience: its name and its organization's. */
  audienceHolder(audience: string): Promise<{ issuer: string; org: string } | undefined>
  /** Whether any enabled registration of the installation has this issuer. */
  issuerKnown(issuer: string): Promise<boolean>
}

/** What came of one fetch. `keys`: usable ones; `digest`: of the set of them, null when it failed. */
export type IssuerFetch = {
  issuerId: string
  /** When it ended, in ms since 1970. */
  at: number
  ok: boolean
  /** Why it failed, for an admin. */
  message: string | null
  milliseconds: number
  keys: number
  digest: string | null
}
/**
 * `n` counts those of one issuer. `digest`: of the last good set by then; `rotated`: it is another one than before;
 * `rotatedAt`: when that was so last, by then.
 */
export type KeptFetch = IssuerFetch & { n: number; rotated: boolean; rotatedAt: number | null }

/** Implemented in storage/. */
export interface IssuerFetchStore {
  /** Newest first, at most the 50 that are kept. */
  list(issuerId: string): Promise<readonly KeptFetch[]>
  /** Those of registrations that are there; the oldest of each goes. Said of a transaction. */
  append(fetches: readonly IssuerFetch[]): Promise<void>
}
