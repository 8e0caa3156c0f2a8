/** Registering an issuer: what may be said of it, and how it is kept. */

import type { Failures } from '../accounts/failures.ts'
import { Refusal } from '../errors/refusal.ts'
import { bareJwk } from '../issuers/jwk.ts'
import type { JwkSet, Registration } from '../issuers/model.ts'
import type { Presets } from '../trust/preset-of.ts'
import { create, type IfMatch, type Unkept, update } from './noun.ts'
import { issuer } from './nouns.ts'
import { refuseForeignAudiences } from './organizations.ts'
import type { Context, Perform, Where, Work } from './perform.ts'

export type IssuerFields = Omit<
  Registration,
  'id' | 'name' | 'version' | 'createdAt' | 'updatedAt' | 'orgId' | 'managedBy'
>
export type NewIssuer = Omit<IssuerFields, 'audiences' | 'maxTokenAge'> & {
  name: string
  audiences?: readonly string[] | undefined
  maxTokenAge?: number | undefined
}

/** What will be registered, and can be probed before. */
export type IssuerDraft = Omit<Unkept<Registration>, 'id'>

/** The organization's name, and its URL. */
export const ownAudiences = (org: { name: string }, publicUrl: string): readonly string[] => [
  org.name,
  `${publicUrl}/orgs/${org.name}`,
]

/** Seconds, where no preset says better. */
const maxTokenAge = 86_400

/** What an issuer is by itself, where nobody says otherwise. `preset`: what it was given. */
export function byItself(presets: Presets, issuerUrl: string, preset?: string | null) {
  const own = preset ?? presets.of(issuerUrl)?.name ?? null
  return { preset: own, maxTokenAge: presets.find(own ?? '')?.maxTokenAge ?? maxTokenAge }
}

/** Without audiences: the organization's own. */
export function draftOf(
  body: NewIssuer,
  org: { id: string; name: string },
  publicUrl: string,
  presets: Presets,
): IssuerDraft {
  const audiences = body.audiences ?? ownAudiences(org, publicUrl)
  const own = byItself(presets, body.issuer, body.preset)
  const chosen = { preset: own.preset, maxTokenAge: body.maxTokenAge ?? own.maxTokenAge }
  return { ...body, ...chosen, audiences: [...new Set(audiences)], orgId: org.id, managedBy: null }
}

export async function registerIssuer(
  work: Work,
  where: Where & { org: { id: string; name: string } },
  draft: IssuerDraft,
  publicUrl: string,
): Promise<Registration> {
  await refuseForeignAudiences(work, where.org, publicUrl, draft.audiences)
  return create(work, issuer, where, { ...draft, jwks: bare(draft.jwks), id: work.newId('iss') })
}

export async function changeIssuer(
  work: Work,
  where: Where & { org: { id: string; name: string } },
  id: string,
  changes: Partial<Registration>,
  publicUrl: string,
  ifMatch?: IfMatch,
): Promise<Registration> {
  if (changes.audiences) await refuseForeignAudiences(work, where.org, publicUrl, changes.audiences)
  const jwks = changes.jwks === undefined ? {} : { jwks: bare(changes.jwks) }
  return update(work, issuer, where, id, () => ({ ...changes, ...jwks }), ifMatch)
}

/** Uploaded keys without what says nothing: they are read at every look-up. */
const bare = (jwks: JwkSet | null): JwkSet | null => jwks && { keys: jwks.keys.map(bareJwk) }

/** One organization must not keep the others' fetches waiting. */
export function createFetchAllowance(counter: Failures): (orgId: string) => Promise<void> {
  return async (orgId) => {
    if (await counter.count(orgId))
      throw new Refusal('rate_limited', {
        says: 'the issuers of this organization were fetched too often in this minute (LIMIT_ISSUER_FETCHES_PER_MINUTE); try again later',
      })
  }
}

/** Throws Refusal('body_invalid') naming the field, when the address could never be fetched. */
export function refuseAddress(path: string, complaint: string | undefined): void {
  if (complaint !== undefined) throw new Refusal('body_invalid', { errors: [{ path, message: complaint }] })
}

/** Other replicas hear of it when what was fetched is there for them: before, they would take over the old. */
export const tellOfRefresh = (perform: Perform, context: Context, issuerId: string): Promise<object> =>
  perform(context, async (work) => {
    work.changed(issuerId)
    return {}
  })
