import { isId } from '../../../../protocol/ids.ts'
import { type Caller, may } from '../../../access/authority.ts'
import type { ServiceAccount } from '../../../accounts/model.ts'
import { type AccountAsJudged, createJudge, type JudgedIssuer, siblingsOf } from '../../../admin/judging.ts'
import { ownAudiences } from '../../../admin/own-audiences.ts'
import { refuseUncompilable, registered } from '../../../admin/policies.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { type Place, type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

/** What lint would say of a policy, before anybody saves it. */
export function lintRoutes(rooms: Rooms): Route[] {
  const { reading, publicUrl } = rooms
  const judge = createJudge(rooms)
  /** By name or id, or any by its URL. */
  const issuerOf = async ({ org }: Place, issuer: string): Promise<JudgedIssuer & { id?: string }> =>
    issuer.includes('://')
      ? { issuer, preset: null, audiences: ownAudiences(org, publicUrl()) }
      : registered({ stores: reading }, org.id, issuer)
  /** Of a team that the caller administers: findings name the account's other policies. */
  const accountOf = async ({ org }: Place, caller: Caller, named: string): Promise<ServiceAccount> => {
    const [team = '', name] = named.split('/')
    const orgId = org.id
    const teamId = name === undefined ? undefined : (await reading.teams.find({ orgId }, team))?.id
    const isKnown = name === undefined ? isId(named, 'sa') : teamId !== undefined
    const found = isKnown
      ? await reading.serviceAccounts.find({ orgId, ...(teamId ? { teamId } : {}) }, name ?? named)
      : undefined
    if (found?.teamId && may(caller, 'teamAdmin', { orgId, teamId: found.teamId })) return found
    const message = 'no External account of a team of yours has this id, or this name: team/name'
    throw new Refusal('body_invalid', { errors: [{ path: 'service_account', message }] })
  }
  /** What stands beside it on this issuer; not itself, as it was before. */
  const others = async (account: ServiceAccount, issuerId: string | undefined, itself: string | undefined) =>
    issuerId === undefined
      ? []
      : (await siblingsOf(reading, account, issuerId)).filter(({ id, name }) => id !== itself && name !== itself)
  return [
    route({
      method: 'post',
      path: '/orgs/{org}/lint',
      tag: 'Trust policies',
      summary: 'What lint has to say of a policy, without saving it',
      changes: false,
      right: 'anyTeamAdmin',
      body: schemas.lintBody,
      answer: schemas.lintAnswer,
      async run({ body, place, caller }) {
        const { issuer, preset, service_account, policy, ...written } = body
        await refuseUncompilable(written, judge)
        const at = await issuerOf(place, issuer)
        const found = service_account === undefined ? undefined : await accountOf(place, caller, service_account)
        const account: AccountAsJudged = found ? { ...found, siblings: await others(found, at.id, policy) } : anyAccount
        return { body: { findings: await judge.policy(written, preset ? { ...at, preset } : at, account) } }
      },
    }),
  ]
}

/** Where nobody says which. */
const anyAccount: AccountAsJudged = { access: 'write', admin: false, tokenTtl: 900 }
