/**
 * Where things are kept.
 * Rules of this room: it implements the store interfaces that the floors above declare, and decides nothing. Only SQL
 * that SQLite and PostgreSQL share. What answers has happened: a write that returned is on disk. A database that is
 * away, locked or full is StorageUnavailable; anything else is our bug.
 */
import type { ChangeStore } from '../accounts/changes.ts'
import type { SessionStore } from '../admin/session.ts'
import type { IdempotencyStore, LoginStore, Nouns, StoredLookups, ValueStore } from '../admin/store.ts'
import type { Sealing, TrailStore } from '../audit/store.ts'
import type { IssuerFetchStore } from '../issuers/store.ts'
import type { ReplayStore, RevocationStore, SigningKeyStore } from '../tokens/store.ts'

export type Stores = Nouns & {
  lookups: StoredLookups
  trail: TrailStore
  signingKeys: SigningKeyStore
  revocations: RevocationStore
  replays: ReplayStore
  idempotency: IdempotencyStore
  issuerFetches: IssuerFetchStore
  changes: ChangeStore
  logins: LoginStore
  sessions: SessionStore
  values: ValueStore
}

export interface Storage {
  /** For questions. Sees everything that was committed before the question. Writing here is a bug. */
  reading: Stores
  /**
   * Every write is a transaction of its own. What an exchange waits for, its place in the trail and its replay
   * claim, passes the transactions that are queued.
   */
  writing: Stores
  /** Where many processes append to the trails at once; without it this process is the only one. */
  sealing?: Sealing
  /** All of what `work` writes, or nothing of it, when it throws. Transactions run one after the other; where other
   * processes have theirs, the work may be done again from the start. */
  transaction<T>(work: (stores: Stores) => Promise<T>): Promise<T>
  /** Throws StorageUnavailable when the database does not take a write, or not within a second. */
  ping(): Promise<void>
  /** ms since 1970 by the clock of the database, where that is not this machine's. */
  clock?(): Promise<number>
  close(): Promise<void>
}
