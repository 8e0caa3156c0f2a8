/** The nouns together, and what the admin wing needs kept beside them. Implemented in storage/. */
import type { ApiKey, Organization, Project, ResourceServer, ServiceAccount, Team, User } from '../accounts/model.ts'
import type { AccountActivity, Collection, Lookups, Members, ProjectMembers } from '../accounts/store.ts'
import type { Registration } from '../issuers/model.ts'
import type { RegistrationLookups } from '../issuers/store.ts'
import type { TrustPolicy } from '../trust/policy.ts'
import type { CandidateLookups, DependantLookups, WrittenPolicyLookups } from '../trust/store.ts'

export type Nouns = {
  organizations: Collection<Organization>
  users: Collection<User>
  teams: Collection<Team>
  members: Members
  projects: Collection<Project>
  projectMembers: ProjectMembers
  issuers: Collection<Registration>
  serviceAccounts: Collection<ServiceAccount>
  keys: Collection<ApiKey>
  policies: Collection<TrustPolicy>
  resourceServers: Collection<ResourceServer>
}

export interface HeldPolicies {
  /** Every trust policy of these accounts, by account and id. */
  policiesHeldBy(orgId: string, accountIds: readonly string[]): Promise<TrustPolicy[]>
}

/** What the database answers; and the same, with policies that are ready. */
export type StoredLookups = Lookups &
  RegistrationLookups &
  WrittenPolicyLookups &
  AccountActivity &
  DependantLookups &
  HeldPolicies
export type AllLookups = Lookups & RegistrationLookups & CandidateLookups

/** An answer given under an Idempotency-Key. `sealed`: the answer, encrypted, since it may hold a secret shown once. */
export type KeptAnswer = { scope: string; digest: string; sealed: string; expiresAt: number }

export interface IdempotencyStore {
  find(scope: string, now: number): Promise<KeptAnswer | undefined>
  save(answer: KeptAnswer): Promise<void>
  purge(now: number): Promise<void>
}

/** Small facts of the installation: the digest of the set-up link and when it was made, when it was last pinged. */
export interface ValueStore {
  get(name: string): Promise<string | undefined>
  set(name: string, value: string): Promise<void>
  remove(name: string): Promise<void>
}

/**
 * A terminal that waits to be let in by a person with a browser (RFC 8628). Codes are kept as digests, the key that it
 * will get not at all. `interval` and `keyLife` are in seconds, `clientName` is what the terminal calls itself, and
 * `clientNet` the part of its address that counts (accounts/failures.ts).
 */
export type PendingLogin = {
  deviceDigest: string
  userDigest: string
  clientName: string
  clientIp: string
  clientNet: string
  clientAgent: string
  startedAt: number
  expiresAt: number
  keyLife: number
  interval: number
  polledAt: number | null
  decision: 'pending' | 'approved' | 'denied'
  decidedAt: number | null
  decidedIp: string | null
  decidedAgent: string | null
  /** The user who approved, and the key that they showed. */
  orgId: string | null
  userId: string | null
  keyId: string | null
}
/** What a person makes of a login. */
export type LoginDecision = Pick<
  PendingLogin,
  'decision' | 'decidedAt' | 'decidedIp' | 'decidedAgent' | 'orgId' | 'userId' | 'keyId'
>

export interface LoginStore {
  /** False when one of its codes is another's. */
  start(login: PendingLogin): Promise<boolean>
  /** By the code of the terminal, or that of the person. Undefined when it has expired. */
  find(
    code: Pick<PendingLogin, 'deviceDigest'> | Pick<PendingLogin, 'userDigest'>,
    now: number,
  ): Promise<PendingLogin | undefined>
  /** False when nothing waits under the code: the first decision stays. */
  decide(userDigest: string, decision: LoginDecision, now: number): Promise<boolean>
  polled(deviceDigest: string, at: number, interval: number): Promise<void>
  /** True once. */
  remove(deviceDigest: string): Promise<boolean>
  /** Those that have not expired; of one client. */
  count(now: number, clientNet?: string): Promise<number>
  purge(now: number): Promise<void>
}
