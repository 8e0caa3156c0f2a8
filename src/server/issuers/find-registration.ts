/**
 * Which registration a token belongs to: the pair (issuer, audience) picks one of the installation (domain.md, step 3).
 * A refusal that an organization can be told from bears its `orgId`, `org` and `issuerId`, for its trail.
 */

import { Refusal } from '../errors/refusal.ts'
import { longestAudience, longestIssuer, type Registration } from './model.ts'
import { quoted } from './quoted.ts'
import type { ReadToken } from './read.ts'
import type { RegistrationLookups } from './store.ts'

/** `org` is a name. */
export type Found = { readonly registration: Registration; readonly org: string }
/** Throws Refusal issuer_not_trusted or audience_not_accepted. */
export type FindRegistration = (read: Pick<ReadToken, 'issuer' | 'audiences'>) => Promise<Found>

export const ownerOf = ({ registration: { id, orgId }, org }: Found) => ({ orgId, org, issuerId: id })

type Lookups = Omit<RegistrationLookups, 'audienceHolder'>

export function createFindRegistration(lookups: Lookups): FindRegistration {
  return async ({ issuer, audiences }) => {
    const fitting = await fittingRegistrations(lookups, { issuer, audiences })
    const enabled = fitting.filter(({ registration }) => registration.enabled)
    const [only, another] = enabled
    if (another) throw audienceNotAccepted(audiences, 'fits two registrations', sharedOwner(enabled))
    if (only) return judgeFurther(only, audiences)

    const [disabled] = fitting
    const owner = disabled && sharedOwner(fitting)
    if (issuer.length <= longestIssuer && (await lookups.issuerKnown(issuer))) {
      throw audienceNotAccepted(audiences, disabled ? 'registration disabled' : 'not registered', owner)
    }
    throw new Refusal('issuer_not_trusted', {
      says: `no organization here trusts the issuer (iss) ${quoted(issuer)} of the subject token; the comparison is exact`,
      detail: { ...owner, cause: disabled ? 'registration disabled' : 'not registered' },
    })
  }
}

/** Every registration (disabled ones too) that has this issuer and one of these audiences. */
export async function fittingRegistrations(
  lookups: Pick<Lookups, 'fitting' | 'registration'>,
  { issuer, audiences }: Pick<ReadToken, 'issuer' | 'audiences'>,
): Promise<Found[]> {
  const possible = audiences.filter(({ length }) => length <= longestAudience)
  if (issuer.length > longestIssuer || possible.length === 0) return []
  const refs = await lookups.fitting(issuer, possible)
  const found = await Promise.all(refs.map(({ id }) => lookups.registration(id)))
  return found.filter((one) => one !== undefined)
}

function judgeFurther(found: Found, audiences: readonly string[]): Found {
  const { extraAudiences, audiences: own } = found.registration
  if (extraAudiences || audiences.every((audience) => own.includes(audience))) return found
  throw audienceNotAccepted(audiences, 'further audiences', ownerOf(found))
}

type Owner = { orgId: string; org: string; issuerId?: string }

/** Whose trail it belongs in: the one registration's, or the organization's that all of them belong to. */
function sharedOwner(found: readonly Found[]): Owner | undefined {
  const [first, ...others] = found
  if (!first) return undefined
  if (others.length === 0) return ownerOf(first)
  const { orgId } = first.registration
  return others.every(({ registration }) => registration.orgId === orgId) ? { orgId, org: first.org } : undefined
}

/** One sentence for every way of not fitting: which audiences are registered is nobody's business. */
export function audienceNotAccepted(audiences: readonly string[], cause: string, owner?: Owner): Refusal {
  const [first, ...others] = audiences
  const has = first === undefined ? 'no audience (aud)' : `the audience (aud) ${quoted(first)}`
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  return new Refusal('audience_not_accepted', {
    says: `the subject token has ${has}${more}, which is not accepted here: ask your platform for a token with the audience of your organization, and no other`,
    detail: { ...owner, cause },
  })
}
