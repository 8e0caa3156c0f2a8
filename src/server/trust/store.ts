import type { Candidate } from './policy.ts'

/** What the hot path asks of the policies; one statement. Implemented in storage/. */
export interface CandidateLookups {
  /** Exact policies for this subject at this registration, by id, with their accounts. */
  candidates(issuerId: string, subject: string): Promise<Candidate[]>
}
