/** A step of a plan, done by the deed that does it by hand. */
import type { Organization, Project, ResourceServer, ServiceAccount, Team, Visibility } from '../accounts/model.ts'
import { changeAccount, createAccount, type NewAccount } from '../admin/accounts.ts'
import { changeIssuer, type IssuerDraft, registerIssuer } from '../admin/issuers.ts'
import { createJudge } from '../admin/judging.ts'
import { create, type Noun, remove, update } from '../admin/noun.ts'
import * as nouns from '../admin/nouns.ts'
import type { Where, Work } from '../admin/perform.ts'
import { changePolicy, createPolicy, type NewTrust } from '../admin/policies.ts'
import { changeProject, createProject, deleteProject, type InTeam } from '../admin/projects.ts'
import { createResourceServer } from '../admin/resource-servers.ts'
import { refuseTeamInUse } from '../admin/teams.ts'
import type { Registration } from '../issuers/model.ts'
import type { TrustPolicy } from '../trust/policy.ts'
import type { Outside } from './foreign.ts'
import type { There, Wanted } from './members.ts'
import type { Step } from './plan.ts'

type InOrg = { org: Pick<Organization, 'id' | 'name'> }
/** What objects of one kind are made, changed and removed by. */
type Deed = {
  make(wanted: Wanted, where: Where): Promise<unknown>
  change(there: There, wanted: Wanted, where: Where): Promise<unknown>
  remove(there: There, where: Where): Promise<unknown>
}

