/**
 * Who may ask what of the service: domain.md's "Who may administer what", operation by operation, written down from there
 * and not from the routes, so that a right that a route gets wrong is seen. Every operation that is described has a row.
 */
import type { Answer } from './server.ts'
import type { Role, Tenant } from './tenant.ts'

const organizationAdmins: readonly Role[] = [
  'operator',
  'admin',
  'admin account',
  'admin, for reading alone',
  'read-only admin account',
]
const teamAdmins: readonly Role[] = [
  ...organizationAdmins,
  'team admin',
  'team admin who is a viewer',
  'team admin account',
  'External admin account',
]
const projectAdmins: readonly Role[] = [...teamAdmins, 'project admin']
const principals: readonly Role[] = [
  ...projectAdmins,
  'member',
  'viewer',
  'team member',
  'team viewer',
  'admin of another team',
  'project editor',
  'project viewer',
  'account',
  'team account',
  'admin account of another team',
  'project admin account',
  'External account',
]

/** Who has what an operation needs; in the organization, its team ml and the projects there. */
export const having = {
  'to be the operator': ['operator'],
  'to be an admin of the organization': organizationAdmins,
  'to be an admin of the team': teamAdmins,
  'to be an admin of any team': [...teamAdmins, 'admin of another team', 'admin account of another team'],
  // On a restricted project; and an account administers by `admin: true` alone.
  'to be an admin of the project': projectAdmins,
  'to be of the project': [...projectAdmins, 'project editor', 'project viewer', 'project admin account'],
  'to be of the team': [
    ...teamAdmins,
    'team member',
    'team viewer',
    'team account',
    'project admin account',
    'External account',
  ],
  'to be of an organization': principals,
  'to be somebody': [...principals, 'resource server'],
  'to be a user or an account': principals.filter((role) => role !== 'operator'),
  'to be a resource server': ['resource server'],
  'to be a resource server, or an admin of the organization': [
    ...organizationAdmins.filter((role) => role !== 'operator'),
    'resource server',
  ],
  nothing: [...principals, 'resource server'],
  'to be a partner': [],
} as const satisfies Record<string, readonly Role[]>
export type Need = keyof typeof having

/** They look, and change nothing, whatever else they are. */
const lookers: readonly Role[] = [
  'viewer',
  'team admin who is a viewer',
  'read-only admin account',
  'admin, for reading alone',
]

export type Asked = { json?: unknown; form?: Record<string, string>; query?: string }
/**
 * `asked`: what whoever has the right succeeds with. `yes`: the status then; `no`: for somebody who has it not.
 * `anyway`: whoever only looks may too.
 */
export type Row = {
  need: Need
  /** On a project of the team, where roles of the project add nothing. */
  needOnTeamProject?: Need
  /** For an account of the team that is reached below the organization. */
  needOnTeamAccount?: Need
  asked: (tenant: Tenant) => Asked
  yes?: number
  no: number
  anyway: boolean
}
type More = Partial<Omit<Row, 'need' | 'asked'>> & { asked?: Row['asked'] }

const row = (need: Need, json?: unknown, more: More = {}): Row => ({
  need,
  asked: () => (json === undefined ? {} : { json }),
  no: 403,
  anyway: false,
  ...more,
})
/** Everything that can be done to the objects of one noun. */
const objects = (path: string, one: string, rights: { list: Row; read: Row; make: Row; change: Row; remove: Row }) => ({
  [`GET ${path}`]: rights.list,
  [`POST ${path}`]: rights.make,
  [`GET ${path}/${one}`]: rights.read,
  [`PATCH ${path}/${one}`]: rights.change,
  [`DELETE ${path}/${one}`]: rights.remove,
})
/** Where one right is enough for all of it. */
const whole = (path: string, one: string, need: Need, make: unknown, change: unknown, more: More = {}) => {
  const of = (json?: unknown) => row(need, json, more)
  return objects(path, one, { list: of(), read: of(), make: of(make), change: of(change), remove: of() })
}
const done = (need: Need, more: More = {}) => row(need, {}, { yes: 200, ...more })
const keysOf = (owner: string, need: Need, more: More = {}) => ({
  ...whole(`${owner}/keys`, '{key}', need, {}, { name: 'renamed' }, more),
  [`POST ${owner}/keys/{key}/rotate`]: row(need, { overlap_seconds: 60 }, more),
})
export const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] }

