/**
 * Whom a token can stand for, and what they belong to: the nouns as they are kept.
 * Rules of this room: times are milliseconds since 1970, durations seconds, ids as in protocol/ids.ts. `version` counts
 * the changes of an object and is its ETag. Every object below an organization bears its `orgId`, and no query runs
 * without it.
 */
export type Kept = { id: string; name: string; version: number; createdAt: number; updatedAt: number }

/** `managedBy`: the file that the object is kept in; by hand it is changed only when that is forced. */
export type Managed = { managedBy: string | null }

export type Organization = Kept & { displayName: string | null }

export const orgRoles = ['admin', 'member', 'viewer'] as const
export type OrgRole = (typeof orgRoles)[number]
/** A person. `name` is the username; `email` is kept as given and compared in lower case. */
export type User = Kept & { orgId: string; email: string; role: OrgRole }

export type Team = Kept & Managed & { orgId: string; displayName: string | null }
export type TeamMember = {
  orgId: string
  teamId: string
  userId: string
  role: OrgRole
  createdAt: number
  updatedAt: number
}

export const visibilities = ['team', 'restricted', 'open', 'public'] as const
export type Visibility = (typeof visibilities)[number]
/**
 * `deletedAt` is set when all that is left is the name of a restricted one, which was deleted or renamed: it stays
 * restricted, with nobody in, until an admin of the team frees it.
 */
export type Project = Kept &
  Managed & { orgId: string; teamId: string; visibility: Visibility; deletedAt: number | null }

export const projectRoles = ['admin', 'editor', 'viewer'] as const
export type ProjectRole = (typeof projectRoles)[number]
export const principalTypes = ['user', 'service_account'] as const
export type PrincipalType = (typeof principalTypes)[number]
export type ProjectMember = {
  orgId: string
  projectId: string
  principalType: PrincipalType
  principalId: string
  role: ProjectRole
  createdAt: number
  updatedAt: number
}

export const accessLevels = ['read', 'write'] as const
export type AccessLevel = (typeof accessLevels)[number]
export const accountMethods = ['api_key', 'federated'] as const
export type AccountMethod = (typeof accountMethods)[number]

/** A non-human user. Team-scoped when `teamId` is set; else organization-scoped, with a default team. */
export type ServiceAccount = Kept &
  Managed & {
    orgId: string
    teamId: string | null
    defaultTeamId: string | null
    method: AccountMethod
    access: AccessLevel
    admin: boolean
    /** Seconds, 60 to 3600. */
    tokenTtl: number
    /** Its access tokens are bound to a key whose possession is proven (RFC 9449), and its API keys get tokens, nothing else. */
    dpopBound: boolean
    description: string | null
    enabled: boolean
    /** By a key of it, or by an exchange that was granted: the first use in the last hour of the clock that had one. */
    lastUsedAt: number | null
  }

export const keyOwners = ['user', 'service_account', 'resource_server'] as const
export type KeyOwner = (typeof keyOwners)[number]
/**
 * A long-lived secret, kept as a digest. Dead from `expiresAt` on; deleting is revoking. `replacedBy`: the key that it was
 * rotated to, which has its name. `letInBy`: of one that a terminal got by a login, the key that its person showed.
 */
export type ApiKey = Kept & {
  orgId: string
  ownerType: KeyOwner
  ownerId: string
  /** Hex SHA-256 of the whole secret. */
  digest: string
  /** First 8 and last 4 characters of the secret. */
  hint: string
  expiresAt: number | null
  lastUsedAt: number | null
  replacedBy: string | null
  letInBy: string | null
}

/** An API that accepts our tokens. */
export type ResourceServer = Kept & Managed & { orgId: string; audience: string }
