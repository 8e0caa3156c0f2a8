/** What the trail keeps of an exchange, as the contract lists it: in the order of RFC 8785, so that it need not be sorted. */
import type { JsonObject } from '../../protocol/json.ts'
import type { Principal } from '../accounts/principal.ts'
import { longestAudience, longestIssuer } from '../issuers/model.ts'
import type { ReadToken } from '../issuers/read.ts'
import type { VerifiedToken } from '../issuers/verify.ts'
import type { Grant } from '../tokens/claims.ts'
import type { Minted } from '../tokens/mint.ts'
import type { Candidate } from '../trust/compile.ts'
import { redacted, redactedText, shortened } from './redact.ts'

/** What is known of an exchange, and when. */
export type Known = {
  /** As sent. */
  grantType?: string
  /** The service account that was asked for, as sent. */
  asked?: string
  read?: ReadToken
  token?: VerifiedToken
  principal?: Principal
  grant?: Grant
  /** The id of the one that granted. */
  policy?: string
  /** Policies that would have granted, were they no drafts. */
  drafts?: readonly Candidate[]
  forgive?: () => void
}
export function detailOf(
  { grantType, asked, read, principal, policy, drafts }: Known,
  withClaims: boolean,
  minted: Minted | undefined,
) {
  const detail: Record<string, JsonObject[string]> = {}
  if (read) {
    const [first, ...others] = read.audiences.map((audience) => shortened(audience, longestAudience))
    detail.audience = first !== undefined && others.length === 0 ? first : first === undefined ? [] : [first, ...others]
    if (withClaims) detail.claims = redacted(read.claims)
  }
  if (minted?.claims.cnf) detail.dpop_jkt = minted.claims.cnf.jkt
  if (minted) detail.expires_at = new Date(minted.claims.exp * 1000).toISOString()
  if (grantType) detail.grant_type = redactedText(grantType, 128)
  if (read && withClaims) detail.header = headerOf(read)
  if (read) detail.issuer = shortened(read.issuer, longestIssuer)
  if (minted) {
    detail.jti = minted.claims.jti
    if (policy) detail.policy = policy
  }
  if (asked !== undefined) detail.requested_service_account = redactedText(asked, longestAccount)
  if (minted) detail.scope = minted.claims.scope
  if (principal?.type === 'service_account') detail.service_account = `${principal.team}/${principal.name}`
  if (typeof read?.claims.sub === 'string') detail.subject = read.claims.sub.toWellFormed()
  if (minted) detail.target = minted.claims.aud
  if (drafts) detail.would_have_granted = drafts.slice(0, mostDrafts).map((draft) => draftOf(draft, principal?.teamId))
  return detail
}

/** What an expression may ask of it. */
const headerOf = ({ header: { alg, kid, typ } }: ReadToken) => ({
  alg,
  ...(kid === undefined ? {} : { kid: redactedText(kid, 128) }),
  ...(typ === undefined ? {} : { typ: redactedText(typ, 128) }),
})

/** A team's name, a slash and an account's. */
const longestAccount = 129
/** On one record. */
const mostDrafts = 20
/** The event of a team is read by its admins, who need not know what other teams call their accounts. */
const draftOf = ({ policy, account }: Candidate, teamId: string | undefined) => ({
  policy: policy.id,
  ...(teamId && teamId !== account.teamId ? {} : { service_account: `${account.team}/${account.name}` }),
})
