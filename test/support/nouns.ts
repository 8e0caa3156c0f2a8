/** Objects as they are kept, each complete, for tests that need some. */
import { randomBytes } from 'node:crypto'
import { type IdPrefix, type NewId, ulid } from '../../src/protocol/ids.ts'
import type {
  ApiKey,
  Organization,
  Project,
  ProjectMember,
  ResourceServer,
  ServiceAccount,
  Team,
  User,
} from '../../src/server/accounts/model.ts'
import type { Session } from '../../src/server/admin/session.ts'
import type { PendingLogin } from '../../src/server/admin/store.ts'
import type { Deed } from '../../src/server/audit/event.ts'
import type { Registration } from '../../src/server/issuers/model.ts'
import type { TrustPolicy } from '../../src/server/trust/policy.ts'

/** Tuesday noon. */
export const noon = Date.UTC(2026, 10, 24, 12)

let made = 0
/** Ids in the order in which they were made. */
export const newId: NewId = (prefix) => `${prefix}_${ulid(noon + made++, randomBytes(10))}`

const kept = (prefix: IdPrefix, name: string) => ({
  id: newId(prefix),
  name,
  version: 1,
  createdAt: noon,
  updatedAt: noon,
})

export const organization = (name = 'acme'): Organization => ({ ...kept('org', name), displayName: null })

export const userOf = (orgId: string, name = 'alice', more: Partial<User> = {}): User => ({
  ...kept('user', name),
  orgId,
  email: `${name}@Acme.example`,
  role: 'member',
  ...more,
})

export const teamOf = (orgId: string, name = 'ml'): Team => ({
  ...kept('team', name),
  orgId,
  displayName: 'Machine learning',
  managedBy: null,
})

export const accountOf = (team: Team, name = 'trainer', more: Partial<ServiceAccount> = {}): ServiceAccount => ({
  ...kept('sa', name),
  orgId: team.orgId,
  teamId: team.id,
  defaultTeamId: null,
  method: 'federated',
  access: 'write',
  admin: false,
  tokenTtl: 900,
  dpopBound: false,
  description: null,
  enabled: true,
  lastUsedAt: null,
  managedBy: null,
  ...more,
})

export const projectOf = (team: Team, name = 'vision', more: Partial<Project> = {}): Project => ({
  ...kept('proj', name),
  orgId: team.orgId,
  teamId: team.id,
  visibility: 'restricted',
  deletedAt: null,
  managedBy: null,
  ...more,
})

export const projectMemberOf = (
  { id, orgId }: Project,
  principalId: string,
  role: ProjectMember['role'] = 'editor',
): ProjectMember => ({
  orgId,
  projectId: id,
  principalType: principalId.startsWith('sa_') ? 'service_account' : 'user',
  principalId,
  role,
  createdAt: noon,
  updatedAt: noon,
})

export const issuerOf = (orgId: string, name = 'github', more: Partial<Registration> = {}): Registration => ({
  ...kept('iss', name),
  orgId,
  issuer: 'https://token.example',
  audiences: ['acme', 'https://sts.example/orgs/acme'],
  jwksUri: null,
  jwks: null,
  algorithms: ['ES256', 'RS256'],
  clockTolerance: 60,
  maxTokenAge: 86_400,
  singleUse: true,
  singleUseGrace: 0,
  boundLifetime: false,
  extraAudiences: false,
  users: false,
  userClaim: 'sub',
  enabled: true,
  preset: null,
  managedBy: null,
  ...more,
})

export const policyOf = (
  account: ServiceAccount,
  issuerId: string,
  subject = 'repo:acme/app',
  more: Partial<TrustPolicy> = {},
): TrustPolicy => ({
  ...kept('tp', 'main'),
  orgId: account.orgId,
  accountId: account.id,
  issuerId,
  subject,
  match: 'exact',
  conditions: [],
  cel: null,
  state: 'live',
  managedBy: null,
  ...more,
})

export const keyOf = (orgId: string, ownerType: ApiKey['ownerType'], ownerId: string, digest: string): ApiKey => ({
  ...kept('key', `key-${digest}`.slice(0, 64)),
  orgId,
  ownerType,
  ownerId,
  digest,
  hint: 'csk_abcd…wxyz',
  expiresAt: null,
  lastUsedAt: null,
  replacedBy: null,
  letInBy: null,
})

export const resourceServerOf = (orgId: string, name = 'tracker'): ResourceServer => ({
  ...kept('rs', name),
  orgId,
  audience: `https://${name}.example`,
  managedBy: null,
})

export const deedOf = (more: Partial<Deed> = {}): Deed => ({
  at: noon,
  type: 'token.exchange',
  result: 'granted',
  request_id: newId('req'),
  orgId: 'org_acme',
  org: 'acme',
  actor: { type: 'workload', name: 'repo:acme/app' },
  client: { ip: '203.0.113.7', user_agent: 'curl/8' },
  detail: { issuer: 'https://token.example', scope: 'projects:read' },
  ...more,
})

/** A terminal that waits since noon, for ten minutes. */
export const loginOf = (more: Partial<PendingLogin> = {}): PendingLogin => ({
  deviceDigest: 'device',
  userDigest: 'user',
  clientName: 'ada@laptop',
  clientIp: '203.0.113.7',
  clientNet: '203.0.113.7',
  clientAgent: 'countersign-cli/1',
  startedAt: noon,
  expiresAt: noon + 600_000,
  keyLife: 3_600,
  interval: 5,
  polledAt: null,
  decision: 'pending',
  decidedAt: null,
  decidedIp: null,
  decidedAgent: null,
  orgId: null,
  userId: null,
  keyId: null,
  ...more,
})

/** Of a person who signed in at noon by a key, for twelve hours. */
export const sessionOf = (more: Partial<Session> = {}): Session => ({
  id: 'ses_1',
  digest: 'digest',
  signedInBy: 'api_key',
  principalId: 'user_1',
  orgId: 'org_1',
  keyId: 'key_1',
  proof: 'a digest',
  email: null,
  idToken: null,
  createdAt: noon,
  lastSeenAt: noon,
  expiresAt: noon + 43_200_000,
  clientIp: '203.0.113.7',
  clientAgent: 'a browser',
  ...more,
})
