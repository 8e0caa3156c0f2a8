import type { JsonObject } from '../../protocol/json.ts'
import type { Organization } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import { createKey } from './keys.ts'
import { create } from './noun.ts'
import { organization, user } from './nouns.ts'
import type { Work } from './perform.ts'

type NewOrganization = {
  name: string
  display_name?: string | null | undefined
  first_admin?: { username: string; email: string } | undefined
}

/** Makes an organization, and with `first_admin` the user who can go on from there, with a key that is shown once. */
export async function foundOrganization(
  work: Work,
  body: NewOrganization,
): Promise<{ org: Organization; shown: JsonObject }> {
  const { newId, now } = work
  const kept = { version: 1, createdAt: now, updatedAt: now }
  const org = { id: newId('org'), name: body.name, displayName: body.display_name ?? null, ...kept }
  // Else the tokens that its jobs ask for with its name would be another organization's.
  const holder = await work.stores.lookups.audienceHolder(org.name)
  if (holder)
    throw new Refusal('audience_taken', {
      says: `the issuer ${holder.issuer} of the organization ${holder.org} has the audience ${org.name}: take it from it first`,
    })
  await create(work, organization, { org }, org)
  work.changed(null)
  const shown = organization.shown(org)
  if (!body.first_admin) return { org, shown }
  const { username, email } = body.first_admin
  const admin = { id: newId('user'), name: username, orgId: org.id, email, role: 'admin' as const, ...kept }
  await create(work, user, { org }, admin)
  const { secret } = await createKey(work, { org }, { type: 'user', id: admin.id, orgId: org.id }, { name: 'first' })
  return { org, shown: { ...shown, api_key: secret } }
}

/** What an audience may not be: the name or URL of another organization, whose tokens it would catch. */
export async function refuseForeignAudiences(
  work: Pick<Work, 'stores'>,
  own: { name: string },
  publicUrl: string,
  audiences: readonly string[],
): Promise<void> {
  const base = `${publicUrl}/orgs/`
  for (const audience of audiences) {
    const other = audience.startsWith(base) && audience !== base + own.name
    const named = audience === own.name ? undefined : await work.stores.organizations.first({ name: audience })
    if (other || named)
      throw new Refusal('audience_taken', { says: `the audience ${audience} is kept for another organization` })
  }
}