const org = '/api/v1/orgs/{org}'
const team = `${org}/teams/{team}`
const orgAdmin = 'to be an admin of the organization'
const teamAdmin = 'to be an admin of the team'
const ofTeam = 'to be of the team'
const onTeamProject = { needOnTeamProject: teamAdmin } as const
const seen = row('to be of the project', undefined, { needOnTeamProject: ofTeam })

/** All that is done to one account, its keys and its policies. */
const accountAt = (path: string, need: Need, more: More = {}) => ({
  [`GET ${path}`]: row(need, undefined, more),
  [`PATCH ${path}`]: row(need, { description: 'Changed' }, more),
  [`DELETE ${path}`]: row(need, undefined, more),
  [`POST ${path}/revoke`]: done(need, more),
  ...keysOf(path, need, more),
  // Of External accounts, which are all of a team.
  ...whole(
    `${path}/trust-policies`,
    '{policy}',
    teamAdmin,
    { issuer: 'ci', subject: `made-${path.length}` },
    { subject: `changed-${path.length}` },
  ),
  [`POST ${path}/trust-policies/replay`]: row(
    teamAdmin,
    { issuer: 'ci', subject: 'tried' },
    { yes: 200, anyway: true },
  ),
  // Of what was granted there is nothing to suggest.
  [`POST ${path}/trust-policies/suggest`]: row(teamAdmin, undefined, {
    yes: 422,
    anyway: true,
    asked: ({ requestId }) => ({ json: { request_id: requestId } }),
  }),
  [`POST ${path}/trust-policies/{policy}/replay`]: row(teamAdmin, { subject: 'tried' }, { yes: 200, anyway: true }),
})

const projectsRows = {
  [`GET ${team}/projects`]: row(ofTeam),
  [`POST ${team}/projects`]: row(teamAdmin, { name: 'made', visibility: 'team' }),
  [`GET ${team}/projects/{project}`]: seen,
  [`PATCH ${team}/projects/{project}`]: row(
    'to be an admin of the project',
    { visibility: 'restricted' },
    onTeamProject,
  ),
  [`DELETE ${team}/projects/{project}`]: row(teamAdmin),
  [`POST ${team}/projects/{name}/free`]: row(teamAdmin, {}, { yes: 204 }),
  [`GET ${team}/projects/{project}/members`]: seen,
  [`GET ${team}/projects/{project}/members/{member}`]: seen,
  [`PUT ${team}/projects/{project}/members/{member}`]: row(
    'to be an admin of the project',
    { role: 'viewer' },
    onTeamProject,
  ),
  [`DELETE ${team}/projects/{project}/members/{member}`]: row(
    'to be an admin of the project',
    undefined,
    onTeamProject,
  ),
}

/** A file that says nothing of anything. */
const fileOf = ({ org }: Tenant) => ({ json: { document: { organization: org } } })

