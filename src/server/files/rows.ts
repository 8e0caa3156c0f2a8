/** What an organization has of all that a file can speak of, and which state of the world that is. */
import { createHash } from 'node:crypto'
import type { Kept, Project, ResourceServer, ServiceAccount, Team } from '../accounts/model.ts'
import type { Collection } from '../accounts/store.ts'
import type { Nouns } from '../admin/store.ts'
import type { Registration } from '../issuers/model.ts'
import type { TrustPolicy } from '../trust/policy.ts'

/** `projects`: with those of which only the name is left. */
export type Rows = {
  issuers: readonly Registration[]
  teams: readonly Team[]
  projects: readonly Project[]
  serviceAccounts: readonly ServiceAccount[]
  policies: readonly TrustPolicy[]
  resourceServers: readonly ResourceServer[]
}
export type RowStores = Pick<Nouns, keyof Rows>

const atOnce = 1_000

export async function readRows(stores: RowStores, orgId: string): Promise<Rows> {
  return {
    issuers: await all(stores.issuers, { orgId }),
    teams: await all(stores.teams, { orgId }),
    projects: await all(stores.projects, { orgId }),
    serviceAccounts: await all(stores.serviceAccounts, { orgId }),
    policies: await all(stores.policies, { orgId }),
    resourceServers: await all(stores.resourceServers, { orgId }),
  }
}

async function all<T extends Kept>(collection: Pick<Collection<T>, 'list'>, where: Partial<T>): Promise<T[]> {
  const rows: T[] = []
  let after: string | undefined
  do {
    const page = await collection.list(where, { limit: atOnce, ...(after === undefined ? {} : { after }) })
    rows.push(...page.items)
    after = page.nextCursor ?? undefined
  } while (after !== undefined)
  return rows
}

/** The entity tag of all of it: another as soon as anything is made, changed or deleted. */
export function stateTag(orgId: string, rows: Rows): string {
  const digest = createHash('sha256')
  for (const { id, version } of Object.values(rows).flat()) digest.update(`${id}.${version}\n`)
  return `"${orgId}.${digest.digest('hex').slice(0, 32)}"`
}
