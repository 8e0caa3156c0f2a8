import type { NamedProject } from '../accounts/store.ts'
import type { StoredLookups } from '../admin/store.ts'
import type { Database } from './database.ts'
import { prepared } from './prepared.ts'

type Args = { orgId: string; team: string; name: string }
type Row = { teamId: string; team: string; id: string | null } & Partial<
  Omit<NonNullable<NamedProject['project']>, 'id'>
>

/** The team by one of its columns, and its project of that name beside it, when there is one. */
function placed(db: Database, column: 't.id' | 't.name') {
  const ask = prepared(db, (from, args: Args) =>
    from
      .selectFrom('teams as t')
      .leftJoin('projects as p', (join) => join.onRef('p.team_id', '=', 't.id').on('p.name', '=', args.name))
      .where('t.org_id', '=', args.orgId)
      .where(column, '=', args.team)
      .select(['t.id as teamId', 't.name as team', 'p.id', 'p.visibility', 'p.deleted_at as deletedAt'])
      .$castTo<Row>(),
  )
  return async (orgId: string, team: string, name: string): Promise<NamedProject | undefined> => {
    const [row] = await ask({ orgId, team, name })
    if (!row) return undefined
    const { id, visibility, deletedAt = null } = row
    return {
      team: { id: row.teamId, name: row.team },
      ...(id !== null && visibility !== undefined ? { project: { id, visibility, deletedAt } } : {}),
    }
  }
}

/** What an evaluation asks: which project, with which role there, by a member of which teams. */
export function projectLookups(
  db: Database,
): Pick<StoredLookups, 'projectNamed' | 'projectOfTeam' | 'projectRole' | 'teamRoles'> {
  const role = prepared(db, (from, args: { orgId: string; projectId: string; principalId: string }) =>
    from
      .selectFrom('project_members')
      .where('org_id', '=', args.orgId)
      .where('project_id', '=', args.projectId)
      .where('principal_id', '=', args.principalId)
      .select('role'),
  )
  const teams = prepared(db, (from, args: { orgId: string; userId: string }) =>
    from
      .selectFrom('team_members')
      .where('org_id', '=', args.orgId)
      .where('user_id', '=', args.userId)
      .select(['team_id as teamId', 'role'])
      .orderBy('team_id'),
  )
  return {
    projectNamed: placed(db, 't.name'),
    projectOfTeam: placed(db, 't.id'),
    projectRole: async (orgId, projectId, principalId) => (await role({ orgId, projectId, principalId }))[0]?.role,
    teamRoles: (orgId, userId) => teams({ orgId, userId }),
  }
}