const adminApi: Record<string, Row> = {
  'GET /api/v1/me': row('to be somebody'),
  'GET /api/v1/signing-keys': row('to be the operator'),
  'POST /api/v1/signing-keys/rotate': done('to be the operator'),
  'GET /api/v1/installation': row('to be the operator'),
  'PATCH /api/v1/installation': row('to be the operator', { restored: null }),
  'POST /api/v1/installation/revoke': row('to be the operator', { before: '2026-01-01T00:00:00Z' }, { yes: 200 }),
  'GET /api/v1/audit-events': row('to be the operator'),
  'GET /api/v1/orgs': row('to be of an organization'),
  'POST /api/v1/orgs': row('to be the operator', { name: 'made' }),
  [`GET ${org}`]: row('to be of an organization'),
  [`PATCH ${org}`]: row(orgAdmin, { display_name: 'Changed' }),
  [`DELETE ${org}`]: row('to be the operator'),
  ...whole(
    `${org}/users`,
    '{user}',
    orgAdmin,
    { username: 'made', email: 'made@made.example' },
    { email: 'changed@made.example' },
  ),
  [`POST ${org}/users/{user}/revoke`]: done(orgAdmin),
  ...keysOf(`${org}/users/{user}`, orgAdmin),
  ...objects(`${org}/teams`, '{team}', {
    list: row('to be of an organization'),
    read: row('to be of an organization'),
    make: row(orgAdmin, { name: 'made' }),
    change: row(orgAdmin, { display_name: 'Changed' }),
    remove: row(orgAdmin),
  }),
  [`GET ${team}/members`]: row(ofTeam),
  [`GET ${team}/members/{user}`]: row(ofTeam),
  [`PUT ${team}/members/{user}`]: row(teamAdmin, { role: 'viewer' }),
  [`DELETE ${team}/members/{user}`]: row(teamAdmin),
  ...projectsRows,
  // Whoever writes trust policies has to see what issuers there are.
  ...objects(`${org}/issuers`, '{issuer}', {
    list: row('to be an admin of any team'),
    read: row('to be an admin of any team'),
    make: row(orgAdmin, { name: 'made', issuer: 'https://made.example', jwks }),
    change: row(orgAdmin, { clock_tolerance: 30 }),
    remove: row(orgAdmin),
  }),
  [`POST ${org}/discover`]: row(orgAdmin, { issuer: 'https://made.example', jwks }, { yes: 200, anyway: true }),
  [`GET ${org}/issuers/{issuer}/health`]: row('to be an admin of any team'),
  [`GET ${org}/issuers/{issuer}/dependants`]: row(orgAdmin),
  [`POST ${org}/issuers/{issuer}/check`]: done(orgAdmin, { anyway: true }),
  [`POST ${org}/issuers/{issuer}/refresh`]: done(orgAdmin),
  [`POST ${org}/issuers/{issuer}/revoke`]: done(orgAdmin),
  [`POST ${org}/lint`]: row(
    'to be an admin of any team',
    { issuer: 'ci', subject: 'job:train' },
    { yes: 200, anyway: true },
  ),
  [`GET ${org}/presets`]: row('to be of an organization'),
  [`GET ${org}/presets/{preset}`]: row('to be of an organization'),
  [`GET ${org}/service-accounts`]: row(orgAdmin),
  [`POST ${org}/service-accounts`]: row(orgAdmin, { name: 'made', default_team: 'ml' }),
  ...accountAt(`${org}/service-accounts/{account}`, orgAdmin, { needOnTeamAccount: teamAdmin }),
  [`GET ${team}/service-accounts`]: row(teamAdmin),
  [`POST ${team}/service-accounts`]: row(teamAdmin, {
    name: 'made',
    method: 'federated',
    trust: { issuer: 'ci', subject: 'made' },
  }),
  ...accountAt(`${team}/service-accounts/{account}`, teamAdmin),
  ...whole(
    `${org}/resource-servers`,
    '{server}',
    orgAdmin,
    { name: 'made', audience: 'https://made.example' },
    { name: 'changed' },
  ),
  ...keysOf(`${org}/resource-servers/{server}`, orgAdmin),
  [`POST ${org}/plan`]: row(orgAdmin, undefined, { yes: 200, anyway: true, asked: fileOf }),
  [`POST ${org}/apply`]: row(orgAdmin, undefined, { yes: 200, asked: fileOf }),
  [`GET ${org}/export`]: row(orgAdmin),
  [`GET ${org}/audit-events`]: row('to be an admin of any team'),
  [`GET ${org}/exchange-stats`]: row('to be an admin of any team'),
  [`GET ${org}/hygiene`]: row('to be an admin of any team'),
  [`POST ${org}/explain`]: row('to be an admin of any team', { assertion: 'a.b.c' }, { yes: 200, anyway: true }),
}

