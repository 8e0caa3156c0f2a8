/** May this principal do that to this project? Finds what access/ decides about. */
import { type Action, actions, type Misfit } from '../../protocol/access.ts'
import { isId } from '../../protocol/ids.ts'
import { type Actor, evaluate, type Verdict } from '../access/evaluate.ts'
import type { Lookups, NamedProject } from '../accounts/store.ts'
import { idOf, orgIdOf, type Somebody } from './bearer.ts'

/** `project`: `team/project`, as they are called. `teamId`: of the team that the project is in. */
export type Judged = { project: string; teamId: string } & Verdict
export type Unjudged = { decision: false; reason: Misfit; project?: never }
/** `project`: `team/project`, or `project` of the principal's own team. `scope`: of its token; undefined: no token. */
export type Decide = (who: Somebody, action: Action, project: string, scope?: string) => Promise<Judged | Unjudged>

type Needs = { lookups: Pick<Lookups, 'projectNamed' | 'projectOfTeam' | 'projectRole' | 'teamRoles'> }

export function createDecide({ lookups }: Needs): Decide {
  /** The team that is meant when none is named: an account's parent or default team, a user's only one. */
  const ownTeam = async (who: Somebody): Promise<string | undefined> => {
    if (who.type === 'service_account') return who.account.teamId ?? who.account.defaultTeamId ?? undefined
    const [only, ...others] = await lookups.teamRoles(who.user.orgId, who.user.id)
    return others.length === 0 ? only?.teamId : undefined
  }
  const find = async (who: Somebody, team: string | undefined, name: string): Promise<NamedProject | Misfit> => {
    const orgId = orgIdOf(who)
    if (team !== undefined) return (await lookups.projectNamed(orgId, team, name)) ?? 'team_unknown'
    const own = await ownTeam(who)
    if (own === undefined) return 'team_not_named'
    return (await lookups.projectOfTeam(orgId, own, name)) ?? 'team_unknown'
  }
  const actorOf = async (who: Somebody, teamId: string): Promise<Actor> => {
    if (who.type === 'user') {
      const { id, orgId, role } = who.user
      const inTeam = (await lookups.teamRoles(orgId, id)).find((one) => one.teamId === teamId)?.role
      return { type: 'user', role, inTeam }
    }
    const { teamId: parent, enabled, access } = who.account
    return {
      type: 'service_account',
      scope: parent === null ? 'organization' : 'team',
      enabled,
      access,
      inTeam: parent === teamId,
    }
  }
  return async (who, action, named, scope) => {
    const [, team, name] = form.exec(named) ?? []
    // The id of a project is no name, and none will ever be: else a restricted one would be as good as not made yet.
    if (name === undefined || isId(name)) return { decision: false, reason: 'project_malformed' }
    const found = await find(who, team, name)
    if (typeof found === 'string') return { decision: false, reason: found }
    const { project, team: home } = found
    // Asked only where it counts.
    const role =
      project?.visibility === 'restricted' ? await lookups.projectRole(orgIdOf(who), project.id, idOf(who)) : undefined
    const reached = {
      // Work may log to a new project: it is judged as one of its team.
      visibility: project?.visibility ?? 'team',
      deleted: project !== undefined && project.deletedAt !== null,
      role,
    }
    const verdict = evaluate(await actorOf(who, home.id), reached, action, scope)
    return { ...verdict, project: `${home.name}/${name}`, teamId: home.id }
  }
}

export const isAction = (text: unknown): text is Action => (actions as readonly unknown[]).includes(text)

/** `project` or `team/project`, both slugs. */
const form = /^(?:([a-z0-9][a-z0-9_-]{0,63})\/)?([a-z0-9][a-z0-9_-]{0,63})$/
