/**
 * Writes access.json: the whole matrix of what may be reached. Every answer of the tables below was written by hand, from
 * the words of the product's description; nothing is asked of the code under test, and nothing of it is imported.
 *
 *   node test/vectors/access.ts [--check]     --check: exits 1 when the file is not what the tables say
 */
import { readFileSync, writeFileSync } from 'node:fs'

/** What a cell of a table says: the widest action, and the reason for yes and for no. */
type Cell = [reach: 'nothing' | 'read' | 'write', yes: string, no: string]
const W = (yes: string): Cell => ['write', yes, '']
const R = (yes: string, no: string): Cell => ['read', yes, no]
const N = (no: string): Cell => ['nothing', '', no]

/**
 * "What a service account may reach", row by row. `member:ROLE` is a restricted project with that role, `stranger` one
 * without. A project that does not exist yet is as a `team` one; nobody is in one of which only the name is left.
 */
const accountTable: Record<string, { organization: Cell; own: Cell; other: Cell }> = {
  //                                 organization-scoped            team-scoped, own team     team-scoped, another team
  team: { organization: W('organization_account'), own: W('team_account'), other: N('other_team') },
  missing: { organization: W('organization_account'), own: W('team_account'), other: N('other_team') },
  open: { organization: W('open_project'), own: W('open_project'), other: W('open_project') },
  public: {
    organization: W('organization_account'),
    own: W('team_account'),
    other: R('public_project', 'public_read_only'),
  },
  stranger: {
    organization: N('not_a_project_member'),
    own: N('not_a_project_member'),
    other: N('other_team'),
  },
  'member:viewer': {
    organization: R('project_role', 'project_viewer'),
    own: R('project_role', 'project_viewer'),
    other: N('other_team'),
  },
  'member:editor': { organization: W('project_role'), own: W('project_role'), other: N('other_team') },
  'member:admin': { organization: W('project_role'), own: W('project_role'), other: N('other_team') },
  deleted: {
    organization: N('project_deleted'),
    own: N('project_deleted'),
    other: N('project_deleted'),
  },
}

/** "Users", by the role in the team that the project is in. */
const userTable: Record<string, { none: Cell; viewer: Cell; member: Cell; admin: Cell }> = {
  team: {
    none: N('not_a_team_member'),
    viewer: R('team_member', 'team_viewer'),
    member: W('team_member'),
    admin: W('team_member'),
  },
  missing: {
    none: N('not_a_team_member'),
    viewer: R('team_member', 'team_viewer'),
    member: W('team_member'),
    admin: W('team_member'),
  },
  // Everybody in the organization reads and writes open ones.
  open: { none: W('open_project'), viewer: W('open_project'), member: W('open_project'), admin: W('open_project') },
  public: {
    none: R('public_project', 'public_read_only'),
    viewer: R('team_member', 'team_viewer'),
    member: W('team_member'),
    admin: W('team_member'),
  },
  // Administering a team is not reaching its restricted projects: the explicit role alone counts.
  stranger: {
    none: N('not_a_project_member'),
    viewer: N('not_a_project_member'),
    member: N('not_a_project_member'),
    admin: N('not_a_project_member'),
  },
  'member:viewer': {
    none: R('project_role', 'project_viewer'),
    viewer: R('project_role', 'project_viewer'),
    member: R('project_role', 'project_viewer'),
    admin: R('project_role', 'project_viewer'),
  },
  'member:editor': {
    none: W('project_role'),
    viewer: W('project_role'),
    member: W('project_role'),
    admin: W('project_role'),
  },
  'member:admin': {
    none: W('project_role'),
    viewer: W('project_role'),
    member: W('project_role'),
    admin: W('project_role'),
  },
  deleted: {
    none: N('project_deleted'),
    viewer: N('project_deleted'),
    member: N('project_deleted'),
    admin: N('project_deleted'),
  },
}

