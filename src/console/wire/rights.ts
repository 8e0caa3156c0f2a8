import type { Me } from './shapes.ts'

/** What the console offers. The service judges every deed by itself; this only keeps buttons away that would be refused. */
export const isOperator = (me: Me): boolean => me.type === 'operator'

export function isOrgAdmin(me: Me): boolean {
  if (me.type === 'operator') return true
  if (me.type === 'user') return me.role === 'admin'
  return me.type === 'service_account' && me.admin === true && (me.teams ?? []).length === 0
}

export const isTeamAdmin = (me: Me, team: string): boolean =>
  isOrgAdmin(me) || (me.teams ?? []).some((one) => one.team === team && one.role === 'admin')

/** May read the trail, ask why, see hygiene: of everything, or of their teams. */
export const isAnyTeamAdmin = (me: Me): boolean =>
  isOrgAdmin(me) ||
  (me.teams ?? []).some(({ role }) => role === 'admin') ||
  (me.type === 'service_account' && me.admin === true)

/** Sees who and what is in the team. */
export const isOfTeam = (me: Me, team: string): boolean =>
  isOrgAdmin(me) || (me.teams ?? []).some((one) => one.team === team)

/** A viewer of the organization changes nothing, whatever else they are. */
export const mayChange = (me: Me): boolean => me.type !== 'user' || me.role !== 'viewer'

export const mayChangeTeam = (me: Me, team: string): boolean => mayChange(me) && isTeamAdmin(me, team)
