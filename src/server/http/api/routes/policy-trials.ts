/** A trust policy is tried on the exchanges that are on record; nothing is changed. */
import { auditedTeams, type Caller } from '../../../access/authority.ts'
import type { ServiceAccount } from '../../../accounts/model.ts'
import { createJudge, siblingsOf } from '../../../admin/judging.ts'
import { registered } from '../../../admin/policies.ts'
import { Refusal } from '../../../errors/refusal.ts'
import { changeOf } from '../../../exchange/replay/change.ts'
import type { Change } from '../../../exchange/replay/replay.ts'
import { shownReplay } from '../../../exchange/replay/shown.ts'
import type { Registration } from '../../../issuers/model.ts'
import type { CandidateAccount, TrustPolicy } from '../../../trust/policy.ts'
import { type Answer, type Place, type Request, type Rooms, type Route, route } from '../route.ts'
import * as schemas from '../schemas.ts'

const tag = 'Trust policies'

export function policyTrialRoutes(rooms: Rooms, path: string): Route[] {
  const { reading, replay, suggest } = rooms
  const judge = createJudge(rooms)
  const work = { stores: reading }
  const replayed = async (
    caller: Caller,
    { org }: Place,
    days: number,
    change: Change,
    registrations: readonly Registration[],
  ) => {
    const done = await replay({ orgId: org.id, changes: [change], registrations, days, sight: auditedTeams(caller) })
    return { judged_as: change.after?.policy.state ?? 'deleted', ...shownReplay(done) }
  }
  const answered = async (
    { caller, place }: Request<unknown, unknown>,
    days: number,
    change: Change,
    registrations: readonly Registration[],
  ): Promise<Answer> => {
    return { body: await replayed(caller, place, days, change, registrations) }
  }
  return [
    route({
      method: 'post',
      path: `${path}/replay`,
      tag,
      summary: 'What a new policy would have made of the exchanges on record: who would gain, who would lose',
      right: 'teamAdmin',
      changes: false,
      body: schemas.replayNew,
      answer: schemas.replay,
      status: 200,
      async run(request) {
        const { days, issuer, name, ...written } = request.body
        const account = candidateAccount(request.place)
        const registration = await registered(work, request.place.org.id, issuer)
        // A draft that is tried is tried as what it is to become.
        const fresh = { ...written, state: 'live' as const, id: 'new', name: name ?? 'new', issuerId: registration.id }
        return answered(request, days, await changeOf(undefined, fresh, account), [registration])
      },
    }),
    route({
      method: 'post',
      path: `${path}/{policy}/replay`,
      tag,
      summary:
        'What a change of the policy, its removal ("delete": true), or a draft without change, would have made of the exchanges on record',
      right: 'teamAdmin',
      changes: false,
      body: schemas.replayChange,
      answer: schemas.replay,
      status: 200,
      async run(request) {
        const { days, delete: isDeleted, issuer, ...changes } = request.body
        const policy = there(request.place.policy)
        const account = candidateAccount(request.place)
        const own = await registered(work, request.place.org.id, policy.issuerId)
        const other = issuer === undefined ? own : await registered(work, request.place.org.id, issuer)
        const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
        const after: TrustPolicy = { ...policy, state: 'live', ...given, issuerId: other.id }
        const change = await changeOf(policy, isDeleted ? undefined : after, account)
        return answered(request, days, change, other.id === own.id ? [own] : [own, other])
      },
    }),
    route({
      method: 'post',
      path: `${path}/suggest`,
      tag,
      summary: 'From a refusal on record, the narrowest policy that would have granted it, as a POST takes it',
      right: 'teamAdmin',
      changes: false,
      body: schemas.suggest,
      answer: schemas.suggestion,
      status: 200,
      async run({ body, place, caller }) {
        const account = candidateAccount(place)
        const { request_id: requestId, claims, days } = body
        const sight = auditedTeams(caller)
        const made = await suggest({ orgId: place.org.id, requestId, account, claims, sight })
        const { registration, change, policy, notes } = made
        const { subject, match, conditions } = policy
        const judged = there<ServiceAccount>(place.account)
        const siblings = await siblingsOf(reading, judged, registration.id)
        const findings = await judge.policy(policy, registration, { ...judged, siblings })
        return {
          body: {
            policy: { issuer: registration.name, subject, match, conditions },
            findings,
            notes,
            ...(days === undefined ? {} : { replay: await replayed(caller, place, days, change, [registration]) }),
          },
        }
      },
    }),
  ]
}

const there = <T>(found: T | undefined): T => {
  if (!found) throw new Refusal('not_found')
  return found
}

/** Throws Refusal('body_invalid') for an account that no policy fits. */
function candidateAccount({ org, team, account }: Place): CandidateAccount {
  const { id, name, enabled, access, tokenTtl, dpopBound, method } = there<ServiceAccount>(account)
  if (method !== 'federated' || !team)
    throw new Refusal('body_invalid', {
      says: 'a Built-in account has API keys; trust policies are for External (federated) ones',
    })
  const home = { orgId: org.id, org: org.name, teamId: team.id, team: team.name }
  return { id, name, enabled, access, tokenTtl, dpopBound, ...home }
}
