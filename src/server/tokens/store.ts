/** What tokens need kept. Implemented in storage/. Times are milliseconds since 1970. */
import type { TokenAlgorithm } from '../../protocol/oauth.ts'

/** One of our signing keys. It signs from `activatesAt` on, until a later one does; a withdrawn one is dead at once. */
export type SigningKeyRow = {
  kid: string
  alg: TokenAlgorithm
  /** The public JWK, as it is published. */
  publicJwk: { readonly [member: string]: string }
  /** The PKCS #8 private key, AES-256-GCM under the master key with the kid as associated data, base64. */
  sealed: string
  publishedAt: number
  activatesAt: number | null
  withdrawnAt: number | null
}

export interface SigningKeyStore {
  /** Oldest first. */
  all(): Promise<SigningKeyRow[]>
  insert(row: SigningKeyRow): Promise<void>
  update(kid: string, changes: Partial<Pick<SigningKeyRow, 'sealed' | 'activatesAt' | 'withdrawnAt'>>): Promise<void>
  remove(kid: string): Promise<void>
}

/**
 * Everything minted at or before `before` that came from, or stands for, `id` is dead. `id` is the id of a token
 * (jti), key, account, issuer, policy, user, team or organization.
 */
export type Revocation = { id: string; before: number; expiresAt: number }

export interface RevocationStore {
  /** What was ended of this id, as long as it is kept. */
  find(id: string): Promise<Revocation | undefined>
  /** Those that have not expired by `now`. */
  all(now: number): Promise<Revocation[]>
  /** Those that end what was minted at that time (ms) or later: the latest ones. */
  since(before: number): Promise<Revocation[]>
  /** Keeps the later `before` and `expiresAt` when there is one for this id already. */
  save(revocations: readonly Revocation[]): Promise<void>
  purge(now: number): Promise<void>
}

export interface ReplayStore {
  /**
   * Remembers the claim durably and returns undefined, or returns when (ms) it was claimed first. Atomic. `tryId`: a claim
   * that this very try has made, and heard no answer of, is its own.
   */
  claim(digest: string, now: number, expiresAt: number, tryId?: string): Promise<number | undefined>
  /** When (ms) it was claimed first; undefined when it was not. Claims nothing. */
  find(digest: string): Promise<number | undefined>
  purge(now: number): Promise<void>
}
