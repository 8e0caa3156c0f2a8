import type { Project, ProjectMember } from '../../../accounts/model.ts'
import { memberTag } from '../../../admin/noun.ts'
import { type Principal, setProjectMember, unsetProjectMember } from '../../../admin/projects.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { afterOf, cursorOf, whereOf } from '../crud.ts'
import { type Place, type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

const tag = 'Project members'

/** Users and service accounts; what their roles give is told in access/evaluate.ts. */
export function projectMemberRoutes({ reading, perform }: Rooms, path: string): Route[] {
  const one = `${path}/{member}`
  const named = async ({ principalType, principalId }: ProjectMember): Promise<Principal | undefined> => {
    if (principalType === 'user') {
      const row = await reading.users.find({}, principalId)
      return row && { type: principalType, row }
    }
    const row = await reading.serviceAccounts.find({}, principalId)
    return row && { type: principalType, row }
  }
  return [
    route({
      method: 'get',
      path,
      tag,
      summary: 'List',
      right: 'projectMember',
      query: schemas.listQuery,
      answer: schemas.listOf(schemas.projectMember),
      async run({ place, query }) {
        const ask = { limit: query.limit, ...afterOf(query.cursor) }
        const page = await reading.projectMembers.list(projectOf(place).id, ask)
        const items = await Promise.all(page.items.map(async (member) => shown(member, await named(member))))
        return { body: { items, next_cursor: cursorOf(page.nextCursor) } }
      },
    }),
    route({
      method: 'get',
      path: one,
      tag,
      summary: 'Read',
      right: 'projectMember',
      answer: schemas.projectMember,
      async run({ place }) {
        const principal = principalOf(place)
        const member = await reading.projectMembers.find(projectOf(place).id, principal.row.id)
        if (!member) throw new Refusal('not_found')
        return { body: shown(member, principal), etag: memberTag(member.principalId, member) }
      },
    }),
    route({
      method: 'put',
      path: one,
      tag,
      summary: 'Add a user, or a service account by its id, or change its role',
      right: 'projectAdmin',
      body: schemas.projectMemberRole,
      answer: schemas.projectMember,
      async run({ place, body, context, ifMatch }) {
        const principal = principalOf(place)
        const member = await perform(context, (work) =>
          setProjectMember(work, whereOf(place), projectOf(place), principal, body.role, ifMatch),
        )
        return { body: shown(member, principal), etag: memberTag(member.principalId, member) }
      },
    }),
    route({
      method: 'delete',
      path: one,
      tag,
      summary: 'Remove from the project',
      right: 'projectAdmin',
      async run({ place, context, ifMatch }) {
        await perform(context, async (work) => {
          await unsetProjectMember(work, whereOf(place), projectOf(place), principalOf(place), ifMatch)
          return {}
        })
        return { status: 204 }
      },
    }),
  ]
}

function shown({ principalType, principalId, role, createdAt, updatedAt }: ProjectMember, principal?: Principal) {
  return {
    id: principalId,
    name: principal?.row.name ?? principalId,
    principal: {
      type: principalType,
      id: principalId,
      name: principal?.row.name ?? principalId,
      ...(principal?.type === 'user' ? { email: principal.row.email } : {}),
    },
    role,
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
  }
}

function projectOf({ project }: Place): Project {
  if (!project) throw new Refusal('not_found')
  return project
}

function principalOf({ member }: Place): Principal {
  if (!member) throw new Refusal('not_found')
  return member
}
