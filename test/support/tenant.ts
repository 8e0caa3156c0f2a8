/** An organization with an object of every noun in it, and a caller of every kind. What it has is named after it. */
import type { Provider } from './identity-provider.ts'
import { call, type Service } from './server.ts'
import { createWorld, must, type Named } from './world.ts'

/** Users, by their role in the organization (member), in the team ml, in another team, in projects of ml. */
const users = {
  member: {},
  viewer: { role: 'viewer' },
  'team admin': { team: 'admin' },
  'team member': { team: 'member' },
  'team viewer': { team: 'viewer' },
  'team admin who is a viewer': { role: 'viewer', team: 'admin' },
  'admin of another team': { otherTeam: 'admin' },
  'project admin': { project: 'admin' },
  'project editor': { project: 'editor' },
  'project viewer': { project: 'viewer' },
} as const satisfies Record<string, UserAsk>

type UserAsk = { role?: string; team?: string; otherTeam?: string; project?: string }
type AccountAsk = { team?: string; admin?: boolean; access?: string; project?: string }

/** Accounts with API keys. `team`: its parent; absent: the organization's. */
const accounts = {
  account: {},
  'admin account': { admin: true },
  'read-only admin account': { admin: true, access: 'read' },
  'team account': { team: 'ml' },
  'team admin account': { team: 'ml', admin: true },
  'admin account of another team': { team: 'other', admin: true },
  'project admin account': { team: 'ml', project: 'admin' },
} as const satisfies Record<string, AccountAsk>

const externals = { 'External account': {}, 'External admin account': { admin: true } } as const

export type Role =
  | 'operator'
  | 'admin'
  | 'admin, for reading alone'
  | 'resource server'
  | keyof typeof users
  | keyof typeof accounts
  | keyof typeof externals
export type Credential = { role: Role; by: 'key' | 'token'; secret: string }
export type Tenant = Awaited<ReturnType<typeof createTenant>>
/** `project`, `account`: of two that a path can lead to, which. */
export type Form = { by?: 'id' | 'name'; project?: 'restricted' | 'of the team'; account?: 'of the team' }

/** The audience of each organization's resource server: the same one, which is allowed. */
export const sharedAudience = 'https://api.example'

const slug = (role: string) => role.toLowerCase().replaceAll(' ', '-')

