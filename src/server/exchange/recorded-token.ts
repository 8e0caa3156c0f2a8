/**
 * A token as the trail remembers it. What was found then of its form and signature stays found; all else is judged by the
 * policies as they are now, at the time when it was shown.
 */
import type { Json, JsonObject } from '../../protocol/json.ts'
import { type SubjectAlgorithm, subjectAlgorithms } from '../../protocol/oauth.ts'
import type { AuditEvent } from '../audit/event.ts'
import { catalogue, type Reason } from '../errors/catalogue.ts'
import { Refusal } from '../errors/refusal.ts'
import { checkTime, subjectOf } from '../issuers/verify.ts'
import type { KeptClaims } from '../trust/doubt.ts'
import { asRecorded, leftOf } from '../trust/recorded.ts'
import { clockHints } from '../trust/token-hints.ts'
import { type Seen, type Source, timesTold } from './explain-source.ts'
import { StepFailed } from './explained.ts'
import { isMark } from './redact.ts'

const beforeSignature = new Set(['issuer_not_trusted', 'audience_not_accepted'])
const ofSignature = new Set(['algorithm_not_allowed', 'key_not_found', 'signature_invalid', 'issuer_unavailable'])
const ofTime = new Set([
  'expiry_missing',
  'issued_at_missing',
  'token_expired',
  'token_not_yet_valid',
  'token_issued_in_future',
  'token_too_old',
  'token_malformed',
])
const ofWhatWasAsked = new Set(['target_unknown', 'scope_not_allowed'])
const ofProof = new Set(['dpop_proof_invalid', 'dpop_nonce_required', 'dpop_proof_missing'])

/** Undefined for what showed no subject token, but an API key. `asks`: whether it is said anew what was asked for. */
export function recordedToken({ at, detail, reason: refusedFor }: AuditEvent, asks: boolean): Source | undefined {
  const reason = String(detail.refused_as ?? refusedFor ?? '')
  const time = Date.parse(at)
  const then = (told = {}) =>
    new StepFailed(
      new Refusal(reasonOf(reason), typeof detail.message === 'string' ? { says: detail.message } : {}),
      told,
    )
  const whole = typeof detail.claims === 'object' && detail.claims !== null
  const seen = seenOf(detail)
  // An API key has left nothing of a token.
  if (!seen && !ofReading(reason)) return undefined
  return {
    at: time,
    isHeld: false,
    async read() {
      if (!seen) throw then()
      const { issuer: iss, subject: sub } = seen
      return { value: seen, told: { message: `as it was shown at ${at}`, received: { iss, sub } } }
    },
    async signature() {
      if (beforeSignature.has(reason))
        throw then({
          message:
            'it was not checked then, and the token itself is not kept: explain the token, or let the workload try again',
        })
      if (ofSignature.has(reason)) throw then({ message: `as it was then: ${String(detail.message ?? reason)}` })
      return { message: 'held when it was shown' }
    },
    async time(of, registration) {
      const told = timesTold(of, registration, time / 1000)
      const { exp, iat, nbf } = of.claims
      // Of which not all is known stays what was found then.
      if (!whole || [exp, iat, nbf].some((one) => typeof one === 'string')) {
        if (ofTime.has(reason)) throw then({ message: `as it was then: ${String(detail.message ?? reason)}` })
        return { message: 'was within its time when it was shown' }
      }
      try {
        checkTime(of, registration, time / 1000)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const hints = clockHints(error.reason, of.claims, time / 1000, registration.clockTolerance)
        throw new StepFailed(error, { ...told, hints })
      }
      return { message: 'was within its time when it was shown', ...told }
    },
    candidate: (candidate) => (seen ? asRecorded(candidate, keptOf(seen, detail, whole), whole) : candidate),
    async believed(of, registration, org) {
      const { issuer, claims } = of
      const expiresAt = typeof claims.exp === 'number' ? claims.exp : time / 1000 + registration.maxTokenAge
      return { registration, org, issuer, claims, subject: subjectOf({ sub: of.subject }), expiresAt }
    },
    async singleUse({ singleUse }) {
      if (!singleUse) return { message: 'the issuer allows more than one use' }
      if (reason === 'token_replayed') throw then()
      return { message: 'was not used before' }
    },
    ...(ofProof.has(reason) || (ofWhatWasAsked.has(reason) && !asks)
      ? {
          refusedGrant: () => {
            throw then({ message: `as it was then: ${String(detail.message ?? reason)}` })
          },
        }
      : {}),
  }
}

/** What is on record of a token that could not be read is the reason alone. */
const ofReading = (reason: string) =>
  ['token_malformed', 'token_too_large', 'algorithm_not_allowed', 'critical_header', 'issuer_missing'].includes(reason)

const reasonOf = (reason: string): Reason => (Object.hasOwn(catalogue, reason) ? (reason as Reason) : 'token_malformed')

function seenOf({ issuer, audience, subject, claims, header }: JsonObject): Seen | undefined {
  if (typeof issuer !== 'string') return undefined
  const audiences = texts(audience)
  const sub = typeof subject === 'string' ? subject : ''
  const kept = typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? (claims as JsonObject) : {}
  return {
    issuer,
    audiences,
    subject: sub,
    header: headerOf(header),
    // Of these more is kept than of others.
    claims: { ...kept, ...leftOf(issuer, sub, audience) },
  }
}

function keptOf({ claims }: Seen, { header }: JsonObject, marked: boolean): KeptClaims {
  const texts = typeof header === 'object' && header !== null ? Object.values(header) : ['[cut]']
  return { claims, marked, isMark, hasHeader: !texts.some((text) => typeof text === 'string' && isMark(text)) }
}

const texts = (value: Json | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

function headerOf(header: Json | undefined): Seen['header'] {
  const { alg, kid, typ } = (typeof header === 'object' && header !== null ? header : {}) as JsonObject
  return {
    alg: subjectAlgorithms.find((known) => known === alg) ?? ('RS256' satisfies SubjectAlgorithm),
    ...(typeof kid === 'string' ? { kid } : {}),
    ...(typeof typ === 'string' ? { typ } : {}),
  }
}
