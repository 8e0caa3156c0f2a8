/**
 * Projects and their members.
 * Rule: deleting never opens. A project that does not exist is judged as one of its team, so the name of a restricted
 * project that is deleted, or called otherwise, is kept, and nobody is in, until an admin of the team frees it.
 */
import type {
  Organization,
  PrincipalType,
  Project,
  ProjectMember,
  ProjectRole,
  ServiceAccount,
  Team,
  User,
  Visibility,
} from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import { create, type IfMatch, memberTag, type Noun, refuseUnmatched, remove, update } from './noun.ts'
import type { Where, Work } from './perform.ts'

/** Where projects are: in a team. */
export type InTeam = { org: Pick<Organization, 'id' | 'name'>; team: Pick<Team, 'id' | 'name'> }
type Shape = Noun<Project>
type Changes = { name?: string | undefined; visibility?: Visibility | undefined; managedBy?: string }

export async function createProject(
  work: Work,
  shape: Shape,
  where: InTeam,
  { name, visibility, managedBy = null }: { name: string; visibility: Visibility; managedBy?: string | null },
): Promise<Project> {
  await takeName(work, where, name, visibility)
  const { org, team } = where
  return create(work, shape, where, {
    id: work.newId('proj'),
    name,
    orgId: org.id,
    teamId: team.id,
    visibility,
    deletedAt: null,
    managedBy,
  })
}

export async function changeProject(
  work: Work,
  shape: Shape,
  where: InTeam,
  id: string,
  changes: Changes,
  ifMatch?: IfMatch,
): Promise<Project> {
  const before = await work.stores.projects.find({ deletedAt: null }, id)
  if (!before) throw new Refusal('not_found')
  const { name = before.name, visibility = before.visibility, managedBy = before.managedBy } = changes
  // Its members would come along to where nobody is in.
  if (name !== before.name && (await keptNamed(work, where, name))) throw nameKept(name)
  const after = await update(work, shape, where, id, () => ({ name, visibility, managedBy }), ifMatch)
  if (name !== before.name) await keepName(work, before)
  return after
}

export async function deleteProject(
  work: Work,
  shape: Shape,
  where: InTeam,
  id: string,
  ifMatch?: IfMatch,
): Promise<void> {
  const before = await work.stores.projects.find({ deletedAt: null }, id)
  if (!before) throw new Refusal('not_found')
  await remove(work, shape, where, id, ifMatch)
  await keepName(work, before)
}

/** From then on the name is that of a project that does not exist. Throws Refusal('not_found') for a name not kept. */
export async function freeName(work: Work, where: InTeam, name: string): Promise<void> {
  const kept = await keptNamed(work, where, name)
  if (!kept) throw new Refusal('not_found')
  await work.stores.projects.remove(kept.id)
  await work.record('project.free', where, { type: 'project', id: kept.id, name: kept.name })
  work.changed(where.org.id)
}

/** One that is made restricted may have a kept name: nobody is in, as before. */
async function takeName(work: Work, where: InTeam, name: string, visibility: Visibility): Promise<void> {
  const kept = await keptNamed(work, where, name)
  if (!kept) return
  if (visibility !== 'restricted') throw nameKept(name)
  await work.stores.projects.remove(kept.id)
}

const nameKept = (name: string) =>
  new Refusal('name_taken', {
    says: `a restricted project was called ${name}: its name stays restricted until an admin of the team frees it (POST …/projects/${name}/free)`,
  })

async function keptNamed({ stores }: Work, { org, team }: InTeam, name: string): Promise<Project | undefined> {
  const named = await stores.projects.first({ orgId: org.id, teamId: team.id, name })
  return named && named.deletedAt !== null ? named : undefined
}

async function keepName(work: Work, { name, orgId, teamId, visibility }: Project): Promise<void> {
  if (visibility !== 'restricted') return
  const at = { createdAt: work.now, updatedAt: work.now, deletedAt: work.now }
  const row = { id: work.newId('proj'), name, version: 1, orgId, teamId, visibility, managedBy: null, ...at }
  await work.stores.projects.insert(row)
}

/** A user, or a service account, that a path names. */
export type Principal = { type: 'user'; row: User } | { type: 'service_account'; row: ServiceAccount }

/** Gives a role in the project. Throws Refusal('account_of_another_team'). */
export async function setProjectMember(
  work: Work,
  where: Where,
  project: Project,
  principal: Principal,
  role: ProjectRole,
  ifMatch?: IfMatch,
): Promise<ProjectMember> {
  const { type, row } = principal
  // As it is now: it may have become restricted since the path was read.
  const now = await work.stores.projects.find({ deletedAt: null }, project.id)
  if (!now) throw new Refusal('not_found')
  if (now.visibility === 'restricted' && principal.type === 'service_account' && isForeign(principal.row, now))
    throw new Refusal('account_of_another_team')
  const before = await work.stores.projectMembers.find(project.id, row.id)
  refuseUnmatched(ifMatch, before && memberTag(row.id, before))
  const member = {
    orgId: project.orgId,
    projectId: project.id,
    principalType: type,
    principalId: row.id,
    role,
    createdAt: before?.createdAt ?? work.now,
    updatedAt: work.now,
  }
  await work.stores.projectMembers.save(member)
  await work.record('project_member.set', where, targetOf(type, row), {
    project: project.name,
    before: before ? { role: before.role } : {},
    after: { role },
  })
  work.changed(project.orgId)
  return member
}

/** Throws Refusal('not_found') when it is no member. */
export async function unsetProjectMember(
  work: Work,
  where: Where,
  project: Project,
  { type, row }: Principal,
  ifMatch?: IfMatch,
): Promise<void> {
  const before = await work.stores.projectMembers.find(project.id, row.id)
  if (!before) throw new Refusal('not_found')
  refuseUnmatched(ifMatch, memberTag(row.id, before))
  await work.stores.projectMembers.remove(project.id, row.id)
  await work.record('project_member.delete', where, targetOf(type, row), { project: project.name, role: before.role })
  work.changed(project.orgId)
}

const isForeign = ({ teamId }: ServiceAccount, project: Project) => teamId !== null && teamId !== project.teamId
const targetOf = (type: PrincipalType, { id, name }: { id: string; name: string }) => ({ type, id, name })
