/**
 * Why a token is granted or refused: the exchange's own steps in their order, each with what it looked for, and every
 * policy that comes near. For those who may read the policies.
 * Rules: nothing is minted, claimed or recorded; it is read from the database as it is now; nothing is said to be granted
 * on a token whose signature was not checked; of what the caller may not read nothing shows but what the token's bearer
 * would learn by exchanging it.
 */
import { setImmediate as soon } from 'node:timers/promises'
import type { Organization } from '../accounts/model.ts'
import type { Lookups } from '../accounts/store.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Standing } from '../tokens/standing.ts'
import type { Candidate } from '../trust/compile.ts'
import { type Judged, judged, missesOf } from '../trust/judged.ts'
import { type Decision, matchInTurns, type Subject } from '../trust/match.ts'
import { candidateOf, matchHints, type Tried, triedOf } from './explain-candidates.ts'
import type { IssuerStep } from './explain-issuer.ts'
import type { Believed, Seen, Source } from './explain-source.ts'
import { createSteps, type Explained, StepFailed, type Told } from './explained.ts'
import type { GrantOf } from './grant.ts'
import { maxThoughts } from './judge.ts'
import { type createMeet, mostCandidates } from './nearest.ts'
import type { Ask } from './parse.ts'
import { personOf } from './person.ts'
import { mayBePerson, type Proven, provenBy } from './prove.ts'
import { type createFormerNames, mayBeRenamed, withFormerNames } from './renamed.ts'

/** `teams`: whose policies the caller may read. `tried`: a policy that is judged beside those that are kept. */
export type ExplainAsk = Pick<Ask, 'scope' | 'targets' | 'requestedTtl' | 'serviceAccount'> & {
  org: Pick<Organization, 'id' | 'name'>
  teams: 'all' | readonly string[]
  tried?: Tried
}
/** Throws Refusal: storage_unavailable. */
export type ExplainToken = (source: () => Source, ask: ExplainAsk) => Promise<Explained>

type Needs = {
  issuer: IssuerStep
  meet: ReturnType<typeof createMeet>
  formerNames: ReturnType<typeof createFormerNames>
  lookups: Pick<Lookups, 'usersNamed'>
  grantOf: GrantOf
  standing: Pick<Standing, 'mark' | 'outdated'>
  stopwatch: () => number
}

