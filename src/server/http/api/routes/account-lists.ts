import type { JsonObject } from '../../../../protocol/json.ts'
import type { Organization, ServiceAccount } from '../../../accounts/model.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { accountActivity } from '../account-activity.ts'
import { askOf, cursorOf } from '../crud.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'
import { accountNoun } from './accounts.ts'

type Narrowed = { scope?: 'organization' | 'team'; team?: string; method?: ServiceAccount['method']; q?: string }
type Paged = { limit: number; cursor?: string }

/** All accounts of the organization, of its teams too. */
export const allAccountsRoute = (rooms: Rooms, path: string): Route =>
  route({
    method: 'get',
    path,
    tag: 'Service accounts',
    summary: 'List all of the organization, of its teams too; q looks for a part of the name',
    right: 'orgAdmin',
    query: schemas.accountQuery,
    answer: schemas.listOf(schemas.serviceAccount),
    run: async ({ place, query }) => ({ body: await found(rooms, place.org, query as Narrowed & Paged) }),
  })

/** Those of one team. */
export const teamAccountsRoute = (rooms: Rooms, path: string): Route =>
  route({
    method: 'get',
    path,
    tag: 'Service accounts',
    summary: 'List those of the team; q looks for a part of the name',
    right: 'teamAdmin',
    query: schemas.teamAccountQuery,
    answer: schemas.listOf(schemas.serviceAccount),
    run: async ({ place: { org, team }, query }) => ({
      body: await found(rooms, org, { ...(query as Narrowed & Paged), ...(team ? { team: team.id } : {}) }),
    }),
  })

async function found(
  rooms: Rooms,
  org: Organization,
  { limit, cursor, scope, team, method, q }: Narrowed & Paged,
): Promise<JsonObject> {
  const { reading } = rooms
  const parent = team === undefined ? undefined : await reading.teams.find({ orgId: org.id }, team)
  if (team !== undefined && !parent) throw new Refusal('not_found')
  // What belongs to a team belongs to no organization by itself.
  if (parent && scope === 'organization') return { items: [], next_cursor: null }
  const where = {
    orgId: org.id,
    ...(parent ? { teamId: parent.id } : scope === 'organization' ? { teamId: null } : {}),
  }
  const { items, nextCursor } = await reading.serviceAccounts.list(where, {
    ...askOf({ limit, cursor, q }),
    ...(method ? { narrow: { method } } : {}),
    ...(scope === 'team' && !parent ? { filled: 'teamId' } : {}),
  })
  const noun = await accountNoun(reading.teams, org.id, items)
  const beside = await accountActivity(rooms)(items)
  const shown = items.map((row) => ({ ...noun.shown(row), ...beside(row) }))
  return { items: shown, next_cursor: cursorOf(nextCursor) }
}
