import type { Organization, ResourceServer } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import { create } from './noun.ts'
import { resourceServer } from './nouns.ts'
import type { Work } from './perform.ts'

type NewServer = { name: string; audience: string; managedBy?: string | null }

/** Throws Refusal('name_taken'), Refusal('audience_taken'). */
export async function createResourceServer(
  work: Work,
  where: { org: Pick<Organization, 'id' | 'name'> },
  { name, audience, managedBy = null }: NewServer,
  publicUrl: string,
): Promise<ResourceServer> {
  const orgId = where.org.id
  refuseOwnAudience(audience, publicUrl)
  // Where both are taken, the name is what is said first, as everywhere.
  if (await work.stores.resourceServers.first({ orgId, name })) throw new Refusal('name_taken')
  return create(work, resourceServer, where, { id: work.newId('rs'), name, orgId, audience, managedBy })
}

/** Tokens that are for the installation, or its organizations, are no single server's. Throws Refusal('audience_taken'). */
export function refuseOwnAudience(audience: string, publicUrl: string): void {
  if (audience === publicUrl || audience.startsWith(`${publicUrl}/orgs/`))
    throw new Refusal('audience_taken', { says: `the audience ${audience} is kept for the installation itself` })
}
