/**
 * From a refusal on record, the narrowest policy that would have granted it. Proven: it is compiled, and matched against
 * what was kept of the token; where none can be, the refusal says why and what mends it.
 */
import type { Entry, TrailStore } from '../../audit/store.ts'
import { Refusal } from '../../errors/refusal.ts'
import { fittingRegistrations } from '../../issuers/find-registration.ts'
import type { Registration } from '../../issuers/model.ts'
import type { RegistrationLookups } from '../../issuers/store.ts'
import { claimAt, parseClaim } from '../../trust/claim.ts'
import { keptOf } from '../../trust/doubt.ts'
import { match, matchInTurns, type Stopwatch } from '../../trust/match.ts'
import { narrowest, pin } from '../../trust/narrowest.ts'
import type { CandidateAccount, Condition, WrittenPolicy } from '../../trust/policy.ts'
import type { Presets } from '../../trust/preset-of.ts'
import { recommendFor } from '../../trust/recommend.ts'
import { exchangeOnRecord } from '../on-record.ts'
import { isMark } from '../redact.ts'
import { readied } from './change.ts'
import { mendOf, nothing } from './not-granted.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { type Recorded, recordedOf } from './recorded.ts'
import type { Change, FindCandidates } from './replay.ts'
import { turn } from './walk.ts'

/** `claims`: to be pinned beside what is pinned by itself. `sight`: as of a replay. */
export type SuggestAsk = {
  orgId: string
  requestId: string
  account: CandidateAccount
  claims: readonly string[]
  sight: 'all' | readonly string[]
}
/** `notes`: what the admin should know of it, one sentence each. */
export type Suggestion = {
  policy: WrittenPolicy
  registration: Registration
  change: Change
  notes: readonly string[]
}
/** Throws Refusal not_found, nothing_to_suggest. */
export type Suggest = (ask: SuggestAsk) => Promise<Suggestion>

type Needs = {
  trail: Pick<TrailStore, 'list'>
  lookups: Pick<RegistrationLookups, 'fitting' | 'registration'>
  candidates: () => FindCandidates
  presets: Pick<Presets, 'find'>
  stopwatch: Stopwatch
}

export function createSuggest({ trail, lookups, candidates, presets, stopwatch }: Needs): Suggest {
  const eventOf = async ({ orgId, requestId, sight }: SuggestAsk): Promise<Entry> => {
    const exchange = await exchangeOnRecord(trail, orgId, requestId, sight)
    if (!exchange) throw new Refusal('not_found')
    return exchange
  }
  const registrationOf = async (recorded: Recorded, orgId: string): Promise<Registration> => {
    const found = await fittingRegistrations(lookups, recorded)
    const registration = found.map((one) => one.registration).find((one) => one.orgId === orgId)
    if (!registration) throw nothing('its issuer is not registered any more with the audience of the token')
    if (!registration.enabled) throw nothing('its issuer is disabled: enable it first')
    return registration
  }

  return async (ask) => {
    const { orgId, account, sight } = ask
    const recorded = refusedOf(await eventOf(ask))
    const registration = await registrationOf(recorded, orgId)
    const at = { registrationId: registration.id, orgId }
    const all = await candidates()(registration.id, recorded.evidence.subject)
    refuseGranted(await outcomeOf(all, recorded, at, stopwatch), account, sight)

    const { written, notes } = proposalFor(recorded, presets.find(registration.preset ?? ''), ask.claims)
    const after = await readied({ ...written, id: 'new', name: 'new', issuerId: registration.id }, account)
    const asked = recorded.asked === undefined ? {} : { serviceAccount: recorded.asked }
    const decision = match([after], { ...recorded.evidence, ...at }, asked, stopwatch)
    if (decision.outcome === 'refused') throw nothing(missOf(decision.trials[0]?.miss, recorded))
    const { drafts } = await matchInTurns(all, { ...recorded.evidence, ...at }, asked, stopwatch, turn)
    for (const { policy } of drafts.filter((draft) => draft.account.id === account.id))
      notes.push(`The draft ${policy.name} would have granted it: to promote that one is enough.`)
    return { policy: written, registration, change: { after }, notes }
  }
}

/** Throws Refusal when it was granted, or refused for something else than want of a policy. */
function refusedOf(event: Entry): Recorded {
  if (event.result === 'granted') throw nothing('this exchange was granted')
  if (event.reason !== 'no_account_matches') throw nothing(mendOf(event.reason))
  const recorded = recordedOf(event)
  if (!recorded)
    throw nothing('an API key was shown, which is of one account; trust policies are for the tokens of issuers')
  if (isMark(recorded.evidence.subject)) throw nothing('its subject looks like a secret, and was not kept as it is')
  return recorded
}

function refuseGranted(outcome: Outcome, account: CandidateAccount, sight: SuggestAsk['sight']): void {
  if (outcome.is === 'several') throw nothing(mendOf('account_ambiguous'))
  if (outcome.is !== 'account') return
  const { id, team, name, teamId } = outcome.account
  if (id === account.id) throw nothing('by now a policy of this account would grant it: let the workload try again')
  const other = sight === 'all' || sight.includes(teamId) ? `${team}/${name}` : 'another account'
  throw nothing(`by now it would be granted, as ${other}: a further policy would make it ambiguous`)
}

function missOf(miss: string | undefined, { asked }: Recorded): string {
  if (miss === 'not_asked_for')
    return `the workload asked for the service account ${JSON.stringify(asked)}, which this is not: suggest a policy of that account, or let the workload ask for this one`
  if (miss === 'disabled') return 'the account is disabled: enable it first'
  return 'what was kept of the token is not enough to prove a policy'
}

type Proposal = { written: WrittenPolicy; notes: string[] }

/** On what was kept of its claims: what stands for something else pins nothing. */
function proposalFor(recorded: Recorded, preset: ReturnType<Presets['find']>, further: readonly string[]): Proposal {
  const { claims, subject } = recorded.evidence
  const kept = recorded.marked ? keptOf(claims, isMark) : claims
  const known = preset && preset.name !== 'custom' ? recommendFor(preset, kept) : undefined
  const notes = [...(known?.notes ?? [])]
  const conditions: Condition[] = [...(known?.conditions ?? narrowest(kept))]
  if (!known)
    notes.push(
      conditions.length > 0
        ? 'Nothing is known of this provider: the claims that are pinned look like ids; make sure that they stay and are nobody else’s.'
        : 'Nothing is known of this provider, and no claim looks like an id: make sure that the subject is never given to somebody else.',
    )
  for (const claim of further) {
    if (conditions.some((one) => one.claim === claim)) continue
    const parsed = parseClaim(claim)
    const pinned = 'path' in parsed ? pin(claim, claimAt(kept, parsed.path)) : undefined
    if (pinned) conditions.push(pinned)
    else notes.push(`${claim} is not pinned: the token has no such claim that was kept and can be compared.`)
  }
  const { match: kind, subject: pattern } = known ?? { match: 'exact' as const, subject }
  return { written: { subject: pattern, match: kind, conditions, cel: null, state: 'live' }, notes }
}
