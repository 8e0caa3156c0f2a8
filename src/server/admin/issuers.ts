/** Registering an issuer: what may be said of it, and how it is kept. */

import { Refusal } from '../errors/refusal.ts'
import type { Registration } from '../issuers/model.ts'
import { create, type IfMatch, update } from './noun.ts'
import { issuer } from './nouns.ts'
import { refuseForeignAudiences } from './organizations.ts'
import type { Where, Work } from './perform.ts'

export type IssuerFields = Omit<Registration, 'id' | 'name' | 'version' | 'createdAt' | 'updatedAt' | 'orgId'>
export type NewIssuer = Omit<IssuerFields, 'audiences'> & { name: string; audiences?: readonly string[] | undefined }

/** Without audiences: the organization's name, and its URL. */
export function draftOf(
  body: NewIssuer,
  org: { id: string; name: string },
  publicUrl: string,
): Omit<Registration, 'id'> {
  const audiences = body.audiences ?? [org.name, `${publicUrl}/orgs/${org.name}`]
  return { ...body, audiences: [...new Set(audiences)], orgId: org.id, version: 1, createdAt: 0, updatedAt: 0 }
}

export async function registerIssuer(
  work: Work,
  where: Where & { org: { id: string; name: string } },
  draft: Omit<Registration, 'id'>,
  publicUrl: string,
): Promise<Registration> {
  await refuseForeignAudiences(work, where.org, publicUrl, draft.audiences)
  return create(work, issuer, where, { ...draft, id: work.newId('iss'), createdAt: work.now, updatedAt: work.now })
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
  return update(work, issuer, where, id, () => changes, ifMatch)
}

/** Throws Refusal('body_invalid') naming the field, when the address could never be fetched. */
export function refuseAddress(path: string, complaint: string | undefined): void {
  if (complaint !== undefined) throw new Refusal('body_invalid', { errors: [{ path, message: complaint }] })
}
