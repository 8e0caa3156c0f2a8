import type { AccessLevel, Kept } from '../accounts/model.ts'

/** This subject at this issuer may become this account. `match` is `exact`: compared code point by code point. */
export type TrustPolicy = Kept & {
  orgId: string
  accountId: string
  issuerId: string
  subject: string
  match: 'exact'
}

/** A trust policy together with the account it leads to, as the exchange needs them. `tokenTtl` in seconds. */
export type Candidate = {
  policy: Pick<TrustPolicy, 'id' | 'issuerId' | 'subject' | 'match'>
  account: {
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
}
