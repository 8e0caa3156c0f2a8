/** Access evaluation for resource servers: OpenID AuthZEN Authorization API 1.0, Access Evaluation. */
import type { Misfit } from '../../protocol/access.ts'
import { type Attribution, attribute, namesIn, type Person } from '../access/attribution.ts'
import type { Caller } from '../access/authority.ts'
import type { Lookups } from '../accounts/store.ts'
import type { Usage } from '../accounts/usage.ts'
import type { Origin } from '../audit/origin.ts'
import { Refusal } from '../errors/refusal.ts'
import { type BearerOf, orgIdOf, type Somebody, somebody } from './bearer.ts'
import { type Decide, isAction, type Judged } from './decide.ts'

/** What is asked, read but not judged. `attribution`: `{username?, email?}`, as it was sent. */
export type Question = {
  subject: { type: string; id: string }
  action: { name: string }
  resource: { type: string; id: string }
  attribution?: unknown
  /** RFC 9449: the thumbprint of the key whose possession the bearer has proven to the resource server. */
  jkt?: string
}
export type Evaluation = {
  decision: boolean
  context: {
    /** `team/project`; absent where the question does not lead to one. */
    project?: string
    reason: string
    attributed_to?: { id: string; username: string; email: string }
    attribution_ignored?: string
    /** Of a question that cannot be read, among others that can. */
    error?: { status: number; message: string }
  }
}
type ResourceServer = Extract<Caller, { type: 'resource_server' }>
/** Answers the questions of one resource server. */
export type Evaluate = (question: Question) => Promise<Evaluation>
/** Throws Refusal('forbidden') for any caller but a resource server. */
export type EvaluateFor = (caller: Caller, origin: Origin) => Evaluate

type Needs = {
  bearerOf: BearerOf
  decide: Decide
  lookups: Pick<Lookups, 'account' | 'user' | 'usersNamed' | 'teamRoles'>
  /** A key that a resource server asks about is being used there. */
  used: Usage
  publicUrl: () => string
}
type Subject = { who: Somebody; scope?: string }

export function createEvaluateFor({ bearerOf, decide, lookups, used, publicUrl }: Needs): EvaluateFor {
  const byToken = async (
    { id: secret, jkt }: { id: string; jkt: string | undefined },
    caller: ResourceServer,
    origin: Origin,
  ): Promise<Subject | Misfit> => {
    const bearer = await bearerOf(secret)
    if (!bearer || orgIdOf(bearer.who) !== caller.orgId) return 'token_inactive'
    const { who, scope, audience, holder, claims } = bearer
    // Without this a resource server that knows nothing of bound tokens would take one from whoever has copied it.
    if (claims?.cnf?.jkt !== jkt) return 'possession_unproven'
    if (audience !== caller.audience && audience !== publicUrl()) return 'audience_not_accepted'
    const recorded = holder && used(holder, origin, { at: caller.name })
    if (!recorded) return { who, scope }
    await recorded
    // What was read before that wait may have changed.
    return byToken({ id: secret, jkt }, caller, origin)
  }
  const subjectOf = async (
    { type, id }: Question['subject'],
    jkt: string | undefined,
    caller: ResourceServer,
    origin: Origin,
  ): Promise<Subject | Misfit> => {
    if (type === 'token') return byToken({ id, jkt }, caller, origin)
    if (type !== 'service_account' && type !== 'user') return 'subject_type_unknown'
    const who = await somebody(lookups, type, id)
    return who && orgIdOf(who) === caller.orgId ? { who } : 'subject_unknown'
  }
  const credit = async (who: Somebody, sent: unknown, { teamId }: Judged): Promise<Attribution> => {
    const names = namesIn(sent)
    const people: Person[] = []
    const orgId = orgIdOf(who)
    for (const name of who.type === 'user' || !names ? [] : Object.values(names))
      for (const { id, name: username, email } of await lookups.usersNamed(orgId, name)) {
        const inTeam = (await lookups.teamRoles(orgId, id)).some((role) => role.teamId === teamId)
        people.push({ id, username, email, inTeam })
      }
    return attribute(
      who.type === 'user'
        ? { type: who.type, username: who.user.name, email: who.user.email }
        : { type: who.type, scope: who.account.teamId === null ? 'organization' : 'team' },
      names,
      people,
    )
  }
  return (caller, origin) => {
    if (caller.type !== 'resource_server')
      throw new Refusal('forbidden', { says: 'access evaluation is for resource servers: call it with the key of one' })
    return async ({ subject, action, resource, attribution, jkt }) => {
      const asked = await subjectOf(subject, jkt, caller, origin)
      if (typeof asked === 'string') return misfit(asked)
      if (!isAction(action.name)) return misfit('action_unknown')
      if (resource.type !== 'project') return misfit('resource_type_unknown')
      const judged = await decide(asked.who, action.name, resource.id, asked.scope)
      if (judged.project === undefined) return misfit(judged.reason)
      const { decision, reason, project } = judged
      if (!decision || attribution === undefined) return { decision, context: { project, reason } }
      const { person, ignored } = await credit(asked.who, attribution, judged)
      return {
        decision,
        context: {
          project,
          reason,
          ...(person ? { attributed_to: { id: person.id, username: person.username, email: person.email } } : {}),
          ...(ignored ? { attribution_ignored: ignored } : {}),
        },
      }
    }
  }
}

const misfit = (reason: Misfit): Evaluation => ({ decision: false, context: { reason } })
