import type { Team, TeamMember, User } from '../../../accounts/model.ts'
import { setMember, unsetMember } from '../../../admin/members.ts'
import { create, memberTag } from '../../../admin/noun.ts'
import * as nouns from '../../../admin/nouns.ts'
import { refuseRestricted, refuseTeamInUse } from '../../../admin/teams.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { afterOf, crud, cursorOf, given, whereOf } from '../crud.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

const path = '/orgs/{org}/teams'

export function teamRoutes(rooms: Rooms): Route[] {
  const { reading, perform } = rooms
  const tag = 'Teams'
  const { list, read, erase, change, made } = crud<Team>(rooms, reading.teams, {
    tag,
    path,
    param: 'team',
    searched: true,
    schema: schemas.team,
    rights: { list: 'orgMember', read: 'orgMember', change: 'orgAdmin' },
    managed: true,
    at: ({ team }) => team,
    under: ({ org }) => ({ orgId: org.id }),
    noun: async () => nouns.team,
    removing: refuseTeamInUse,
  })
  return [
    list,
    route({
      method: 'post',
      path,
      tag,
      summary: 'Create',
      right: 'orgAdmin',
      body: schemas.newTeam,
      answer: schemas.team,
      status: 201,
      async run({ body, place, context, repeat }) {
        const row = await perform(
          context,
          (work) =>
            create(work, nouns.team, whereOf(place), {
              id: work.newId('team'),
              name: body.name,
              orgId: place.org.id,
              displayName: body.display_name ?? null,
              managedBy: null,
            }),
          repeat,
        )
        return made(place, row)
      },
    }),
    read,
    route({
      method: 'patch',
      path: `${path}/{team}`,
      tag,
      summary: 'Change name or display name',
      right: 'orgAdmin',
      body: schemas.teamPatch,
      query: schemas.forceQuery,
      answer: schemas.team,
      run: (request) => {
        const { name, display_name } = request.body
        return change(request, async (row, { stores }) => {
          if (name !== undefined && name !== row.name) await refuseRestricted(stores, row)
          return given<Team>({ name, displayName: display_name })
        })
      },
    }),
    erase,
    ...memberRoutes(rooms),
  ]
}

function memberRoutes({ reading, perform }: Rooms): Route[] {
  const tag = 'Team members'
  const members = `${path}/{team}/members`
  const shown = async ({ userId, role, createdAt, updatedAt }: TeamMember, known?: User) => {
    const user = known ?? (await reading.users.find({}, userId))
    return {
      id: userId,
      name: user?.name ?? userId,
      user: { id: userId, username: user?.name, email: user?.email },
      role,
      created_at: new Date(createdAt).toISOString(),
      updated_at: new Date(updatedAt).toISOString(),
    }
  }
  return [
    route({
      method: 'get',
      path: members,
      tag,
      summary: 'List',
      right: 'teamMember',
      query: schemas.listQuery,
      answer: schemas.listOf(schemas.member),
      async run({ place, query }) {
        const page = await reading.members.list(place.team?.id ?? '', { limit: query.limit, ...afterOf(query.cursor) })
        const items = await Promise.all(page.items.map((member) => shown(member)))
        return { body: { items, next_cursor: cursorOf(page.nextCursor) } }
      },
    }),
    route({
      method: 'get',
      path: `${members}/{user}`,
      tag,
      summary: 'Read',
      right: 'teamMember',
      answer: schemas.member,
      async run({ place: { team, user } }) {
        const member = await reading.members.find(team?.id ?? '', user?.id ?? '')
        if (!member) throw new Refusal('not_found')
        return { body: await shown(member, user), etag: memberTag(member.userId, member) }
      },
    }),
    route({
      method: 'put',
      path: `${members}/{user}`,
      tag,
      summary: 'Add a user of the organization, or change their role in the team',
      right: 'teamAdmin',
      body: schemas.memberRole,
      answer: schemas.member,
      async run({ place, body, context, ifMatch }) {
        const { user } = place
        if (!user) throw new Refusal('not_found')
        const member = await perform(context, (work) => setMember(work, whereOf(place), user, body.role, ifMatch))
        return { body: await shown(member, user), etag: memberTag(member.userId, member) }
      },
    }),
    route({
      method: 'delete',
      path: `${members}/{user}`,
      tag,
      summary: 'Remove from the team',
      right: 'teamAdmin',
      async run({ place, context, ifMatch }) {
        const { user } = place
        if (!user) throw new Refusal('not_found')
        await perform(context, (work) => unsetMember(work, whereOf(place), user, ifMatch))
        return { status: 204 }
      },
    }),
  ]
}
