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
  const id = work.newId('org')
  const { name } = body
  // Else the tokens that its jobs ask for with its name would be another organization's.
  const holder = await work.stores.lookups.audienceHolder(name)
  if (holder)
    throw new Refusal('audience_taken', {
      says: `the issuer ${holder.issuer} of the organization ${holder.org} has the audience ${name}: take it from it first`,
    })
  const where = { org: { id, name } }
  const org = await create(work, organization, where, { id, name, displayName: body.display_name ?? null })
  work.changed(null)
  const shown = organization.shown(org)
  if (!body.first_admin) return { org, shown }
  const { username, email } = body.first_admin
  const admin = await create(work, user, where, {
    id: work.newId('user'),
    name: username,
    orgId: id,
    email,
    role: 'admin',
  })
  const { secret } = await createKey(work, where, { type: 'user', id: admin.id, orgId: id }, { name: 'first' })
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
