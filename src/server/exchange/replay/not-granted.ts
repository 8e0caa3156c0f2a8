import { catalogue, type Reason } from '../../errors/catalogue.ts'
import { Refusal } from '../../errors/refusal.ts'

/** No trust policy would have made it a yes; what mends it, in one sentence. */
export const nothing = (says: string): Refusal => new Refusal('nothing_to_suggest', { says })

const behindMatch = 'a trust policy granted this exchange, which was refused for something else: '
const byReason: Readonly<Record<string, string>> = {
  account_ambiguous:
    'more than one account trusts this subject, so a further policy would not help: let the workload name one with service_account, or narrow their policies',
  rate_limited:
    'it was one of too many failed attempts, of which the trail keeps no claims: let the workload try again in a minute, and take the request id of that',
  issuer_not_trusted: 'no enabled issuer of the organization has this token’s iss: register or enable the issuer first',
  audience_not_accepted:
    'the token was made for another audience, or for further ones: let the workload ask its platform for the audience of the organization alone',
  token_expired: 'the token had expired: let the workload fetch a fresh one for each exchange, and compare clocks',
  token_too_old:
    'the token was older, or lives longer, than the issuer’s max_token_age: let the workload fetch a fresh one',
  signature_invalid: 'the signature of the token does not verify, so that nothing that it says is believed',
  key_not_found: 'the issuer publishes no key that fits the token: after a rotation, refresh the issuer’s keys',
  token_replayed: `${behindMatch}the token was used before, and its issuer allows one use`,
  scope_not_allowed: `${behindMatch}the scope that was asked for is wider than the account’s access`,
  target_unknown: `${behindMatch}no one resource server has the audience or resource that was asked for`,
  dpop_proof_missing: `${behindMatch}the account gives tokens only to who proves to hold a key (DPoP)`,
  dpop_proof_invalid: `${behindMatch}the proof of possession (DPoP) is not acceptable`,
  dpop_nonce_required: `${behindMatch}the proof of possession (DPoP) needs a nonce, which clients do by themselves`,
}

/** Of a refusal that is not for want of a policy. */
export function mendOf(reason: string | null): string {
  const own = reason === null ? undefined : byReason[reason]
  if (own !== undefined) return own
  const says = Object.hasOwn(catalogue, reason ?? '') ? catalogue[reason as Reason].says : 'it was refused'
  return `no trust policy was looked at: ${says}`
}