export async function createTenant(service: Service, provider: Provider, org: string) {
  const world = await createWorld(service, provider, { org, subject: `${org}-job` })
  const { make, path, api } = world
  const first = async (below: string) => {
    const { items } = await must(api('GET', below))
    return (items as Named[])[0] as Named
  }
  const other = await make('/teams', { name: `${org}-other` })
  const team = { id: (await must(api('GET', '/teams/ml'))).id as string, name: 'ml' }
  const projects = {
    restricted: await make('/teams/ml/projects', { name: `${org}-secret`, visibility: 'restricted' }),
    'of the team': await make('/teams/ml/projects', { name: `${org}-shared`, visibility: 'team' }),
  }
  /** In the restricted project; and in that of the team, where it adds nothing. */
  const setRole = async (id: string, role: string | undefined) => {
    for (const { name } of role === undefined ? [] : Object.values(projects))
      await must(api('PUT', `/teams/ml/projects/${name}/members/${id}`, { role }))
  }
  const credentials: Credential[] = []
  const add = (role: Role, by: Credential['by'], secret: unknown) =>
    credentials.push({ role, by, secret: String(secret) })
  /** The key, and an access token that it obtained. */
  const hold = async (role: Role, secret: string) => {
    add(role, 'key', secret)
    add(role, 'token', (await must(world.withKey(secret))).access_token)
  }

  await hold('admin', world.adminKey)
  const narrow = { grant_type: 'client_credentials', client_secret: world.adminKey, scope: 'projects:read' }
  add('admin, for reading alone', 'token', (await must(world.post(narrow))).access_token)
  const person = async (name: string, more: UserAsk) => {
    const made = await make('/users', {
      username: `${org}-${name}`,
      email: `${name}@${org}.example`,
      role: more.role ?? 'member',
    })
    const key = await make(`/users/${made.id}/keys`, { name: `${org}-key` })
    const put = (at: string, role: string | undefined) =>
      role === undefined ? undefined : must(api('PUT', `${at}/${made.id}`, { role }))
    await put('/teams/ml/members', more.team)
    await put(`/teams/${other.id}/members`, more.otherTeam)
    await setRole(made.id, more.project)
    return { made, key }
  }
  for (const [role, more] of Object.entries(users)) {
    const { key } = await person(slug(role), more)
    await hold(role as Role, String(key.secret))
  }
  for (const [role, { team: parent, project, ...more }] of Object.entries<AccountAsk>(accounts)) {
    const below = parent === undefined ? '' : `/teams/${parent === 'ml' ? 'ml' : other.id}`
    const kind = parent === undefined ? { default_team: 'ml' } : { method: 'api_key' }
    const made = await make(`${below}/service-accounts`, { name: `${org}-${slug(role)}`, ...kind, ...more })
    await setRole(made.id, project)
    await hold(role as Role, String(made.api_key))
  }
  for (const [role, more] of Object.entries(externals)) {
    await world.external(`${org}-${slug(role)}`, `${org}-${slug(role)}`, more)
    add(role as Role, 'token', await world.granted(world.token({ sub: `${org}-${slug(role)}` })))
  }
  const granted = await world.exchange(world.token())
  const asking = await make('/resource-servers', { name: `${org}-asking`, audience: sharedAudience })
  add('resource server', 'key', asking.api_key)

  const { made: user } = await person('user', { team: 'member', project: 'editor' })
  const kept = await make('/teams/ml/projects', { name: `${org}-kept`, visibility: 'restricted' })
  await must(api('DELETE', `/teams/ml/projects/${kept.id}`))
  const wide = await make('/service-accounts', { name: `${org}-wide`, default_team: 'ml' })
  const narrowAccount = await make(world.accounts, { name: `${org}-narrow`, method: 'api_key' })
  const trust = { name: `${org}-policy`, issuer: 'ci', subject: `${org}-first` }
  const external = await make(world.accounts, { name: `${org}-external`, method: 'federated', trust })
  const policies = `${world.accounts}/${external.id}/trust-policies`
  const secondPolicy = await make(policies, { ...trust, name: `${org}-policy-2`, subject: `${org}-second` })
  const server = await make('/resource-servers', { name: `${org}-server`, audience: `https://${org}.example` })
  const issuer = await make('/issuers', {
    name: `${org}-issuer`,
    issuer: `https://issuer.${org}.example`,
    audiences: [org, `${org}-audience`],
    jwks_uri: provider.jwksUri,
  })
  const objects = {
    org: { id: String((await must(api('GET', ''))).id), name: org },
    team,
    other,
    spare: await make('/teams', { name: `${org}-spare` }),
    user: { id: user.id, name: `${org}-user` },
    // Only the name is left of it.
    kept: { id: kept.name, name: kept.name },
    issuer,
    server,
    wide,
    narrow: narrowAccount,
    external,
    policy: external.trust as Named,
    secondPolicy,
    userKey: await first(`/users/${user.id}/keys`),
    wideKey: await first(`/service-accounts/${wide.id}/keys`),
    narrowKey: await first(`/service-accounts/${narrowAccount.id}/keys`),
    serverKey: await first(`/resource-servers/${server.id}/keys`),
  } satisfies Record<string, Named>

  /** What a parameter of a described path is called here. No two paths that delete lead to one object. */
  function named(template: string, parameter: string, { project = 'restricted', account }: Form): Named {
    const inTeam = template.includes('{team}')
    const ofTeam = inTeam || account === 'of the team'
    switch (parameter) {
      case 'team':
        return template.endsWith('{team}') ? objects.spare : objects.team
      case 'user':
      case 'member':
        return objects.user
      case 'project':
        return projects[project]
      case 'name':
        return objects.kept
      case 'account':
        if (template.includes('trust-policies')) return objects.external
        return ofTeam ? objects.narrow : objects.wide
      case 'policy':
        return inTeam ? objects.policy : objects.secondPolicy
      case 'preset':
        return { id: 'github', name: 'github' }
      case 'key':
        if (template.includes('{user}')) return objects.userKey
        if (template.includes('{server}')) return objects.serverKey
        return ofTeam ? objects.narrowKey : objects.wideKey
      case 'org':
      case 'issuer':
      case 'server':
        return objects[parameter]
      default:
        throw new Error(`${template} has a parameter that no test knows: ${parameter}`)
    }
  }
  return {
    ...world,
    objects,
    credentials,
    asking: String(asking.api_key),
    /** Of an exchange of an account of the team ml. */
    requestId: String(granted.headers.get('x-request-id')),
    secretOf: (role: Role, by: Credential['by'] = 'key') =>
      role === 'operator'
        ? service.operatorKey
        : String(credentials.find((held) => held.role === role && held.by === by)?.secret),
    named,
    /** A described path with the names or ids of what is here. An account of a team goes below its organization by id alone. */
    fill: (template: string, form: Form = {}) =>
      template.replace(/\{(\w+)\}/g, (_, parameter: string) => {
        const { id, name } = named(template, parameter, form)
        const byId = parameter === 'account' && !template.includes('{team}')
        return form.by === 'name' && !byId ? name : id
      }),
    at: (method: string, below: string, secret: string, json?: unknown) =>
      call(service, method, path + below, { secret, ...(json === undefined ? {} : { json }) }),
  }
}
