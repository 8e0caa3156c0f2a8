import type { AccessLevel, Kept, Managed } from '../accounts/model.ts'

export const matchKinds = ['exact', 'glob'] as const
export type MatchKind = (typeof matchKinds)[number]
export const policyStates = ['live', 'draft'] as const
/** A draft is evaluated and recorded beside the live ones, and never grants. */
export type PolicyState = (typeof policyStates)[number]

export const operators = ['equals', 'in', 'glob', 'exists'] as const
export type Operator = (typeof operators)[number]
/** What a claim is compared with; its kind counts: `"1"` is not `1`. */
export type Scalar = string | number | boolean

/**
 * One test on one claim: a name of the token's top level, or a JSON pointer (RFC 6901) when it begins with `/`. On a
 * claim that is a list it holds when any member does. `exists` with false: the claim is not there.
 */
export type Condition =
  | { claim: string; op: 'equals'; value: Scalar }
  | { claim: string; op: 'in'; value: readonly Scalar[] }
  | { claim: string; op: 'glob'; value: string }
  | { claim: string; op: 'exists'; value: boolean }

/**
 * A policy as it is written: which subjects, compared code point by code point or as a glob (`*`: any run of characters,
 * `?`: one), under which conditions, and a CEL expression over `claims`, `header` and `now`.
 */
export type WrittenPolicy = {
  subject: string
  match: MatchKind
  conditions: readonly Condition[]
  cel: string | null
  state: PolicyState
}

/** These subjects at this issuer may become this account, under these conditions. */
export type TrustPolicy = Kept &
  Managed &
  WrittenPolicy & {
    orgId: string
    accountId: string
    issuerId: string
  }

/** The account that a policy leads to, as the exchange needs it. `tokenTtl` in seconds; `org`, `team` are names. */
export type CandidateAccount = {
  id: string
  name: string
  enabled: boolean
  access: AccessLevel
  tokenTtl: number
  dpopBound: boolean
  orgId: string
  org: string
  teamId: string
  team: string
}

/** A trust policy as it is kept, with its account. */
export type WrittenCandidate = {
  policy: WrittenPolicy & Pick<TrustPolicy, 'id' | 'name' | 'version' | 'issuerId'>
  account: CandidateAccount
}
