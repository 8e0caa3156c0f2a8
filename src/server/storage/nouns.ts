/** Every noun: its table, its members, and the columns that follow from them. */
import type {
  ApiKey,
  Kept,
  Organization,
  Project,
  ProjectMember,
  ResourceServer,
  ServiceAccount,
  Team,
  TeamMember,
  User,
} from '../accounts/model.ts'
import type { Registration } from '../issuers/model.ts'
import type { TrustPolicy } from '../trust/policy.ts'
import { noun } from './noun.ts'

const kept = {
  id: 'plain',
  name: 'plain',
  version: 'plain',
  createdAt: 'plain',
  updatedAt: 'plain',
} as const satisfies Record<keyof Kept, 'plain'>
const ownedKept = { ...kept, orgId: 'plain' } as const
/** What may be kept in a file. */
const managedKept = { ...ownedKept, managedBy: 'plain' } as const

export const organizations = noun<Organization>('organizations', { ...kept, displayName: 'plain' })

export const users = noun<User>(
  'users',
  { ...ownedKept, email: 'plain', role: 'plain' },
  ({ email }) => ({ email_lower: email.toLowerCase() }),
  ['name', 'email_lower'],
)

export const teams = noun<Team>('teams', { ...managedKept, displayName: 'plain' })

export const teamMembers = noun<TeamMember>('team_members', {
  orgId: 'plain',
  teamId: 'plain',
  userId: 'plain',
  role: 'plain',
  createdAt: 'plain',
  updatedAt: 'plain',
})

export const projects = noun<Project>('projects', {
  ...managedKept,
  teamId: 'plain',
  visibility: 'plain',
  deletedAt: 'plain',
})

export const projectMembers = noun<ProjectMember>(
  'project_members',
  {
    orgId: 'plain',
    projectId: 'plain',
    principalType: 'plain',
    principalId: 'plain',
    role: 'plain',
    createdAt: 'plain',
    updatedAt: 'plain',
  },
  ({ principalType, principalId }) => ({ [`${principalType}_id`]: principalId }),
)

export const issuers = noun<Registration>('issuers', {
  ...managedKept,
  issuer: 'plain',
  audiences: 'json',
  jwksUri: 'plain',
  jwks: 'json',
  algorithms: 'json',
  clockTolerance: 'plain',
  maxTokenAge: 'plain',
  singleUse: 'boolean',
  singleUseGrace: 'plain',
  boundLifetime: 'boolean',
  extraAudiences: 'boolean',
  users: 'boolean',
  userClaim: 'plain',
  enabled: 'boolean',
  preset: 'plain',
})

/** An account's parent is its team; without one, the organization. */
export const serviceAccounts = noun<ServiceAccount>(
  'service_accounts',
  {
    ...managedKept,
    teamId: 'plain',
    defaultTeamId: 'plain',
    method: 'plain',
    access: 'plain',
    admin: 'boolean',
    tokenTtl: 'plain',
    dpopBound: 'boolean',
    description: 'plain',
    enabled: 'boolean',
    lastUsedAt: 'plain',
  },
  ({ teamId, orgId }) => ({ parent_id: teamId ?? orgId }),
)

export const keys = noun<ApiKey>(
  'api_keys',
  {
    ...ownedKept,
    ownerType: 'plain',
    ownerId: 'plain',
    digest: 'plain',
    hint: 'plain',
    expiresAt: 'plain',
    lastUsedAt: 'plain',
    replacedBy: 'plain',
    letInBy: 'plain',
  },
  ({ ownerType, ownerId }) => ({ [`${ownerType}_id`]: ownerId }),
)

const writtenPolicies = noun<TrustPolicy>(
  'trust_policies',
  {
    ...managedKept,
    accountId: 'plain',
    issuerId: 'plain',
    subject: 'plain',
    match: 'plain',
    conditions: 'json',
    cel: 'plain',
    state: 'plain',
  },
  (policy) => ({ match: keptMatch(policy) }),
)

/**
 * A replica of the version before knows neither conditions nor drafts, and grants what it finds as `exact`: what asks for
 * more is kept under another word.
 */
const keptMatch = ({ match, conditions, cel, state }: TrustPolicy) =>
  match === 'exact' && (conditions.length > 0 || cel !== null || state !== 'live') ? 'exact_if' : match

export const policies: typeof writtenPolicies = {
  ...writtenPolicies,
  object(row, prefix) {
    const policy = writtenPolicies.object(row, prefix)
    return (policy.match as string) === 'exact_if' ? { ...policy, match: 'exact' } : policy
  },
}

export const resourceServers = noun<ResourceServer>('resource_servers', { ...managedKept, audience: 'plain' })
