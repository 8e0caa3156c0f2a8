import type { Team } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Stores } from '../storage/storage.ts'
import type { Work } from './perform.ts'

/** Before a team is deleted, and all that is in it. Throws Refusal('in_use'). */
export async function refuseTeamInUse(work: Pick<Work, 'stores'>, team: Team): Promise<void> {
  const { id, orgId } = team
  const accounts = await work.stores.serviceAccounts.count({ orgId, defaultTeamId: id })
  if (accounts > 0)
    throw new Refusal('in_use', {
      says: `${accounts} organization-scoped accounts have this as their default team; give them another first`,
    })
  await refuseRestricted(work.stores, team)
}

/** A team made anew under this name would have them open: deleting must never open. */
export async function refuseRestricted(stores: Pick<Stores, 'projects'>, { id, orgId }: Team): Promise<void> {
  const restricted = await stores.projects.count({ orgId, teamId: id, visibility: 'restricted' })
  if (restricted > 0)
    throw new Refusal('in_use', {
      says: `the team has ${restricted} restricted projects, or kept names of such: delete them, and free their names, first`,
    })
}
