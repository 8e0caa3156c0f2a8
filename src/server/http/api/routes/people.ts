import type { User } from '../../../accounts/model.ts'
import { create, etagOf } from '../../../admin/noun.ts'
import * as nouns from '../../../admin/nouns.ts'
import { crud, given, whereOf } from '../crud.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'
import { keyRoutes } from './keys.ts'
import { revokeRoute } from './revoke.ts'

const path = '/orgs/{org}/users'

export function peopleRoutes(rooms: Rooms): Route[] {
  const tag = 'Users'
  const { list, read, erase, change } = crud<User>(rooms, rooms.reading.users, {
    tag,
    path,
    param: 'user',
    schema: schemas.user,
    rights: { read: 'orgAdmin', change: 'orgAdmin' },
    at: ({ user }) => user,
    under: ({ org }) => ({ orgId: org.id }),
    noun: async () => nouns.user,
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
        const made = await rooms.perform(
          context,
          (work) =>
            create(work, nouns.user, whereOf(place), {
              id: work.newId('user'),
              name: body.username,
              version: 1,
              createdAt: work.now,
              updatedAt: work.now,
              orgId: place.org.id,
              email: body.email,
              role: body.role,
            }),
          repeat,
        )
        return {
          status: 201,
          body: nouns.user.shown(made),
          etag: etagOf(made),
          location: `/orgs/${place.org.name}/users/${made.name}`,
        }
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
