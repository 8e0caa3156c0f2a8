import type { Candidates } from './narrow.ts'
import type { WrittenCandidate } from './policy.ts'

/** What is kept of the policies, with their accounts; by id. Implemented in storage/. */
export interface WrittenPolicyLookups {
  /** Those that name exactly this subject at this registration. */
  exactPolicies(issuerId: string, subject: string): Promise<WrittenCandidate[]>
  /** Those of this registration that name their subjects by a glob, by id; what changes meanwhile may be missed. */
  globPolicies(issuerId: string): Promise<WrittenCandidate[]>
  /** Every policy of this registration, drafts too, so many in one statement; what changes meanwhile may be missed. */
  allPolicies(issuerId: string, atOnce: number): AsyncIterable<WrittenCandidate[]>
}

/** What the hot path asks of them. */
export interface CandidateLookups {
  /** Every policy, drafts too, of this registration that this subject fits, by id. */
  candidates(issuerId: string, subject: string): Promise<Candidates>
}

/** An External account that trusts an issuer. `team`: a name; `policies`: how many of its policies name the issuer. */
export type Dependant = {
  id: string
  name: string
  team: string
  enabled: boolean
  policies: number
  lastUsedAt: number | null
}

export interface DependantLookups {
  /** How many policies, drafts too, and accounts depend on the registration; those that were used last, first. */
  dependants(issuerId: string, most: number): Promise<{ policies: number; accounts: number; items: Dependant[] }>
}
