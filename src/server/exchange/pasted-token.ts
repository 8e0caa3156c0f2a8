/** A token that is shown to be explained: read and verified as the exchange would, and claimed by nobody. */
import { Refusal } from '../errors/refusal.ts'
import type { Keys } from '../issuers/keys.ts'
import type { Registration } from '../issuers/model.ts'
import { type ReadToken, readToken } from '../issuers/read.ts'
import { checkSignature, checkTime, type VerifiedToken, type Verify } from '../issuers/verify.ts'
import type { ReplayGuard } from '../tokens/replay.ts'
import { clockHints } from '../trust/token-hints.ts'
import { type Source, timesTold } from './explain-source.ts'
import { StepFailed } from './explained.ts'
import { redactedText } from './redact.ts'

type Needs = { verify: Verify; keys: Pick<Keys, 'find'>; replay: Pick<ReplayGuard, 'isUsed'>; now: () => number }

export function pastedToken(token: string, { verify, keys, replay, now }: Needs): Source {
  let read: ReadToken
  let verified: VerifiedToken | undefined
  return {
    at: now(),
    isHeld: true,
    async read() {
      read = readToken(token)
      const { issuer, audiences, header, claims } = read
      const subject = typeof claims.sub === 'string' ? claims.sub : ''
      return {
        value: { issuer, audiences, header, claims, subject },
        told: {
          message: 'a well-formed signed JWT',
          received: { iss: redactedText(issuer), sub: redactedText(subject) },
        },
      }
    },
    async signature(registration) {
      const { alg, kid } = read.header
      const received = { alg, ...(kid === undefined ? {} : { kid: redactedText(kid, 128) }) }
      try {
        await checkSignature(read, registration, keys)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const isAlgorithm = error.reason === 'algorithm_not_allowed'
        throw new StepFailed(error, { received, ...(isAlgorithm ? { expected: registration.algorithms } : {}) })
      }
      return { message: `signed by a key of the issuer (${alg})`, received }
    },
    async time(seen, registration) {
      const seconds = now() / 1000
      const told = timesTold(seen, registration, seconds)
      try {
        checkTime(seen, registration, seconds)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const hints = clockHints(error.reason, seen.claims, seconds, registration.clockTolerance)
        throw new StepFailed(error, { ...told, hints })
      }
      return { message: 'within its time', ...told }
    },
    candidate: (candidate) => candidate,
    async believed() {
      verified = await verify(read)
      return verified
    },
    async singleUse(registration: Registration) {
      if (!registration.singleUse) return { message: 'the issuer allows more than one use' }
      if (verified && (await replay.isUsed(verified))) throw new Refusal('token_replayed')
      return { message: 'not used before; this does not use it' }
    },
  }
}