const form = (values: (tenant: Tenant) => Record<string, string>) => (tenant: Tenant) => ({ form: values(tenant) })
const question = ({ objects: { narrow } }: Tenant) => ({
  subject: { type: 'service_account', id: narrow.id },
  action: { name: 'read' },
  resource: { type: 'project', id: 'ml/any' },
})
const page = row('nothing')

/** What is no part of the admin API. What these answer across organizations has tests of its own. */
const others: Record<string, Row> = {
  // Whoever shows the proof is who is asking; this one is none.
  'POST /oauth/token': row('nothing', undefined, {
    yes: 400,
    asked: form(({ objects: { narrow } }) => ({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: 'a.b.c',
      service_account: narrow.id,
    })),
  }),
  'POST /oauth/introspect': row('to be a resource server, or an admin of the organization', undefined, {
    yes: 200,
    anyway: true,
    asked: form(({ apiKey }) => ({ token: apiKey })),
  }),
  // By whoever holds it: of an id there is nothing to revoke.
  'POST /oauth/revoke': row('nothing', undefined, {
    yes: 200,
    anyway: true,
    asked: form(({ objects: { narrowKey } }) => ({ token: narrowKey.id })),
  }),
  'GET /oauth/userinfo': row('to be a user or an account'),
  'POST /oauth/userinfo': row('to be a user or an account', undefined, { yes: 200, anyway: true }),
  'GET /oauth/jwks': page,
  'GET /.well-known/oauth-authorization-server': page,
  'GET /.well-known/openid-configuration': page,
  'GET /.well-known/authzen-configuration': page,
  'GET /orgs/{org}/.well-known/countersign': page,
  'GET /orgs/{org}/v2.0/.well-known/openid-configuration': page,
  'GET /livez': page,
  'GET /readyz': page,
  'POST /access/v1/evaluation': row('to be a resource server', undefined, {
    yes: 200,
    asked: (tenant) => ({ json: question(tenant) }),
  }),
  'POST /access/v1/evaluations': row('to be a resource server', undefined, {
    yes: 200,
    asked: (tenant) => ({ json: { ...question(tenant), evaluations: [{}] } }),
  }),
  'GET /access/v1/verify': row('to be a user or an account', undefined, { yes: 204, no: 401 }),
  'POST /api/v1/secret-scanning': row('to be a partner', [], { no: 401 }),
  // A terminal of nobody: what it gets is for a person to say. This one has no device code.
  'POST /login/device': row('nothing', {}, { yes: 200 }),
  'POST /login/device/token': row('nothing', { device_code: 'x' }, { yes: 400 }),
}

export const rights: Readonly<Record<string, Row>> = { ...adminApi, ...others }

const usual: Record<string, number> = { GET: 200, POST: 201, PUT: 200, PATCH: 200, DELETE: 204 }
export const statusOf = (method: string, { yes }: Row): number => yes ?? (usual[method] as number)

/** Whether whoever has this role may do it, as far as their own organization goes. */
export function isAllowed(role: Role, method: string, { need, anyway }: Row, needed: Need = need): boolean {
  const isLook = method === 'GET' || anyway || need === 'nothing'
  return (having[needed] as readonly Role[]).includes(role) && (isLook || !lookers.includes(role))
}

/** The method and path of each operation that is described. */
export const operationsOf = (document: Answer['body']): [method: string, path: string][] =>
  Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [method.toUpperCase(), path]),
  )

/** Of those, whoever has the least of it: the rest of the table is what they may not. */
export const leastFor: Record<Need, Role> = {
  'to be the operator': 'operator',
  'to be an admin of the organization': 'admin account',
  'to be an admin of the team': 'External admin account',
  'to be an admin of any team': 'admin account of another team',
  'to be an admin of the project': 'project admin',
  'to be of the project': 'project viewer',
  'to be of the team': 'External account',
  'to be of an organization': 'viewer',
  'to be somebody': 'resource server',
  'to be a user or an account': 'External account',
  'to be a resource server': 'resource server',
  'to be a resource server, or an admin of the organization': 'resource server',
  nothing: 'viewer',
  'to be a partner': 'operator',
}