export function createExplainToken({
  issuer,
  meet,
  formerNames,
  lookups,
  grantOf,
  standing,
  stopwatch,
}: Needs): ExplainToken {
  const proven = async (decision: Decision, believed: Believed, ask: ExplainAsk, mayLook: boolean) => {
    if (decision.outcome === 'granted') return { ...provenBy(decision.candidate, believed), token: believed }
    const person = mayLook && mayBePerson(decision, ask) ? await personOf(believed, lookups) : undefined
    return person && { ...person, token: believed }
  }

  const once = async (source: Source, ask: ExplainAsk): Promise<Explained> => {
    const { org, teams } = ask
    const { steps, reason, take } = createSteps()
    const isOwn = ({ account }: Pick<Candidate, 'account'>) => teams === 'all' || teams.includes(account.teamId)

    const seen = await take('read', true, () => source.read())
    const found = await take('issuer', seen, (token) => issuer.find(token, org))
    const { registration } = found ?? {}
    const signed = await take('signature', registration, async (one) => ({
      value: one,
      told: await source.signature(one),
    }))
    const timely = await take('time', signed && seen, async (token) => ({
      value: token,
      told: await source.time(token, registration as NonNullable<typeof registration>),
    }))

    const issuerIds = registration ? [registration.id] : seen ? (await issuer.ownOf(seen, org)).map(({ id }) => id) : []
    const subjectAt = (registrationId: string, { subject, claims, header }: Seen): Subject => ({
      registrationId,
      orgId: org.id,
      subject,
      claims,
      header,
      now: source.at,
    })
    const policies = seen
      ? await meet(issuerIds, subjectAt(issuerIds[0] ?? '', seen), {
          ...ask,
          isVisible: isOwn,
          candidate: source.candidate,
        })
      : { fitting: [], nearest: [] }
    const judge = (candidate: Candidate, token: Seen) => {
      const at = subjectAt(registration?.id ?? candidate.policy.issuerId, token)
      return judged(source.candidate(candidate), at, ask, stopwatch)
    }
    let near: Judged[] = []
    for (const candidate of seen ? policies.nearest : []) {
      near.push(judge(candidate, seen as Seen))
      await soon()
    }
    if (seen && mayBeRenamed(near)) {
      const former = await formerNames({ orgId: org.id, teams, issuer: seen.issuer, claims: seen.claims })
      near = near.map((one) => withFormerNames(one, former))
    }
    near.sort((a, b) => missesOf(a, ask) - missesOf(b, ask))

    const matched = await take('match', timely && found, async (one) => {
      const believed = await source.believed(seen as Seen, one.registration, one.org)
      // Of what somebody showed once, and the caller does not hold, other teams' policies are not told.
      const { isHeld } = source
      const candidates = policies.fitting.filter((candidate) => isHeld || isOwn(candidate)).map(source.candidate)
      const at = subjectAt(one.registration.id, seen as Seen)
      const decision = await matchInTurns(candidates, at, ask, stopwatch, soon)
      const who = await proven(decision, believed, ask, isHeld || teams === 'all')
      if (!who) throw unmatched(decision, matchHints(near, ask, false))
      return {
        value: who,
        told: { message: `it stands for ${nameOf(who)}`, hints: matchHints(near, ask, true).hints ?? [] },
      }
    })
    const unused = await take('single_use', matched, async (who) => ({
      value: who,
      told: await source.singleUse(who.token.registration),
    }))
    const grant = await take('grant', unused, async (who) => {
      source.refusedGrant?.()
      const { scope, lifetime, audience } = await grantOf(ask, { ...who, dpopBound: who.dpopBound && source.isHeld })
      const bound = who.dpopBound ? ', bound to the key that the exchange proves to hold (DPoP)' : ''
      const value = { ...whom(who), scope, expires_in: lifetime }
      return { value, told: { message: `a token for ${audience}, ${scope}, for ${lifetime} s${bound}` } }
    })

    const refusedFor = reason()
    const tried = ask.tried && seen ? [triedOf(ask.tried, judge(ask.tried.candidate, seen), seen)] : []
    return {
      outcome: refusedFor === undefined ? 'granted' : 'refused',
      ...(refusedFor === undefined ? {} : { reason: refusedFor }),
      steps,
      candidates: [...tried, ...near.map((one) => candidateOf(one, grant?.service_account))].slice(0, mostCandidates),
      ...(grant ? { grant } : {}),
    }
  }

  return async (source, ask) => {
    for (let thoughts = 1; ; thoughts++) {
      const since = standing.mark()
      const explained = await once(source(), ask)
      if (explained.outcome === 'granted' || thoughts === maxThoughts || !(await standing.outdated(since)))
        return explained
    }
  }
}

/** What is said to the workload is no help to whoever may read the policies. */
function unmatched(decision: Decision, told: Partial<Told>): StepFailed {
  if (decision.outcome === 'refused' && decision.reason === 'account_ambiguous')
    return new StepFailed(new Refusal(decision.reason), told)
  const message = 'no live policy of an enabled account fits the token'
  return new StepFailed(new Refusal('no_account_matches'), { message, ...told })
}

type Who = Pick<Proven, 'principal'>
const whom = ({ principal: { type, team, name } }: Who) =>
  type === 'user' ? { user: name } : { service_account: `${team}/${name}` }
const nameOf = ({ principal: { type, team, name } }: Who) =>
  type === 'user' ? `the user ${name}` : `the service account ${team}/${name}`
