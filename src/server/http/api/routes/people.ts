import type { OrgRole, User } from '../../../accounts/model.ts'
import { create } from '../../../admin/noun.ts'
import * as nouns from '../../../admin/nouns.ts'
import { crud, given, whereOf } from '../crud.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'
import { keyRoutes } from './keys.ts'
import { revokeRoute } from './revoke.ts'

const path = '/orgs/{org}/users'

export function peopleRoutes(rooms: Rooms): Route[] {
  const tag = 'Users'
  const { list, read, erase, change, made } = crud<User>(rooms, rooms.reading.users, {
    tag,
    path,
    param: 'user',
    searched: true,
    schema: schemas.user,
    rights: { read: 'orgAdmin', change: 'orgAdmin' },
    at: ({ user }) => user,
    under: ({ org }) => ({ orgId: org.id }),
    noun: async () => nouns.user,
    alone: async ({ id }) => ({ teams: await teamsOf(rooms, id) }),
  })
  return [
    list,
    route({
      method: 'post',
      path,
      tag,
      summary: 'Create',
      right: 'orgAdmin',
      body: schemas.newUser,
      answer: schemas.user,
      status: 201,
      async run({ body, place, context, repeat }) {
        const row = await rooms.perform(
          context,
          (work) =>
            create(work, nouns.user, whereOf(place), {
              id: work.newId('user'),
              name: body.username,
              orgId: place.org.id,
              email: body.email,
              role: body.role,
            }),
          repeat,
        )
        return made(place, row, { teams: [] })
      },
    }),
    read,
    route({
      method: 'patch',
      path: `${path}/{user}`,
      tag,
      summary: 'Change username, e-mail address or role',
      right: 'orgAdmin',
      body: schemas.userPatch,
      answer: schemas.user,
      run: (request) => {
        const { username, email, role } = request.body
        return change(request, () => given<User>({ name: username, email, role }))
      },
    }),
    erase,
    revokeRoute(rooms, { path: `${path}/{user}/revoke`, tag, right: 'orgAdmin', at: ({ user }) => user, type: 'user' }),
    ...keyRoutes(rooms, { path: `${path}/{user}/keys`, right: 'orgAdmin', owner: ({ user }) => user, type: 'user' }),
  ]
}

/** In which teams they are, and as what. */
async function teamsOf({ reading }: Rooms, userId: string) {
  const found: { id: string; name: string; role: OrgRole }[] = []
  for (const { teamId, role } of await reading.members.ofUser(userId)) {
    const team = await reading.teams.find({}, teamId)
    if (team) found.push({ id: teamId, name: team.name, role })
  }
  return found
}
