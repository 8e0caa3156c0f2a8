import type { ResourceServer } from '../../../accounts/model.ts'
import { createKey } from '../../../admin/keys.ts'
import * as nouns from '../../../admin/nouns.ts'
import { createResourceServer } from '../../../admin/resource-servers.ts'
import { crud, given, whereOf } from '../crud.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'
import { keyRoutes } from './keys.ts'

const path = '/orgs/{org}/resource-servers'

export function resourceServerRoutes(rooms: Rooms): Route[] {
  const tag = 'Resource servers'
  const { list, read, erase, change, made } = crud<ResourceServer>(rooms, rooms.reading.resourceServers, {
    tag,
    path,
    param: 'server',
    searched: true,
    schema: schemas.resourceServer,
    rights: { read: 'orgAdmin', change: 'orgAdmin' },
    managed: true,
    at: ({ server }) => server,
    under: ({ org }) => ({ orgId: org.id }),
    noun: async () => nouns.resourceServer,
  })
  return [
    list,
    route({
      method: 'post',
      path,
      tag,
      summary: 'Register an API that accepts our tokens, with an API key, shown once',
      right: 'orgAdmin',
      body: schemas.newResourceServer,
      answer: schemas.createdResourceServer,
      status: 201,
      async run({ body, place, context, repeat }) {
        const where = whereOf(place)
        const { org } = place
        const { server, secret } = await rooms.perform(
          context,
          async (work) => {
            const server = await createResourceServer(work, { org }, body, rooms.publicUrl())
            const owner = { type: 'resource_server' as const, id: server.id, orgId: place.org.id }
            const { secret } = await createKey(work, where, owner, { name: 'first' })
            return { server, secret }
          },
          repeat,
        )
        return made(place, server, { api_key: secret })
      },
    }),
    read,
    route({
      method: 'patch',
      path: `${path}/{server}`,
      tag,
      summary: 'Rename; the audience stays, since tokens bear it',
      right: 'orgAdmin',
      body: schemas.resourceServerPatch,
      query: schemas.forceQuery,
      answer: schemas.resourceServer,
      run: (request) => change(request, () => given<ResourceServer>({ name: request.body.name })),
    }),
    erase,
    ...keyRoutes(rooms, {
      path: `${path}/{server}/keys`,
      right: 'orgAdmin',
      owner: ({ server }) => server,
      type: 'resource_server',
    }),
  ]
}
