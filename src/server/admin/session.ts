import type { User } from '../accounts/model.ts'

/**
 * A person, or a service account, that is signed in with a browser: what is kept of it, and how long it lives.
 * `signedInBy` is what it was proven with, and what it ends with.
 */
export type SignedInBy = 'api_key' | 'operator_key' | 'sso' | 'set_up_link'

export type Session = {
  id: string
  /** Hex SHA-256 of the secret in the cookie. */
  digest: string
  signedInBy: SignedInBy
  /** Whom it stands for, `operator` among them; null as long as one of several organizations has to be chosen. */
  principalId: string | null
  orgId: string | null
  keyId: string | null
  /** The digest of the key that was shown; of the operator's, sealed, since that one may be guessed; of the provider's URL. */
  proof: string | null
  /** By which a person is found, as their provider has verified it. */
  email: string | null
  /** What the provider wants to see when they sign out there, sealed. */
  idToken: string | null
  createdAt: number
  lastSeenAt: number
  expiresAt: number
  clientIp: string
  clientAgent: string
}

/** Implemented in storage/. `now`: ms. */
export interface SessionStore {
  insert(session: Session): Promise<void>
  /** Undefined when it has expired. */
  find(digest: string, now: number): Promise<Session | undefined>
  /** Those that have not expired, newest first. */
  ofPrincipal(principalId: string, now: number): Promise<Session[]>
  /** Undefined when it is gone. */
  choose(id: string, whom: Pick<Session, 'principalId' | 'orgId'>): Promise<Session | undefined>
  seen(id: string, at: number): Promise<void>
  /** True once. */
  remove(id: string): Promise<boolean>
  /** All that stand for, or came from, one of these ids, made until then; without ids: all of them. */
  end(ids: readonly string[] | 'all', until: number): Promise<void>
  purge(now: number): Promise<void>
  /** Users of every organization with this e-mail address, without regard to case. */
  usersOf(email: string): Promise<User[]>
}

/** In ms. */
export type SessionLife = { most: number; idle: number }

/** When it ends if nothing is asked of it any more. */
export const idleEndOf = ({ lastSeenAt, expiresAt }: Session, { idle }: SessionLife): number =>
  Math.min(lastSeenAt + idle, expiresAt)

export const hasEnded = (session: Session, life: SessionLife, now: number): boolean => idleEndOf(session, life) <= now

export const operatorId = 'operator'
/** Where the sealed digest of the operator's key belongs. */
export const sealedFor = (id: string, what: 'operator key' | 'id token') => `${what} of ${id}`
