/** What the trail kept of an exchange whose token was proven, to be judged anew. Pure. */
import type { Json, JsonObject } from '../../../protocol/json.ts'
import type { Entry } from '../../audit/store.ts'
import type { Subject } from '../../trust/match.ts'
import { isMark, mayHoldMark } from '../redact.ts'

export type Recorded = {
  at: number
  requestId: string
  granted: boolean
  issuer: string
  audiences: readonly string[]
  /** `subject`, `claims`, `header` and `now` as they were then. */
  evidence: Pick<Subject, 'subject' | 'claims' | 'header' | 'now'>
  hasHeader: boolean
  /** Whether anything in it stands for what was not kept. */
  marked: boolean
  /** The service account that was asked for. */
  asked?: string
  /** The user that the token stood for. */
  user?: string
}

/** Refusals of a token that is genuine: it stood for nobody, or for several. */
const unmatched: ReadonlySet<string> = new Set(['no_account_matches', 'account_ambiguous'])
/** Refusals that come behind the match; of some of them only when the principal is known. */
const behindMatch: ReadonlySet<string> = new Set([
  'token_replayed',
  'scope_not_allowed',
  'target_unknown',
  'dpop_proof_invalid',
  'dpop_nonce_required',
  'dpop_proof_missing',
])

/** Undefined for what is no exchange of a proven subject token: what the token said is nobody's word then. */
export function recordedOf({ type, result, reason, at, requestId, actorId, body }: Entry): Recorded | undefined {
  if (type !== 'token.exchange') return undefined
  const isProven = result === 'granted' || unmatched.has(reason ?? '') || (behindMatch.has(reason ?? '') && actorId)
  if (!isProven) return undefined
  const { actor, detail } = JSON.parse(body) as { actor: JsonObject; detail: JsonObject }
  const { issuer, subject, audience, claims, header, requested_service_account: asked } = detail
  // An API key has no issuer.
  if (typeof issuer !== 'string' || typeof subject !== 'string' || !isObject(claims)) return undefined
  return {
    at,
    requestId,
    granted: result === 'granted',
    issuer,
    audiences: textsOf(audience),
    evidence: {
      subject,
      // The trail cuts a claim that is long, but never the subject.
      claims: { ...claims, sub: subject },
      header: headerOf(header),
      now: at,
    },
    hasHeader: isObject(header) && !Object.values(header).some((value) => typeof value === 'string' && isMark(value)),
    marked: mayHoldMark(body),
    ...(typeof asked === 'string' ? { asked } : {}),
    ...(actor.type === 'user' && typeof actor.name === 'string' ? { user: actor.name } : {}),
  }
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textsOf = (value: Json | undefined): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string')

function headerOf(header: Json | undefined): Subject['header'] {
  const { alg = '', kid, typ } = isObject(header) ? header : {}
  return {
    alg: String(alg),
    ...(typeof kid === 'string' ? { kid } : {}),
    ...(typeof typ === 'string' ? { typ } : {}),
  }
}
