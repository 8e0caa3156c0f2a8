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

export const organizations = noun<Organization>('organizations', { ...kept, displayName: 'plain' })

export const users = noun<User>('users', { ...ownedKept, email: 'plain', role: 'plain' }, ({ email }) => ({
  email_lower: email.toLowerCase(),
}))

export const teams = noun<Team>('teams', { ...ownedKept, displayName: 'plain' })

export const teamMembers = noun<TeamMember>('team_members', {
  orgId: 'plain',
  teamId: 'plain',
  userId: 'plain',
  role: 'plain',
  createdAt: 'plain',
  updatedAt: 'plain',
})

export const projects = noun<Project>('projects', {
  ...ownedKept,
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
  ...ownedKept,
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
    ...ownedKept,
    teamId: 'plain',
    defaultTeamId: 'plain',
    method: 'plain',
    access: 'plain',
    admin: 'boolean',
    tokenTtl: 'plain',
    dpopBound: 'boolean',
    description: 'plain',
    enabled: 'boolean',
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
  },
  ({ ownerType, ownerId }) => ({ [`${ownerType}_id`]: ownerId }),
)

export const policies = noun<TrustPolicy>('trust_policies', {
  ...ownedKept,
  accountId: 'plain',
  issuerId: 'plain',
  subject: 'plain',
  match: 'plain',
})

export const resourceServers = noun<ResourceServer>('resource_servers', { ...ownedKept, audience: 'plain' })