const projects = ['team', 'restricted', 'open', 'public', 'missing', 'deleted'] as const
const projectRoles = ['none', 'viewer', 'editor', 'admin'] as const
const actions = ['read', 'write'] as const
const both = 'projects:read projects:write'
/** With the actions that each allows; `projects:write` includes reading. No token: the principal is named by its id. */
const tokenScopes: [scope: string | null, allows: readonly string[]][] = [
  [null, ['read', 'write']],
  ['projects:read', ['read']],
  ['projects:write', ['read', 'write']],
  [both, ['read', 'write']],
]

/** A role adds nothing but in a restricted project. */
const rowOf = (project: string, role: string) =>
  project === 'restricted' ? (role === 'none' ? 'stranger' : `member:${role}`) : project

type Row = (string | boolean | null)[]
/** `narrowed`: the reason why whoever asks may not do that, whatever the table says. */
function answer([reach, yes, no]: Cell, action: string, allows: readonly string[], narrowed: string | undefined): Row {
  if (reach === 'nothing' || (reach === 'read' && action === 'write')) return [false, no]
  if (narrowed !== undefined) return [false, narrowed]
  return allows.includes(action) ? [true, yes] : [false, 'scope_insufficient']
}

function accountRows(): Row[] {
  const rows: Row[] = []
  const kinds = [
    ['organization', 'api_key'],
    ['team', 'api_key'],
    ['team', 'federated'],
  ] as const
  for (const [scope, method] of kinds)
    for (const team of ['own', 'other'] as const)
      for (const project of projects)
        for (const role of project === 'missing' ? (['none'] as const) : projectRoles)
          for (const action of actions)
            for (const [tokenScope, allows] of tokenScopes)
              for (const access of ['read', 'write'] as const)
                for (const enabled of [true, false]) {
                  const cell = accountTable[rowOf(project, role)]?.[scope === 'organization' ? scope : team] as Cell
                  const narrowed = access === 'read' && action === 'write' ? 'access_read_only' : undefined
                  const [decision, reason] = enabled
                    ? answer(cell, action, allows, narrowed)
                    : [false, 'account_disabled']
                  rows.push([
                    scope,
                    method,
                    team,
                    project,
                    role,
                    action,
                    tokenScope,
                    access,
                    enabled,
                    decision as boolean,
                    reason as string,
                  ])
                }
  return rows
}

function userRows(): Row[] {
  const rows: Row[] = []
  for (const orgRole of ['admin', 'member', 'viewer'] as const)
    for (const teamRole of ['none', 'viewer', 'member', 'admin'] as const)
      for (const project of projects)
        for (const role of project === 'missing' ? (['none'] as const) : projectRoles)
          for (const action of actions)
            for (const [tokenScope, allows] of tokenScopes) {
              const cell = userTable[rowOf(project, role)]?.[teamRole] as Cell
              // A viewer of the organization only reads, whatever else says; an admin of it gets nothing by that.
              const narrowed = orgRole === 'viewer' && action === 'write' ? 'organization_viewer' : undefined
              rows.push([
                orgRole,
                teamRole,
                project,
                role,
                action,
                tokenScope,
                ...answer(cell, action, allows, narrowed),
              ])
            }
  return rows
}

const listed = (rows: Row[]) => rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')
const text = `{
  "about": "What may be reached. Written by access.ts from tables by hand; one row a line.",
  "accounts": {
    "columns": ["scope","method","team","project","projectRole","action","tokenScope","access","enabled","decision","reason"],
    "rows": [
${listed(accountRows())}
    ]
  },
  "users": {
    "columns": ["orgRole","teamRole","project","projectRole","action","tokenScope","decision","reason"],
    "rows": [
${listed(userRows())}
    ]
  }
}
`
const file = new URL('./access.json', import.meta.url)
if (!process.argv.includes('--check')) writeFileSync(file, text)
else if (readFileSync(file, 'utf8') !== text) process.exitCode = 1
