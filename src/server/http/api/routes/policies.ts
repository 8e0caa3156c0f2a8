import { createJudge } from '../../../admin/judging.ts'
import { refuseManaged } from '../../../admin/managed.ts'
import { etagOf } from '../../../admin/noun.ts'
import * as nouns from '../../../admin/nouns.ts'
import { changePolicy, createPolicy, judgedAnew } from '../../../admin/policies.ts'
import { trailOf } from '../../../admin/policy-trail.ts'
import { Refusal } from '../../../errors/refusal.ts'
import type { TrustPolicy } from '../../../trust/policy.ts'
import { crud, whereOf } from '../crud.ts'
import { type Place, type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

const tag = 'Trust policies'

export function policyRoutes(rooms: Rooms, path: string): Route[] {
  const { reading, perform } = rooms
  const judge = createJudge(rooms)
  /** The noun with the names of the organization's issuers, as they are now. */
  const noun = async ({ org }: Place) => {
    const names = await reading.issuers.names({ orgId: org.id })
    return nouns.trustPolicy((id) => names.get(id) ?? id)
  }
  const there = <T>(found: T | undefined): T => {
    if (!found) throw new Refusal('not_found')
    return found
  }
  const { list, read, erase } = crud<TrustPolicy>(rooms, reading.policies, {
    tag,
    path,
    param: 'policy',
    schema: schemas.trustPolicy,
    rights: { read: 'teamAdmin', change: 'teamAdmin' },
    managed: true,
    at: ({ policy }) => policy,
    under: ({ org, account }) => ({ orgId: org.id, accountId: there(account).id }),
    noun,
    alone: async (row) => ({
      findings: await judgedAnew(reading, judge, row, await trailOf(reading.trail, row, rooms.now())),
    }),
  })
  return [
    list,
    route({
      method: 'post',
      path,
      tag,
      summary: 'Trust a subject of an issuer to become this account',
      right: 'teamAdmin',
      body: schemas.newTrustPolicy,
      query: schemas.forceQuery,
      answer: schemas.trustPolicy,
      status: 201,
      async run({ body, place, context, repeat }) {
        const account = there(place.account)
        const made = await perform(
          context,
          async (work) => {
            // Whom an account trusts is what a file says of it.
            refuseManaged(work, account)
            return createPolicy(work, whereOf(place), account, body, judge)
          },
          repeat,
        )
        const shown = { ...nouns.trustPolicy(() => made.issuerName).shown(made.policy), findings: made.findings }
        const parent = place.team ? `/teams/${place.team.name}` : ''
        const location = `/orgs/${place.org.name}${parent}/service-accounts/${account.name}/trust-policies/${made.policy.name}`
        return { status: 201, body: shown, etag: etagOf(made.policy), location }
      },
    }),
    read,
    route({
      method: 'patch',
      path: `${path}/{policy}`,
      tag,
      summary: 'Change; another issuer, subject or condition ends the tokens handed out by it',
      right: 'teamAdmin',
      body: schemas.trustPolicyPatch,
      query: schemas.forceQuery,
      answer: schemas.trustPolicy,
      async run({ body, place, context, ifMatch }) {
        const policy = there(place.policy)
        const names = await reading.issuers.names({ orgId: place.org.id })
        const how = { judge, issuerName: (id: string) => names.get(id) ?? id }
        const { policy: after, findings } = await perform(context, (work) =>
          changePolicy(work, whereOf(place), policy, body, how, ifMatch),
        )
        return { body: { ...(await noun(place)).shown(after), findings }, etag: etagOf(after) }
      },
    }),
    erase,
  ]
}
