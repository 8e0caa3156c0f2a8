import type { Me, Role } from './shapes.ts'

/** What the console offers. The service judges every deed by itself; this only keeps buttons away that would be refused. */
export const isOperator = (me: Me): boolean => me.type === 'operator'

export function isOrgAdmin(me: Me): boolean {
  if (me.type === 'operator') return true
  if (me.type === 'user') return me.role === 'admin'
  return me.type === 'service_account' && me.admin === true && me.team === null
}

/** The teams that somebody belongs to. A service account with admin rights administers its own. */
export function teamsOf({ type, teams, team, admin }: Me): { team: string; role: Role }[] {
  if (type === 'service_account' && typeof team === 'string')
    return [{ team, role: admin === true ? 'admin' : 'member' }]
  return teams ?? []
}

export const isTeamAdmin = (me: Me, team: string): boolean =>
  isOrgAdmin(me) || teamsOf(me).some((one) => one.team === team && one.role === 'admin')

/** May read the trail, ask why, see hygiene: of everything, or of their teams. */
export const isAnyTeamAdmin = (me: Me): boolean => isOrgAdmin(me) || teamsOf(me).some(({ role }) => role === 'admin')

/** Sees who and what is in the team. */
export const isOfTeam = (me: Me, team: string): boolean =>
  isOrgAdmin(me) || teamsOf(me).some((one) => one.team === team)

/** A viewer of the organization, and an account that may but read, change nothing, whatever else they are. */
export const mayChange = (me: Me): boolean => (me.type === 'user' ? me.role !== 'viewer' : me.access !== 'read')

export const mayChangeOrg = (me: Me): boolean => mayChange(me) && isOrgAdmin(me)

export const mayChangeTeam = (me: Me, team: string): boolean => mayChange(me) && isTeamAdmin(me, team)
