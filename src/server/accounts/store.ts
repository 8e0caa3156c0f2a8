/**
 * Where the nouns live. Implemented in storage/; handed out by its `reading` (outside any transaction) and by
 * `transaction` (all or nothing, durable when it returns).
 */
import type {
  ApiKey,
  Kept,
  OrgRole,
  Project,
  ProjectMember,
  ProjectRole,
  ResourceServer,
  ServiceAccount,
  TeamMember,
  User,
} from './model.ts'

export type Page<T> = { items: T[]; nextCursor: string | null }
/** `after` is the id that the page before ended with. */
export type PageAsk = { limit: number; after?: string }
/**
 * What a list may be narrowed by, though no index leads there: others have their turn while it is looked for.
 * `part`: of the name, or of what else the noun is looked for by, in whatever case. `narrow`: members that must be equal
 * too. `filled`: one that must not be null.
 */
export type ListAsk<T> = PageAsk & { part?: string; narrow?: Partial<T>; filled?: keyof T & string }

/**
 * Objects of one noun. `where` binds a query to its organization (and parent): every member must be equal; a value
 * of null means the column is empty.
 */
export interface Collection<T extends Kept> {
  /** The object with that id, or (when the text is no id) that name. Undefined when there is none under `where`. */
  find(where: Partial<T>, nameOrId: string): Promise<T | undefined>
  /** The first object that fits, by id. */
  first(where: Partial<T>): Promise<T | undefined>
  /** Objects that fit, by id. */
  list(where: Partial<T>, ask: ListAsk<T>): Promise<Page<T>>
  count(where: Partial<T>): Promise<number>
  /** The name of every object that fits, by id; `ids`: of those alone. */
  names(where: Partial<T>, ids?: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Throws Refusal('name_taken') or Refusal('audience_taken') when a unique name or pair is taken. */
  insert(row: T): Promise<void>
  /** Writes the changed members, bumps `version` and `updatedAt`; returns what is kept then. Refuses like insert. */
  update(row: T, changes: Partial<T>, now: number): Promise<T>
  remove(id: string): Promise<void>
}

export interface Members {
  find(teamId: string, userId: string): Promise<TeamMember | undefined>
  /** `after` is a user id. */
  list(teamId: string, ask: PageAsk): Promise<Page<TeamMember>>
  ofUser(userId: string): Promise<TeamMember[]>
  save(member: TeamMember): Promise<void>
  remove(teamId: string, userId: string): Promise<void>
}

export interface ProjectMembers {
  find(projectId: string, principalId: string): Promise<ProjectMember | undefined>
  /** `after` is the id of a principal. */
  list(projectId: string, ask: PageAsk): Promise<Page<ProjectMember>>
  /** Of those projects, the ids of those that the user or service account is a member of. */
  among(projectIds: readonly string[], principalId: string): Promise<ReadonlySet<string>>
  save(member: ProjectMember): Promise<void>
  remove(projectId: string, principalId: string): Promise<void>
}

/** A place for work: a team of the organization, and its project of that name, when there is one. */
export type NamedProject = {
  team: { id: string; name: string }
  project?: Pick<Project, 'id' | 'visibility' | 'deletedAt'>
}

/** What the bearer of a key stands for, in one look-up. `org` and `team` are names. */
export type KeyHolder = {
  key: ApiKey
  org: string
  user?: User
  account?: ServiceAccount & { team: string }
  resourceServer?: ResourceServer
}

/** `active`: those that are not dead. `nextExpiry`: ms, of those. */
export type KeysInShort = { active: number; nextExpiry: number | null; neverExpire: number }

export type TeamRole = { teamId: string; role: OrgRole }

/** Questions that the hot path asks; each is one statement, and cacheable under the organization's tag. */
export interface Lookups {
  keyHolder(digest: string): Promise<KeyHolder | undefined>
  /** A service account with its organization's and team's names (parent team, else default team). */
  account(id: string): Promise<{ account: ServiceAccount; org: string; team: string } | undefined>
  user(id: string): Promise<{ user: User; org: string } | undefined>
  /** Users of the organization with this username or e-mail address (without regard to case), at most two. */
  usersNamed(orgId: string, name: string): Promise<User[]>
  resourceServers(orgId: string, audience: string): Promise<ResourceServer | undefined>
  /** By the team's name. Undefined when the organization has no such team. */
  projectNamed(orgId: string, team: string, name: string): Promise<NamedProject | undefined>
  /** By the team's id. */
  projectOfTeam(orgId: string, teamId: string, name: string): Promise<NamedProject | undefined>
  /** The explicit role of a user or service account in a project; undefined when it is no member. */
  projectRole(orgId: string, projectId: string, principalId: string): Promise<ProjectRole | undefined>
  /** The teams of a user, each with the role there. */
  teamRoles(orgId: string, userId: string): Promise<readonly TeamRole[]>
  /** Remembers when the key was used last; no change of the object, so that its version stays. */
  touchKey(id: string, now: number): Promise<void>
}

/** Of many accounts at once. */
export interface AccountActivity {
  /** Remembers when they were used last; not of those of which it is known already that they were used in that hour. */
  touchAccounts(ids: readonly string[], now: number): Promise<void>
  /** Those of the organization that are there. */
  accounts(orgId: string, ids: readonly string[]): Promise<ServiceAccount[]>
  /** Every key of these accounts or users, by owner and id. */
  keysHeldBy(orgId: string, ownerIds: readonly string[]): Promise<ApiKey[]>
  /** What there is to say of the keys of each of these accounts that has some; `now`: ms. */
  keysOfAccounts(ids: readonly string[], now: number): Promise<ReadonlyMap<string, KeysInShort>>
}
