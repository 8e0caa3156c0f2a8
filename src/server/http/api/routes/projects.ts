import { setImmediate as soon } from 'node:timers/promises'
import { type Caller, may } from '../../../access/authority.ts'
import type { Project } from '../../../accounts/model.ts'
import type { ListAsk, Page } from '../../../accounts/store.ts'
import { etagOf } from '../../../admin/noun.ts'
import * as nouns from '../../../admin/nouns.ts'
import { changeProject, createProject, deleteProject, freeName, type InTeam } from '../../../admin/projects.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { askOf, crud, cursorOf } from '../crud.ts'
import { type Place, type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'
import { projectMemberRoutes } from './project-members.ts'

const path = '/orgs/{org}/teams/{team}/projects'
const one = `${path}/{project}`
const tag = 'Projects'
const mostLookedAt = 200

const inTeam = ({ org, team }: Place): InTeam => {
  if (!team) throw new Refusal('not_found')
  return { org, team }
}
const nounAt = (place: Place) => nouns.project(inTeam(place).team.name)
const projectAt = ({ project }: Place): Project => {
  if (!project) throw new Refusal('not_found')
  return project
}

export function projectRoutes(rooms: Rooms): Route[] {
  const { reading, perform } = rooms
  const { read, made } = crud<Project>(rooms, reading.projects, {
    tag,
    path,
    param: 'project',
    schema: schemas.project,
    rights: { read: 'projectMember', change: 'projectAdmin' },
    at: ({ project }) => project,
    under: (place) => ({ orgId: place.org.id, teamId: inTeam(place).team.id }),
    noun: async (place) => nounAt(place),
  })
  return [
    listRoute(rooms),
    route({
      method: 'post',
      path,
      tag,
      summary: 'Create',
      right: 'teamAdmin',
      body: schemas.newProject,
      answer: schemas.project,
      status: 201,
      async run({ body, place, context, repeat }) {
        const row = await perform(context, (work) => createProject(work, nounAt(place), inTeam(place), body), repeat)
        return made(place, row)
      },
    }),
    read,
    route({
      method: 'patch',
      path: one,
      tag,
      summary: 'Change visibility; counts from the next question on. The name is for an admin of the team to change',
      right: 'projectAdmin',
      body: schemas.projectPatch,
      query: schemas.forceQuery,
      answer: schemas.project,
      async run({ body, place, context, caller, ifMatch }) {
        const { id, name } = projectAt(place)
        const { org, team } = inTeam(place)
        // Names are the team's: a new one may be in use there already, by work that nobody made a project for.
        if ((body.name ?? name) !== name && !may(caller, 'teamAdmin', { orgId: org.id, teamId: team.id }))
          throw new Refusal('forbidden', { says: 'a project is renamed by an admin of its team' })
        const row = await perform(context, (work) =>
          changeProject(work, nounAt(place), inTeam(place), id, body, ifMatch),
        )
        return { body: nounAt(place).shown(row), etag: etagOf(row) }
      },
    }),
    route({
      method: 'delete',
      path: one,
      tag,
      summary: 'Delete; the name of a restricted one stays restricted until it is freed',
      right: 'teamAdmin',
      query: schemas.forceQuery,
      async run({ place, context, ifMatch }) {
        const { id } = projectAt(place)
        await perform(context, async (work) => {
          await deleteProject(work, nounAt(place), inTeam(place), id, ifMatch)
          return {}
        })
        return { status: 204 }
      },
    }),
    route({
      method: 'post',
      path: `${path}/{name}/free`,
      tag,
      summary: 'Free the kept name of a restricted project that was deleted or renamed',
      right: 'teamAdmin',
      body: schemas.empty,
      async run({ place, params, context, repeat }) {
        await perform(
          context,
          async (work) => {
            await freeName(work, inTeam(place), params.name ?? '')
            return {}
          },
          repeat,
        )
        return { status: 204 }
      },
    }),
    ...projectMemberRoutes(rooms, `${one}/members`),
  ]
}

/**
 * A restricted project is listed to its members and to admins alone. To others a page is filled from what they see, and
 * ends with it: neither its length nor its cursor tells what else there is.
 */
function listRoute({ reading }: Rooms): Route {
  const listed = async (where: Partial<Project>, ask: ListAsk<Project>, caller: Caller): Promise<Page<Project>> => {
    const items: Project[] = []
    for (let { after = '' } = ask; ; await soon()) {
      const page = await reading.projects.list(where, { ...ask, after, limit: mostLookedAt })
      const closed = page.items.filter(({ visibility }) => visibility === 'restricted').map(({ id }) => id)
      const own = 'id' in caller ? await reading.projectMembers.among(closed, caller.id) : new Set()
      items.push(...page.items.filter(({ id, visibility }) => visibility !== 'restricted' || own.has(id)))
      if (items.length > ask.limit) {
        const shown = items.slice(0, ask.limit)
        return { items: shown, nextCursor: shown.at(-1)?.id ?? null }
      }
      if (page.nextCursor === null) return { items, nextCursor: null }
      after = page.nextCursor
    }
  }
  return route({
    method: 'get',
    path,
    tag,
    summary: 'List; restricted ones to their members and to admins of the team alone. q looks for a part of the name',
    right: 'teamMember',
    query: schemas.projectQuery,
    answer: schemas.listOf(schemas.project),
    async run({ place, query, caller }) {
      const { org, team } = inTeam(place)
      const administers = may(caller, 'teamAdmin', { orgId: org.id, teamId: team.id })
      if (query.deleted && !administers) throw new Refusal('forbidden')
      const where = { orgId: org.id, teamId: team.id, ...(query.deleted ? {} : { deletedAt: null }) }
      const ask = askOf(query)
      const page = administers ? await reading.projects.list(where, ask) : await listed(where, ask, caller)
      // Names that were kept, without what still is: here a page may be shorter than its limit.
      const shown = page.items.filter(({ deletedAt }) => !query.deleted || deletedAt !== null)
      return { body: { items: shown.map(nounAt(place).shown), next_cursor: cursorOf(page.nextCursor) } }
    },
  })
}
