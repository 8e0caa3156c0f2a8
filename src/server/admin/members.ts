import type { OrgRole, TeamMember, User } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import { type IfMatch, memberTag, refuseUnmatched } from './noun.ts'
import type { Where, Work } from './perform.ts'

/** Makes a user a member of the team of `where`, or gives them another role in it. */
export async function setMember(
  work: Work,
  where: Where,
  user: User,
  role: OrgRole,
  ifMatch?: IfMatch,
): Promise<TeamMember> {
  const { org, team } = where
  if (!org || !team) throw new Refusal('not_found')
  const before = await work.stores.members.find(team.id, user.id)
  refuseUnmatched(ifMatch, before && memberTag(user.id, before))
  const member = {
    orgId: org.id,
    teamId: team.id,
    userId: user.id,
    role,
    createdAt: before?.createdAt ?? work.now,
    updatedAt: work.now,
  }
  await work.stores.members.save(member)
  const target = { type: 'user', id: user.id, name: user.name }
  await work.record('team_member.set', where, target, { before: before ? { role: before.role } : {}, after: { role } })
  work.changed(org.id)
  return member
}

/** Throws Refusal('not_found') when the user is no member. */
export async function unsetMember(work: Work, where: Where, user: User, ifMatch?: IfMatch): Promise<object> {
  const { org, team } = where
  const before = org && team && (await work.stores.members.find(team.id, user.id))
  if (!before) throw new Refusal('not_found')
  refuseUnmatched(ifMatch, memberTag(user.id, before))
  await work.stores.members.remove(before.teamId, user.id)
  await work.record('team_member.delete', where, { type: 'user', id: user.id, name: user.name }, { role: before.role })
  work.changed(before.orgId)
  return {}
}