export async function createDeeds(work: Work, { org, publicUrl, ...known }: Outside, source: string) {
  const { stores } = work
  const judge = createJudge({ ...known, publicUrl: () => publicUrl })
  const orgId = org.id
  const inOrg: InOrg = { org }
  const managed = { managedBy: source }
  const teams = new Map(await stores.teams.names({ orgId }))
  const issuers = new Map(await stores.issuers.names({ orgId }))
  const accountNoun = nouns.serviceAccount((id) => teams.get(id) ?? id)
  const issuerName = (id: string) => issuers.get(id) ?? id
  const member = <T>({ members }: Wanted, name: string) => members[name] as T
  const removing =
    <T extends There['row']>(noun: Noun<T>) =>
    ({ id }: There, where: Where) =>
      remove(work, noun, where, id)

  const foundTeams = new Map<string, Team>()
  async function teamAt(path: string): Promise<Team> {
    const name = path.split('/')[1] ?? ''
    const team = foundTeams.get(name) ?? (await stores.teams.find({ orgId }, name))
    if (!team) throw new Error(`${path}: a plan has an object without its team`)
    foundTeams.set(name, team)
    return team
  }
  /** As the path of the admin API would have it. */
  const whereOf = async (path: string): Promise<Where> =>
    path.startsWith('teams/') && path.split('/').length > 2 ? { org, team: await teamAt(path) } : inOrg

  /** Asked when all accounts are what they will be. */
  const foundAccounts = new Map<string, ServiceAccount>()
  async function accountOf({ under = '' }: Wanted): Promise<ServiceAccount> {
    const known = foundAccounts.get(under)
    if (known) return known
    const team = under.startsWith('teams/') ? await teamAt(under) : undefined
    const found = await stores.serviceAccounts.find({ orgId, teamId: team?.id ?? null }, under.split('/').at(-1) ?? '')
    if (!found) throw new Error(`${under}: a plan has a policy without its account`)
    foundAccounts.set(under, found)
    return found
  }
  const defaultTeamOf = async (wanted: Wanted) => {
    const name = member<string | undefined>(wanted, 'default_team')
    return name === undefined ? undefined : await stores.teams.find({ orgId }, name)
  }

  const deeds: Record<Wanted['kind'], Deed> = {
    team: {
      async make({ name, members }) {
        const displayName = members.display_name as string | null
        const id = work.newId('team')
        teams.set(id, name)
        await create(work, nouns.team, inOrg, { id, name, orgId, displayName, ...managed })
      },
      change: ({ id, name }, { members }) =>
        update(work, nouns.team, { org, team: { id, name } }, id, () => ({
          displayName: members.display_name as string | null,
          ...managed,
        })),
      async remove(there) {
        await refuseTeamInUse(work, there.row as Team)
        await remove(work, nouns.team, { org, team: there }, there.id)
      },
    },
    project: {
      make: (wanted, where) =>
        createProject(work, projectNoun(where), where as InTeam, {
          name: wanted.name,
          visibility: member<Visibility>(wanted, 'visibility'),
          ...managed,
        }),
      change: ({ id }, wanted, where) =>
        changeProject(work, projectNoun(where), where as InTeam, id, {
          visibility: member<Visibility>(wanted, 'visibility'),
          ...managed,
        }),
      remove: ({ id }, where) => deleteProject(work, projectNoun(where), where as InTeam, id),
    },
    issuer: {
      async make(wanted) {
        const draft = { ...registrationOf(wanted), name: wanted.name, orgId, ...managed } as IssuerDraft
        const { row } = await registerIssuer(work, inOrg, draft, publicUrl, { judge, overrideReason: wanted.reason })
        issuers.set(row.id, row.name)
      },
      change: ({ id }, wanted) =>
        changeIssuer(work, inOrg, id, { ...registrationOf(wanted), ...managed } as Partial<Registration>, publicUrl, {
          judge,
          overrideReason: wanted.reason,
        }),
      remove: removing(nouns.issuer),
    },
    service_account: {
      make: async (wanted, where) =>
        createAccount(
          work,
          accountNoun,
          where as InOrg,
          { ...(wanted.members as NewAccount), name: wanted.name },
          { judge, keyless: true, defaultTeam: await defaultTeamOf(wanted), ...managed },
        ),
      async change({ id }, wanted, where) {
        const { access, token_ttl, dpop_bound_access_tokens, description, enabled } = wanted.members as NewAccount
        const team = await defaultTeamOf(wanted)
        const changes = {
          access,
          tokenTtl: token_ttl,
          dpopBound: dpop_bound_access_tokens,
          description: description ?? null,
          enabled: enabled ?? true,
          ...(team ? { defaultTeamId: team.id } : {}),
          ...managed,
        }
        await changeAccount(work, accountNoun, where, id, changes, { judge, overrideReason: wanted.reason })
      },
      remove: removing(accountNoun),
    },
    trust_policy: {
      make: async (wanted, where) => createPolicy(work, where, await accountOf(wanted), trustOf(wanted), judge, source),
      change: ({ row }, wanted, where) =>
        changePolicy(work, where, row as TrustPolicy, { ...trustOf(wanted), ...managed }, { issuerName, judge }),
      remove: removing(nouns.trustPolicy(issuerName)),
    },
    resource_server: {
      make: (wanted) =>
        createResourceServer(
          work,
          inOrg,
          { name: wanted.name, audience: member<string>(wanted, 'audience'), ...managed },
          publicUrl,
        ),
      change: ({ id }) => update<ResourceServer>(work, nouns.resourceServer, inOrg, id, () => managed),
      remove: removing(nouns.resourceServer),
    },
  }

  return async ({ change, wanted, there }: Step): Promise<void> => {
    const deed = deeds[change.kind]
    const where = await whereOf(change.path)
    if (change.action === 'create' && wanted) await deed.make(wanted, where)
    else if (change.action === 'update' && there && wanted) await deed.change(there, wanted, where)
    else if (change.action === 'delete' && there) await deed.remove(there, where)
  }
}

const projectNoun = ({ team }: Where): Noun<Project> => nouns.project(team?.name ?? '')

const trustOf = ({ name, members, reason }: Wanted): NewTrust & { name: string } => ({
  ...(members as unknown as NewTrust),
  name,
  ...(reason === undefined ? {} : { override_reason: reason }),
})

/** The wire's names to the row's. */
const registrationOf = ({ members }: Wanted) => ({
  issuer: members.issuer,
  audiences: members.audiences,
  jwksUri: members.jwks_uri,
  jwks: members.jwks,
  algorithms: members.algorithms,
  clockTolerance: members.clock_tolerance,
  maxTokenAge: members.max_token_age,
  singleUse: members.single_use,
  singleUseGrace: members.single_use_grace,
  boundLifetime: members.bound_lifetime,
  extraAudiences: members.extra_audiences,
  users: members.users,
  userClaim: members.user_claim,
  enabled: members.enabled,
  preset: members.preset,
})
