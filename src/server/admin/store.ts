/** The nouns together, and what the admin wing needs kept beside them. Implemented in storage/. */
import type { ApiKey, Organization, Project, ResourceServer, ServiceAccount, Team, User } from '../accounts/model.ts'
import type { Collection, Lookups, Members, ProjectMembers } from '../accounts/store.ts'
import type { Registration } from '../issuers/model.ts'
import type { RegistrationLookups } from '../issuers/store.ts'
import type { TrustPolicy } from '../trust/policy.ts'
import type { CandidateLookups, WrittenPolicyLookups } from '../trust/store.ts'

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

/** What the database answers; and the same, with policies that are ready. */
export type StoredLookups = Lookups & RegistrationLookups & WrittenPolicyLookups
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
