import type { z } from 'zod'
import type { Right } from '../../../access/authority.ts'
import type { ServiceAccount, Team } from '../../../accounts/model.ts'
import type { Collection } from '../../../accounts/store.ts'
import {
  changeAccount,
  createAccount,
  type MadeAccount,
  type NewAccount,
  refuseAdminBy,
} from '../../../admin/accounts.ts'
import { createJudge } from '../../../admin/judging.ts'
import { etagOf } from '../../../admin/noun.ts'
import * as nouns from '../../../admin/nouns.ts'
import type { NewTrust } from '../../../admin/policies.ts'
import { judgedAccount } from '../../../admin/policies.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { accountActivity } from '../account-activity.ts'
import { crud, given, whereOf } from '../crud.ts'
import { type Answer, type Place, type Request, type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'
import { allAccountsRoute, teamAccountsRoute } from './account-lists.ts'
import { keyRoutes } from './keys.ts'
import { policyRoutes } from './policies.ts'
import { policyTrialRoutes } from './policy-trials.ts'
import { revokeRoute } from './revoke.ts'

const tag = 'Service accounts'

/** An account is found under the organization and, when team-scoped, under its team. */
export function accountRoutes(rooms: Rooms): Route[] {
  return [
    ...routesUnder(rooms, '/orgs/{org}/service-accounts', 'orgAdmin'),
    ...routesUnder(rooms, '/orgs/{org}/teams/{team}/service-accounts', 'teamAdmin'),
  ]
}

function routesUnder(rooms: Rooms, path: string, listRight: Right): Route[] {
  const { reading } = rooms
  const judge = createJudge(rooms)
  const one = `${path}/{account}`
  const account = ({ account: row }: Place) => row
  const { read, erase, shownAlone } = crud<ServiceAccount>(rooms, reading.serviceAccounts, {
    tag,
    path,
    param: 'account',
    schema: schemas.serviceAccount,
    rights: { list: listRight, read: 'teamAdmin', change: 'teamAdmin' },
    managed: true,
    at: account,
    under: ({ org, team }) => ({ orgId: org.id, ...(team ? { teamId: team.id } : {}) }),
    noun: (place) => accountNoun(reading.teams, place.org.id),
    beside: accountActivity(rooms),
    alone: async (row) =>
      row.method === 'federated' ? { findings: await judgedAccount(reading, judge, row, 'the first') } : {},
  })
  return [
    listRight === 'orgAdmin' ? allAccountsRoute(rooms, path) : teamAccountsRoute(rooms, path),
    listRight === 'orgAdmin' ? createUnderOrganization(rooms, path) : createUnderTeam(rooms, path),
    read,
    route({
      method: 'patch',
      path: one,
      tag,
      summary: 'Change; disabling ends every token handed out',
      right: 'teamAdmin',
      body: schemas.accountPatch,
      query: schemas.forceQuery,
      answer: schemas.serviceAccount,
      async run({ body, place, context, ifMatch }) {
        const row = place.account
        if (!row) throw new Refusal('not_found')
        const team =
          body.default_team === undefined ? undefined : await defaultTeam(reading.teams, place, body.default_team)
        if (team && row.teamId !== null) throw invalid('default_team', 'a team-scoped account belongs to its team')
        const changes = given<ServiceAccount>({
          name: body.name,
          description: body.description,
          access: body.access,
          tokenTtl: body.token_ttl,
          dpopBound: body.dpop_bound_access_tokens,
          enabled: body.enabled,
          defaultTeamId: team?.id,
        })
        const noun = await accountNoun(reading.teams, place.org.id)
        const how = { judge, overrideReason: body.override_reason }
        const after = await rooms.perform(context, (work) =>
          changeAccount(work, noun, whereOf(place), row.id, changes, how, ifMatch),
        )
        return { body: await shownAlone(place, after), etag: etagOf(after) }
      },
    }),
    erase,
    revokeRoute(rooms, { path: `${one}/revoke`, tag, right: 'teamAdmin', at: account, type: 'service_account' }),
    ...keyRoutes(rooms, { path: `${one}/keys`, right: 'teamAdmin', owner: account, type: 'service_account' }),
    ...policyRoutes(rooms, `${one}/trust-policies`),
    ...policyTrialRoutes(rooms, `${one}/trust-policies`),
  ]
}

function createUnderOrganization(rooms: Rooms, path: string): Route {
  return route({
    method: 'post',
    path,
    tag,
    summary: 'Create an organization-scoped account with an API key, shown once',
    right: 'orgAdmin',
    body: schemas.newOrgAccount,
    answer: schemas.createdAccount,
    status: 201,
    async run(request) {
      const { body, place } = request
      const team = await defaultTeam(rooms.reading.teams, place, body.default_team)
      return make(rooms, request, { ...body, method: 'api_key' }, { defaultTeam: team })
    },
  })
}

function createUnderTeam(rooms: Rooms, path: string): Route {
  return route({
    method: 'post',
    path,
    tag,
    summary: 'Create a team-scoped account: Built-in with an API key, shown once, or External with a trust policy',
    right: 'teamAdmin',
    body: schemas.newTeamAccount,
    answer: schemas.createdAccount,
    status: 201,
    run: (request) => make(rooms, request, request.body, { trust: trustIn(request.body) }),
  })
}

/** The reason to override lint may stand beside the policy, or in it. */
function trustIn(body: z.output<typeof schemas.newTeamAccount>): NewTrust | undefined {
  if (body.method !== 'federated' || !body.trust) return undefined
  return { override_reason: body.override_reason, ...body.trust }
}

async function make(
  rooms: Rooms,
  { caller, place, context, repeat }: Request<unknown, unknown>,
  body: NewAccount,
  how: { defaultTeam?: Team | undefined; trust?: NewTrust | undefined },
): Promise<Answer> {
  refuseAdminBy(caller, body.admin)
  const noun = await accountNoun(rooms.reading.teams, place.org.id)
  const made: MadeAccount = await rooms.perform(
    context,
    (work) => createAccount(work, noun, whereOf(place) as never, body, { ...how, judge: createJudge(rooms) }),
    repeat,
  )
  const findings = made.findings ?? []
  const trust = made.policy && nouns.trustPolicy(() => made.issuerName ?? '').shown(made.policy)
  const shown = {
    ...noun.shown(made.account),
    ...(await accountActivity(rooms)([made.account]))(made.account),
    ...(made.secret === undefined ? {} : { api_key: made.secret }),
    ...(trust ? { trust: { ...trust, findings } } : {}),
    ...(made.account.method === 'federated' ? { findings } : {}),
  }
  const parent = place.team ? `/teams/${place.team.name}` : ''
  return {
    status: 201,
    body: shown,
    etag: etagOf(made.account),
    location: `/orgs/${place.org.name}${parent}/service-accounts/${made.account.name}`,
  }
}

async function defaultTeam(teams: Collection<Team>, { org }: Place, name: string): Promise<Team> {
  const team = await teams.find({ orgId: org.id }, name)
  if (!team) throw invalid('default_team', 'no team of the organization has this name or id')
  return team
}

/** The noun with the names of the organization's teams, as they are now; `rows`: of those alone that these belong to. */
export async function accountNoun(teams: Collection<Team>, orgId: string, rows?: readonly ServiceAccount[]) {
  const ids = rows?.flatMap(({ teamId, defaultTeamId }) => [teamId, defaultTeamId]).filter((id) => id !== null)
  const names = await teams.names({ orgId }, ids && [...new Set(ids)])
  return nouns.serviceAccount((id) => names.get(id) ?? id)
}

const invalid = (path: string, message: string) => new Refusal('body_invalid', { errors: [{ path, message }] })
