/** How each noun is shown, and what ends with it. Times are RFC 3339, names are names. */
import type { Json, JsonObject } from '../../protocol/json.ts'
import type {
  ApiKey,
  Kept,
  Managed,
  Organization,
  Project,
  ResourceServer,
  ServiceAccount,
  Team,
  User,
} from '../accounts/model.ts'
import type { Registration } from '../issuers/model.ts'
import type { TrustPolicy } from '../trust/policy.ts'
import type { Noun } from './noun.ts'

const iso = (ms: number) => new Date(ms).toISOString()
const isoOrNull = (ms: number | null) => (ms === null ? null : iso(ms))
const kept = ({ id, name }: Kept) => ({ id, name })
/** Where it is kept, when that is a file. */
const managed = ({ managedBy }: Managed) => ({ managed_by: managedBy })
const times = ({ createdAt, updatedAt }: Kept) => ({ created_at: iso(createdAt), updated_at: iso(updatedAt) })

export const organization: Noun<Organization> = {
  type: 'organization',
  collection: 'organizations',
  shown: (row) => ({ ...kept(row), display_name: row.displayName, ...times(row) }),
}

export const user: Noun<User> = {
  type: 'user',
  collection: 'users',
  shown: (row) => ({ ...kept(row), username: row.name, email: row.email, role: row.role, ...times(row) }),
  ends: (row, after) => (after === undefined || (row.role !== 'viewer' && after.role === 'viewer') ? [row.id] : []),
}

export const team: Noun<Team> = {
  type: 'team',
  collection: 'teams',
  shown: (row) => ({ ...kept(row), display_name: row.displayName, ...managed(row), ...times(row) }),
  ends: (row, after) => (after === undefined ? [row.id] : []),
}

/** `team` is the name of the one it is in. A row of which only the name is left says since when. */
export const project = (team: string): Noun<Project> => ({
  type: 'project',
  collection: 'projects',
  shown: (row) => ({
    ...kept(row),
    team,
    visibility: row.visibility,
    ...(row.deletedAt === null ? {} : { deleted_at: iso(row.deletedAt) }),
    ...managed(row),
    ...times(row),
  }),
})

export const issuer: Noun<Registration> = {
  type: 'issuer',
  collection: 'issuers',
  shown: (row) => ({
    ...kept(row),
    issuer: row.issuer,
    audiences: row.audiences,
    jwks_uri: row.jwksUri,
    jwks: row.jwks as Json,
    algorithms: row.algorithms,
    clock_tolerance: row.clockTolerance,
    max_token_age: row.maxTokenAge,
    single_use: row.singleUse,
    single_use_grace: row.singleUseGrace,
    bound_lifetime: row.boundLifetime,
    extra_audiences: row.extraAudiences,
    users: row.users,
    user_claim: row.userClaim,
    enabled: row.enabled,
    preset: row.preset,
    ...managed(row),
    ...times(row),
  }),
  ends: (row, after) => (after === undefined || !after.enabled || after.issuer !== row.issuer ? [row.id] : []),
}

/** `team` and `default_team` are names, which the row does not hold. */
export function serviceAccount(teamName: (id: string) => string): Noun<ServiceAccount> {
  return {
    type: 'service_account',
    collection: 'serviceAccounts',
    shown: (row) => ({
      ...kept(row),
      scope: row.teamId === null ? 'organization' : 'team',
      team: row.teamId === null ? null : teamName(row.teamId),
      default_team: row.defaultTeamId === null ? null : teamName(row.defaultTeamId),
      method: row.method,
      access: row.access,
      admin: row.admin,
      token_ttl: row.tokenTtl,
      dpop_bound_access_tokens: row.dpopBound,
      description: row.description,
      enabled: row.enabled,
      ...managed(row),
      ...times(row),
    }),
    ends: (row, after) => (after === undefined || !after.enabled ? [row.id] : []),
  }
}

export const apiKey: Noun<ApiKey> = {
  type: 'api_key',
  collection: 'keys',
  shown: (row) => ({
    ...kept(row),
    owner: { type: row.ownerType, id: row.ownerId },
    hint: row.hint,
    expires_at: isoOrNull(row.expiresAt),
    last_used_at: isoOrNull(row.lastUsedAt),
    replaced_by: row.replacedBy,
    ...times(row),
  }),
  ends: (row, after) => (after === undefined ? [row.id] : []),
}

const whomOf = ({ issuerId, subject, match, conditions, cel, state }: TrustPolicy) =>
  JSON.stringify([issuerId, subject, match, conditions, cel, state])

/** `issuer` is the registration's name, which the row does not hold. */
export function trustPolicy(issuerName: (id: string) => string): Noun<TrustPolicy> {
  return {
    type: 'trust_policy',
    collection: 'policies',
    shown: (row): JsonObject => ({
      ...kept(row),
      service_account: row.accountId,
      issuer: issuerName(row.issuerId),
      issuer_id: row.issuerId,
      subject: row.subject,
      match: row.match,
      conditions: row.conditions as Json,
      cel: row.cel,
      state: row.state,
      ...managed(row),
      ...times(row),
    }),
    // Whom it trusted may be somebody whom it does not trust any more.
    ends: (row, after) => (after === undefined || whomOf(row) !== whomOf(after) ? [row.id] : []),
  }
}

export const resourceServer: Noun<ResourceServer> = {
  type: 'resource_server',
  collection: 'resourceServers',
  shown: (row) => ({ ...kept(row), audience: row.audience, ...managed(row), ...times(row) }),
  ends: (row, after) => (after === undefined ? [row.id] : []),
}
