/** Who is asking: a subject token is read, verified and matched to an account; an API key is looked up. */

import type { AccessLevel } from '../accounts/model.ts'
import type { Principal } from '../accounts/principal.ts'
import type { RecognizeKey } from '../accounts/recognize.ts'
import type { AllLookups } from '../admin/store.ts'
import { Refusal } from '../errors/refusal.ts'
import { fittingRegistrations } from '../issuers/find-registration.ts'
import { namedIn, type ReadToken, readToken } from '../issuers/read.ts'
import { attributed, type VerifiedToken, type Verify } from '../issuers/verify.ts'
import type { Candidate } from '../trust/compile.ts'
import { type Decision, matchInTurns } from '../trust/match.ts'
import type { Ask } from './parse.ts'
import { personOf } from './person.ts'
import { type Step, unwatched } from './step.ts'
import { createTurns } from './turns.ts'
import type { Note } from './witness.ts'

/** `token` is there when a subject token was the proof. `tokenTtl` in seconds. `dpopBound`: gets bound tokens alone. */
export type Proven = {
  principal: Principal
  access: AccessLevel
  tokenTtl: number
  dpopBound: boolean
  token?: VerifiedToken
}
export type Prove = (ask: Ask, note: Note) => Promise<Proven>
type Needs = {
  verify: Verify
  lookups: Pick<AllLookups, 'candidates' | 'usersNamed' | 'fitting' | 'registration'>
  recognizeKey: RecognizeKey
  /** Milliseconds since 1970. */
  now: () => number
  /** Milliseconds of a clock that only goes forward. */
  stopwatch: () => number
  step?: Step
}

export function createProve({ lookups, now, stopwatch, step = unwatched, ...needs }: Needs): Prove {
  const [verify, recognizeKey] = [step('verify', needs.verify), step('verify', needs.recognizeKey)]
  /** Exchanges that take long wait for each other, and nobody else for them. */
  const turn = createTurns()
  const matched = step('match', async (token: VerifiedToken, header: ReadToken['header'], ask: Ask) => {
    const { registration, subject, claims } = token
    const { id: registrationId, orgId } = registration
    const candidates = await lookups.candidates(registrationId, subject)
    const shown = { registrationId, orgId, subject, claims, header, now: now() }
    const plausible = candidates.plausible(claims)
    const decision = await matchInTurns(plausible, shown, ask, stopwatch, turn)
    // The trail gets every trial of a refusal.
    if (decision.outcome === 'granted' || plausible.length === candidates.all.length) return decision
    return matchInTurns(candidates.all, shown, ask, stopwatch, turn)
  })
  /** A token refused for its form is on record with the organization that it names all the same. */
  const read = async (token: string): Promise<ReadToken> => {
    try {
      return readToken(token)
    } catch (error) {
      const named = error instanceof Refusal ? namedIn(token) : undefined
      const [found, ...others] = named ? await fittingRegistrations(lookups, named) : []
      throw found && others.length === 0 ? attributed(error as Refusal, found) : error
    }
  }
  return async (ask, note) => {
    if (ask.proof.kind === 'api_key') {
      const { principal, ...given } = await recognizeKey(ask.proof.secret, note.origin)
      note({ principal })
      // A key is of one account: naming another is asking for what it cannot give.
      if (ask.serviceAccount !== undefined && !isNamed(principal, ask.serviceAccount))
        throw new Refusal('no_account_matches', {
          says: 'the API key is not of the service_account that was asked for',
        })
      return { principal, ...given }
    }
    if (ask.serviceAccount !== undefined) note({ asked: ask.serviceAccount })
    const subjectToken = await read(ask.proof.secret)
    note({ read: subjectToken })
    const token = await verify(subjectToken)
    note({ token })
    const decision = await matched(token, subjectToken.header, ask)
    if (decision.drafts.length > 0) note({ drafts: decision.drafts })
    if (decision.outcome === 'granted') {
      const proven = provenBy(decision.candidate, token)
      note({ principal: proven.principal, policy: decision.candidate.policy.id })
      return { ...proven, token }
    }
    const person = mayBePerson(decision, ask) ? await personOf(token, lookups) : undefined
    if (!person) throw new Refusal(decision.reason, { detail: { trials: decision.trials.slice(0, 20) } })
    note({ principal: person.principal })
    return { ...person, token }
  }
}

/** The account that a policy leads to, as the one who asks. */
export function provenBy(
  { account, policy }: Candidate,
  { issuer, subject }: Pick<VerifiedToken, 'issuer' | 'subject'>,
) {
  const principal: Principal = {
    id: account.id,
    type: 'service_account',
    name: account.name,
    orgId: account.orgId,
    org: account.org,
    team: account.team,
    teamId: account.teamId,
    method: 'federated',
    idp: { iss: issuer, sub: subject },
    via: [policy.id, policy.issuerId],
  }
  const { access, tokenTtl, dpopBound } = account
  return { principal, access, tokenTtl, dpopBound }
}

/** Only where no account is meant: neither by the request, nor by a policy of one that is disabled, which refuses. */
export const mayBePerson = ({ trials }: Decision, { serviceAccount }: Pick<Ask, 'serviceAccount'>) =>
  serviceAccount === undefined &&
  trials.every(({ miss, draft, late }) => draft || (miss !== undefined && miss !== 'disabled' && !late))

const isNamed = ({ type, id, team, name }: Principal, asked: string) =>
  type === 'service_account' && (asked === id || asked === `${team}/${name}`)
