/** Where the token comes from that is explained: it was pasted, or it is what the trail remembers of an exchange. */
import type { JsonObject } from '../../protocol/json.ts'
import type { Registration } from '../issuers/model.ts'
import type { ReadToken } from '../issuers/read.ts'
import type { VerifiedToken } from '../issuers/verify.ts'
import type { Candidate } from '../trust/compile.ts'
import type { Told } from './explained.ts'

/** `subject`: empty where the token has none. */
export type Seen = Pick<ReadToken, 'issuer' | 'audiences' | 'header'> & { claims: JsonObject; subject: string }
/** What of a verified token the later steps ask for. */
export type Believed = Pick<VerifiedToken, 'registration' | 'org' | 'issuer' | 'subject' | 'claims' | 'expiresAt'>

/** Each throws Refusal or StepFailed when the step fails. */
export type Source = {
  /** ms since 1970: when the token is, or was, shown. */
  at: number
  read(): Promise<{ value: Seen; told: Told }>
  signature(registration: Registration): Promise<Told>
  time(seen: Seen, registration: Registration): Promise<Told>
  /** A policy as far as it can be judged on what is known of the token. */
  candidate(candidate: Candidate): Candidate
  /** Signature and times hold. Throws Refusal('subject_missing'). */
  believed(seen: Seen, registration: Registration, org: string): Promise<Believed>
  singleUse(registration: Registration): Promise<Told>
  /** Why the grant was refused then, where it is not known what was asked for. */
  refusedGrant?: () => void
  /** Whether whoever asks holds the token: they could exchange it, with no proof of possession. */
  isHeld: boolean
}

/** The registration's settings on time, and what the token says. `now`: seconds. */
export function timesTold({ claims }: Pick<Seen, 'claims'>, registration: Registration, now: number) {
  const { exp, nbf, iat } = claims
  const times = {
    ...(exp === undefined ? {} : { exp }),
    ...(nbf === undefined ? {} : { nbf }),
    ...(iat === undefined ? {} : { iat }),
  }
  const { clockTolerance: clock_tolerance, maxTokenAge: max_token_age } = registration
  return { expected: { now: Math.floor(now), clock_tolerance, max_token_age }, received: times }
}
