/** A token, or claims without one, where there is nobody to ask for keys: read and judged, and never verified. */
import type { JsonObject } from '../../protocol/json.ts'
import { parseStrictJson } from '../../protocol/strict-json.ts'
import { Refusal } from '../errors/refusal.ts'
import { type ReadToken, readToken } from '../issuers/read.ts'
import { checkTime, subjectOf } from '../issuers/verify.ts'
import { clockHints } from '../trust/token-hints.ts'
import { type Source, timesTold } from './explain-source.ts'
import { StepFailed } from './explained.ts'

export function offlineToken(shown: string, now: () => number): Source {
  return {
    at: now(),
    // Whoever has a file has all of it; a proof of possession is for the service.
    isHeld: false,
    async read() {
      const isClaims = shown.startsWith('{')
      const { issuer, audiences, header, claims } = isClaims ? readClaims(shown) : readToken(shown)
      const subject = typeof claims.sub === 'string' ? claims.sub : ''
      const message = isClaims ? 'claims, without a token' : 'a well-formed signed JWT'
      return {
        value: { issuer, audiences, header, claims, subject },
        told: { message, received: { iss: issuer, sub: subject } },
      }
    },
    signature: async () => ({ message: 'not checked offline', isSkipped: true }),
    async time(seen, registration) {
      if (seen.claims.exp === undefined) return { message: 'the claims have no exp', isSkipped: true }
      const told = timesTold(seen, registration, now() / 1000)
      try {
        checkTime(seen, registration, now() / 1000)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const hints = clockHints(error.reason, seen.claims, now() / 1000, registration.clockTolerance)
        throw new StepFailed(error, { ...told, hints })
      }
      return { message: 'within its time', ...told }
    },
    candidate: (candidate) => candidate,
    async believed({ issuer, claims }, registration, org) {
      const expiresAt = typeof claims.exp === 'number' ? claims.exp : now() / 1000 + registration.maxTokenAge
      return { registration, org, issuer, claims, subject: subjectOf(claims), expiresAt }
    },
    singleUse: async ({ singleUse }) =>
      singleUse
        ? { message: 'not known offline', isSkipped: true }
        : { message: 'the issuer allows more than one use' },
  }
}

/** Throws Refusal. */
function readClaims(text: string): Pick<ReadToken, 'issuer' | 'audiences' | 'header' | 'claims'> {
  const read = parseStrictJson(text)
  if (!read.ok) throw new Refusal('token_malformed', { says: 'the claims are no JSON object that repeats no member' })
  const claims: JsonObject = read.value
  const { iss, aud } = claims
  if (typeof iss !== 'string' || iss === '') throw new Refusal('issuer_missing')
  const audiences = (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string')
  return { issuer: iss, audiences, header: { alg: 'RS256' }, claims }
}
