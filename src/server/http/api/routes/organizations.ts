import type { Organization } from '../../../accounts/model.ts'

import { etagOf } from '../../../admin/noun.ts'
import * as nouns from '../../../admin/nouns.ts'
import { foundOrganization } from '../../../admin/organizations.ts'
import { afterOf, crud, cursorOf, given } from '../crud.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

export function organizationRoutes(rooms: Rooms): Route[] {
  const { reading, perform } = rooms
  const tag = 'Organizations'
  const { read, erase, change } = crud<Organization>(rooms, reading.organizations, {
    tag,
    path: '/orgs',
    param: 'org',
    schema: schemas.organization,
    rights: { read: 'orgMember', change: 'operator' },
    at: ({ org }) => org,
    under: () => ({}),
    noun: async () => nouns.organization,
  })
  return [
    route({
      method: 'get',
      path: '/orgs',
      tag,
      summary: 'List: all for the operator, their own for everybody else',
      right: 'orgMember',
      query: schemas.listQuery,
      answer: schemas.listOf(schemas.organization),
      async run({ caller, query }) {
        const where = caller.type === 'operator' ? {} : { id: caller.orgId }
        const page = await reading.organizations.list(where, { limit: query.limit, ...afterOf(query.cursor) })
        return { body: { items: page.items.map(nouns.organization.shown), next_cursor: cursorOf(page.nextCursor) } }
      },
    }),
    route({
      method: 'post',
      path: '/orgs',
      tag,
      summary: 'Create; with first_admin, that user and an API key for them, shown once',
      right: 'operator',
      body: schemas.newOrganization,
      answer: schemas.createdOrganization,
      status: 201,
      async run({ body, context, repeat }) {
        const made = await perform(context, (work) => foundOrganization(work, body), repeat)
        return { status: 201, body: made.shown, etag: etagOf(made.org), location: `/orgs/${made.org.name}` }
      },
    }),
    read,
    route({
      method: 'patch',
      path: '/orgs/{org}',
      tag,
      summary: 'Change the display name',
      right: 'orgAdmin',
      body: schemas.organizationPatch,
      answer: schemas.organization,
      run: (request) => change(request, () => given<Organization>({ displayName: request.body.display_name })),
    }),
    erase,
  ]
}
