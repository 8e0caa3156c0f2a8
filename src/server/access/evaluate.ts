/**
 * What a principal may do on a project: domain.md's table "What a service account may reach", and what it says of users.
 * Pure. Rules: the table is asked first; what then narrows it (access, role in the organization, scope) never widens it;
 * the reason is that of the first that says no.
 */
import type { Action, Ground, Objection } from '../../protocol/access.ts'
import type { AccessLevel, OrgRole, ProjectRole, Visibility } from '../accounts/model.ts'

/** Facts about who asks. `inTeam`: is the project of the account's own team, or: which role has the user in its team. */
export type Actor =
  | { type: 'service_account'; scope: 'organization' | 'team'; enabled: boolean; access: AccessLevel; inTeam: boolean }
  | { type: 'user'; role: OrgRole; inTeam: OrgRole | undefined }

/** Facts about the project. One that does not exist yet is as one with the visibility `team`. `role`: the explicit one. */
export type Reached = { visibility: Visibility; deleted: boolean; role: ProjectRole | undefined }

export type Verdict = { decision: true; reason: Ground } | { decision: false; reason: Objection }

/** `reach`: the widest action. `ground`: why that is allowed; `objection`: why no more is. */
type Rule =
  | { reach: 'write'; ground: Ground }
  | { reach: 'read'; ground: Ground; objection: Objection }
  | { reach: 'nothing'; objection: Objection }

const all = (ground: Ground): Rule => ({ reach: 'write', ground })
const reads = (ground: Ground, objection: Objection): Rule => ({ reach: 'read', ground, objection })
const none = (objection: Objection): Rule => ({ reach: 'nothing', objection })
/** What the role in a restricted project gives. */
const byRole = 'byRole'
const roles: Record<ProjectRole | 'none', Rule> = {
  admin: all('project_role'),
  editor: all('project_role'),
  viewer: reads('project_role', 'project_viewer'),
  none: none('not_a_project_member'),
}

type Cell = Rule | typeof byRole
const accounts: Record<Visibility, Record<'organization' | 'ownTeam' | 'otherTeam', Cell>> = {
  team: {
    organization: all('organization_account'),
    ownTeam: all('team_account'),
    otherTeam: none('other_team'),
  },
  open: {
    organization: all('open_project'),
    ownTeam: all('open_project'),
    otherTeam: all('open_project'),
  },
  public: {
    organization: all('organization_account'),
    ownTeam: all('team_account'),
    otherTeam: reads('public_project', 'public_read_only'),
  },
  restricted: {
    organization: byRole,
    ownTeam: byRole,
    otherTeam: none('other_team'),
  },
}

/** By the role in the project's team. Administering a team, or an organization, is not reaching its projects. */
const users: Record<Visibility, Record<OrgRole | 'stranger', Cell>> = {
  team: {
    admin: all('team_member'),
    member: all('team_member'),
    viewer: reads('team_member', 'team_viewer'),
    stranger: none('not_a_team_member'),
  },
  open: {
    admin: all('open_project'),
    member: all('open_project'),
    viewer: all('open_project'),
    stranger: all('open_project'),
  },
  public: {
    admin: all('team_member'),
    member: all('team_member'),
    viewer: reads('team_member', 'team_viewer'),
    stranger: reads('public_project', 'public_read_only'),
  },
  restricted: {
    admin: byRole,
    member: byRole,
    viewer: byRole,
    stranger: byRole,
  },
}

/** `scope`: the token's words; undefined where the principal is named without a token, and nothing narrows it. */
export function evaluate(actor: Actor, project: Reached, action: Action, scope?: string): Verdict {
  if (actor.type === 'service_account' && !actor.enabled) return no('account_disabled')
  if (project.deleted) return no('project_deleted')
  const rule = ruleOf(actor, project)
  if (rule.reach === 'nothing') return no(rule.objection)
  if (rule.reach === 'read' && action === 'write') return no(rule.objection)
  const objection = narrowed(actor, action, scope)
  return objection ? no(objection) : { decision: true, reason: rule.ground }
}

/** Whether a scope (RFC 6749 §3.3) has the action in it. */
export function inScope(scope: string, action: Action): boolean {
  const words = scope.split(' ')
  return words.includes('projects:write') || (action === 'read' && words.includes('projects:read'))
}

function ruleOf(actor: Actor, { visibility, role }: Reached): Rule {
  const cell =
    actor.type === 'user' ? users[visibility][actor.inTeam ?? 'stranger'] : accounts[visibility][kindOf(actor)]
  return cell === byRole ? roles[role ?? 'none'] : cell
}

const kindOf = ({ scope, inTeam }: Extract<Actor, { type: 'service_account' }>) =>
  scope === 'organization' ? 'organization' : inTeam ? 'ownTeam' : 'otherTeam'

function narrowed(actor: Actor, action: Action, scope: string | undefined): Objection | undefined {
  if (action === 'write') {
    if (actor.type === 'service_account' && actor.access === 'read') return 'access_read_only'
    if (actor.type === 'user' && actor.role === 'viewer') return 'organization_viewer'
  }
  return scope === undefined || inScope(scope, action) ? undefined : 'scope_insufficient'
}

const no = (reason: Objection): Verdict => ({ decision: false, reason })
