/** From the names and ids of a path to the objects: each is looked for under the one before it, or it is not there. */

import { isId } from '../../../protocol/ids.ts'
import { type Caller, sees } from '../../access/authority.ts'
import type { Kept } from '../../accounts/model.ts'
import type { Principal } from '../../admin/projects.ts'
import { Refusal } from '../../errors/refusal.ts'
import type { Stores } from '../../storage/storage.ts'
import type { Place } from './route.ts'

type Params = Readonly<Record<string, string>>

/** Throws Refusal('not_found') also for what belongs to another organization than the caller's. */
export async function placeOf(stores: Stores, params: Params, caller: Caller): Promise<Place | undefined> {
  if (params.org === undefined) return undefined
  const org = there(await stores.organizations.find({}, params.org))
  if (!sees(caller, { orgId: org.id })) throw new Refusal('not_found')
  const orgId = org.id
  const place: Place = { org }
  if (params.team !== undefined) place.team = there(await stores.teams.find({ orgId }, params.team))
  if (params.user !== undefined) place.user = there(await stores.users.find({ orgId }, params.user))
  if (params.issuer !== undefined) place.issuer = there(await stores.issuers.find({ orgId }, params.issuer))
  if (params.server !== undefined) place.server = there(await stores.resourceServers.find({ orgId }, params.server))
  if (params.project !== undefined) await findProject(stores, place, params.project, caller)
  if (params.member !== undefined) place.member = await findMember(stores, orgId, params.member)
  if (params.account !== undefined) await findAccount(stores, place, params.account)
  const ownerId = (place.account ?? place.user ?? place.server)?.id
  if (params.key !== undefined && ownerId !== undefined)
    place.key = there(await stores.keys.find({ orgId, ownerId }, params.key))
  if (params.policy !== undefined && place.account)
    place.policy = there(await stores.policies.find({ orgId, accountId: place.account.id }, params.policy))
  return place
}

/** By id an account is found under its organization too; by name only under its own parent. */
async function findAccount(stores: Stores, place: Place, name: string): Promise<void> {
  const orgId = place.org.id
  const where = place.team ? { orgId, teamId: place.team.id } : isId(name, 'sa') ? { orgId } : { orgId, teamId: null }
  place.account = there(await stores.serviceAccounts.find(where, name))
  const { teamId } = place.account
  if (teamId !== null && !place.team) place.team = there(await stores.teams.find({ orgId }, teamId))
}

/** One of which only the name is left is not there. */
async function findProject(stores: Stores, place: Place, name: string, caller: Caller): Promise<void> {
  const where = { orgId: place.org.id, teamId: place.team?.id ?? '', deletedAt: null }
  const project = there(await stores.projects.find(where, name))
  place.project = project
  if (caller.type === 'user' || caller.type === 'service_account')
    place.projectRole = (await stores.projectMembers.find(project.id, caller.id))?.role
}

/** A service account goes by its id alone, since several teams may have one of that name. */
async function findMember(stores: Stores, orgId: string, name: string): Promise<Principal> {
  if (isId(name, 'sa'))
    return { type: 'service_account', row: there(await stores.serviceAccounts.find({ orgId }, name)) }
  return { type: 'user', row: there(await stores.users.find({ orgId }, name)) }
}

function there<T extends Kept>(found: T | undefined): T {
  if (!found) throw new Refusal('not_found')
  return found
}
