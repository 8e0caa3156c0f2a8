import type { ServiceAccount } from '../../../accounts/model.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { accountActivity } from '../account-activity.ts'
import { afterOf, cursorOf } from '../crud.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'
import { accountNoun } from './accounts.ts'

/** All accounts of the organization, of its teams too. */
export function allAccountsRoute(rooms: Rooms, path: string): Route {
  const { reading } = rooms
  return route({
    method: 'get',
    path,
    tag: 'Service accounts',
    summary: 'List all of the organization, of its teams too; q looks for a part of the name',
    right: 'orgAdmin',
    query: schemas.accountQuery,
    answer: schemas.listOf(schemas.serviceAccount),
    async run({ place: { org }, query }) {
      const { limit, scope, method, q } = query
      const team = query.team === undefined ? undefined : await reading.teams.find({ orgId: org.id }, query.team)
      if (query.team !== undefined && !team) throw new Refusal('not_found')
      const where: Partial<ServiceAccount> = {
        orgId: org.id,
        ...(method ? { method } : {}),
        ...(team ? { teamId: team.id } : scope === 'organization' ? { teamId: null } : {}),
      }
      const fits = (row: ServiceAccount) =>
        (scope !== 'team' || row.teamId !== null) &&
        (scope !== 'organization' || row.teamId === null) &&
        (q === undefined || row.name.includes(q.toLowerCase()))
      const noun = await accountNoun(reading.teams, org.id)
      const items: ServiceAccount[] = []
      let { after } = afterOf(query.cursor)
      let more = true
      while (more && items.length < limit) {
        const page = await reading.serviceAccounts.list(where, {
          limit: 200,
          ...(after === undefined ? {} : { after }),
        })
        for (const row of page.items) {
          if (items.length === limit) break
          after = row.id
          if (fits(row)) items.push(row)
        }
        more = page.nextCursor !== null || page.items.at(-1)?.id !== after
        if (page.items.length === 0) more = false
      }
      const beside = await accountActivity(rooms)(items)
      const shown = items.map((row) => ({ ...noun.shown(row), ...beside(row) }))
      return { body: { items: shown, next_cursor: cursorOf(more ? (after ?? null) : null) } }
    },
  })
}
