/**
 * Who may administer what: domain.md's table, once. Pure.
 * Another organization's objects are not refused but not found, so that nobody learns what exists there.
 */
import type { OrgRole, ProjectRole } from '../accounts/model.ts'

/**
 * Who is calling, with what gives them rights. Names are for the trail. `readOnly`: a user with organization role
 * `viewer`, an account with access `read`, or a token that was asked for reading alone: whatever else gives them rights,
 * they look and change nothing.
 */
export type Caller =
  | { type: 'operator' }
  | {
      type: 'user'
      readOnly: boolean
      id: string
      name: string
      orgId: string
      org: string
      role: OrgRole
      teams: ReadonlyMap<string, OrgRole>
    }
  | {
      type: 'service_account'
      readOnly: boolean
      id: string
      name: string
      orgId: string
      org: string
      admin: boolean
      /** Has proven to hold the key that its token is bound to (RFC 9449). */
      bound: boolean
      /** The parent team; null for an organization-scoped account. */
      teamId: string | null
    }
  | { type: 'resource_server'; id: string; name: string; orgId: string; org: string; audience: string }

/**
 * What a route asks of its caller. `orgMember`: any user or account of the organization may look. `projectAdmin`: whoever
 * administers the team, and of a restricted project its own admins; `projectMember`: whoever may see that it is there.
 */
export type Right =
  | 'anybody'
  | 'operator'
  | 'orgAdmin'
  | 'anyTeamAdmin'
  | 'teamAdmin'
  | 'teamMember'
  | 'projectAdmin'
  | 'projectMember'
  | 'orgMember'

/** `project.role`: the caller's own there. */
export type Place = {
  orgId?: string
  teamId?: string
  project?: { restricted: boolean; role: ProjectRole | undefined }
}

/** Whether the caller belongs to the place at all; when not, the answer is 404. */
export function sees(caller: Caller, { orgId }: Place): boolean {
  return caller.type === 'operator' || orgId === undefined || caller.orgId === orgId
}

/** Whether the caller may change anything at all. */
export const mayChange = (caller: Caller): boolean => !('readOnly' in caller && caller.readOnly)

export function may(caller: Caller, right: Right, place: Place): boolean {
  if (caller.type === 'operator' || right === 'anybody') return true
  if (right === 'operator' || !sees(caller, place) || caller.type === 'resource_server') return false
  if (isOrgAdmin(caller)) return true
  const { teamId, project } = place
  switch (right) {
    case 'orgAdmin':
      return false
    case 'anyTeamAdmin':
      return caller.type === 'user' ? [...caller.teams.values()].includes('admin') : caller.admin
    case 'teamAdmin':
      return teamId !== undefined && administersTeam(caller, teamId)
    case 'teamMember':
      return teamId !== undefined && isOfTeam(caller, teamId)
    case 'projectAdmin':
      return teamId !== undefined && (administersTeam(caller, teamId) || administersProject(caller, project))
    case 'projectMember':
      if (teamId === undefined || !project) return false
      if (administersTeam(caller, teamId)) return true
      // Of an account of another team a role is nothing, there as in an evaluation.
      if (caller.type === 'service_account' && caller.teamId !== null && caller.teamId !== teamId) return false
      return project.restricted ? project.role !== undefined : isOfTeam(caller, teamId)
    case 'orgMember':
      return true
  }
}

/** The teams whose events the caller may read; 'all' for an admin of the organization. */
export function auditedTeams(caller: Caller): 'all' | readonly string[] {
  if (caller.type === 'operator' || isOrgAdmin(caller)) return 'all'
  if (caller.type === 'user') return [...caller.teams].filter(([, role]) => role === 'admin').map(([id]) => id)
  return caller.type === 'service_account' && caller.admin && caller.teamId !== null ? [caller.teamId] : []
}

export function isOrgAdmin(caller: Caller): boolean {
  if (caller.type === 'user') return caller.role === 'admin'
  return caller.type === 'service_account' && caller.admin && caller.teamId === null
}

function isOfTeam(caller: Caller, teamId: string): boolean {
  if (caller.type === 'user') return caller.teams.has(teamId)
  return caller.type === 'service_account' && caller.teamId === teamId
}

/** On other projects than restricted ones a role adds nothing; and an account administers by `admin: true` alone. */
const administersProject = (caller: Caller, project: Place['project']): boolean =>
  caller.type === 'user' && project?.restricted === true && project.role === 'admin'

function administersTeam(caller: Caller, teamId: string): boolean {
  if (caller.type === 'user') return caller.teams.get(teamId) === 'admin'
  return caller.type === 'service_account' && caller.admin && caller.teamId === teamId
}
