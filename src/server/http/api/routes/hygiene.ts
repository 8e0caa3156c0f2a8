import { setImmediate as soon } from 'node:timers/promises'
import { auditedTeams } from '../../../access/authority.ts'
import type { ServiceAccount } from '../../../accounts/model.ts'
import { type Concern, createHygiene, type HygieneKind, hygieneKinds, worstOf } from '../../../admin/hygiene.ts'
import { createJudge } from '../../../admin/judging.ts'
import { judgedAnew } from '../../../admin/policies.ts'
import { afterOf, cursorOf } from '../crud.ts'
import { type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

const messages: Record<HygieneKind, string> = {
  weak_policy: 'lint has something against what this trust policy lets in',
  expires_soon: 'this API key ends within 14 days: rotate it',
  key_although_federated:
    'an API key is used, though another account of the team gets its tokens by federation: so could this one',
  never_used: 'it was made 30 days ago or more, and was never used',
  idle: 'it was not used for 90 days or more',
  never_expires: 'this API key never ends by itself',
}

/** Where a concern stands, in the order in which they are listed. */
const placeOf = ({ kind, ownerId, subId }: Concern) => `${hygieneKinds.indexOf(kind)}.${ownerId}.${subId ?? ''}`

const seenBy = (teams: 'all' | readonly string[], concerns: readonly Concern[]) =>
  teams === 'all' ? concerns : concerns.filter(({ teamId }) => teamId !== null && teams.includes(teamId))

export function hygieneRoutes(rooms: Rooms): Route[] {
  const { reading, now } = rooms
  const judge = createJudge(rooms)
  const reportOf = createHygiene({ reading, judge, now })

  /** With what it is about, as it is now; undefined when that is gone meanwhile, or well by now. */
  async function shown(orgId: string, concern: Concern, teams: ReadonlyMap<string, string>) {
    const { kind, severity, ownerId, subId, since } = concern
    const account = await reading.serviceAccounts.find({ orgId }, ownerId)
    const user = account ? undefined : await reading.users.find({ orgId }, ownerId)
    const isPolicy = kind === 'weak_policy'
    const key = subId === null || isPolicy ? undefined : await reading.keys.find({ orgId, ownerId }, subId)
    const policy = subId === null || !isPolicy ? undefined : await reading.policies.find({ orgId }, subId)
    if ((!account && !user) || (subId !== null && !key && !policy)) return undefined
    const findings = policy && (await judgedAnew(reading, judge, policy)).filter((one) => one.severity !== 'info')
    if (findings?.length === 0) return undefined
    const teamOf = ({ teamId }: ServiceAccount) => (teamId === null ? null : (teams.get(teamId) ?? teamId))
    return {
      kind,
      severity: worstOf(findings ?? []) ?? severity,
      message: messages[kind],
      service_account: account ? { id: account.id, name: account.name, team: teamOf(account) } : null,
      user: user ? { id: user.id, name: user.name } : null,
      key: key ? { id: key.id, name: key.name, hint: key.hint } : null,
      policy: policy ? { id: policy.id, name: policy.name } : null,
      since: since === null ? null : new Date(since).toISOString(),
      ...(findings ? { findings } : {}),
    }
  }

  return [
    route({
      method: 'get',
      path: '/orgs/{org}/hygiene',
      tag: 'Service accounts',
      summary: 'What should be looked after: unused accounts, keys without an end or near it, weak policies',
      right: 'anyTeamAdmin',
      query: schemas.hygieneQuery,
      answer: schemas.hygiene,
      async run({ place: { org }, query, caller }) {
        const own = auditedTeams(caller)
        const report = await reportOf(org.id)
        const seen = new Map(hygieneKinds.map((kind) => [kind, seenBy(own, report.get(kind) ?? [])]))
        const of = (kind: HygieneKind) => seen.get(kind) ?? []
        const counts = Object.fromEntries(hygieneKinds.map((kind) => [kind, of(kind).length]))
        const { after = '' } = afterOf(query.cursor)
        const all = (query.kind === undefined ? hygieneKinds : [query.kind]).flatMap(of)
        const left = after === '' ? all : all.filter((concern) => placeOf(concern) > after)
        const page = left.slice(0, query.limit)
        const last = page.at(-1)
        const teams = await reading.teams.names({ orgId: org.id })
        const items = []
        for (const concern of page) {
          const item = await shown(org.id, concern, teams)
          if (item) items.push(item)
          await soon()
        }
        return {
          body: { items, counts, next_cursor: cursorOf(last && left.length > page.length ? placeOf(last) : null) },
        }
      },
    }),
  ]
}
