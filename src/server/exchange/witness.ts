/**
 * Sees an exchange through: gathers what becomes known, writes it to the trail, and only then lets the answer go.
 * Rules: a token never leaves without its record; a refusal is recorded too; what could not be recorded is recorded
 * with the next batch, and in the log at once.
 */
import type { JsonObject } from '../../protocol/json.ts'
import type { GrantType, TokenResponse } from '../../protocol/oauth.ts'
import { addressKey, type Failures } from '../accounts/failures.ts'
import { teamOf } from '../accounts/principal.ts'
import type { Deed } from '../audit/event.ts'
import type { Origin } from '../audit/origin.ts'
import { Doubtful } from '../audit/recorder.ts'
import type { Trail } from '../audit/trail.ts'
import { Refusal, StorageUnavailable } from '../errors/refusal.ts'
import type { Minted } from '../tokens/mint.ts'
import { detailOf, type Known } from './detail.ts'
import { isGrantType } from './parse.ts'
import { type Step, unwatched } from './step.ts'

/** Remembers what is known by now. `again`: the decision is made anew, and whom it was for is not known any more. */
export type Note = ((known: Known) => void) & { readonly origin: Origin; again(): void }
export type Witness = (caller: Origin, work: (note: Note) => Promise<Minted>) => Promise<TokenResponse>

type Needs = {
  trail: Pick<Trail, 'append'>
  failures: Failures
  now: () => number
  /** For what cannot be recorded now, and why: to be recorded with the next batch, and told in the log at once. */
  keep: (deed: Deed, cause?: unknown) => void
  /** Hears of every account that was granted a token; nobody waits for it. */
  usedAccount?: (accountId: string, now: number) => void
  step?: Step
}

/** The refusal as the caller gets it, with the grant type that decides its name on the wire. */
export class ExchangeRefused extends Error {
  override readonly name = 'ExchangeRefused'
  readonly refusal: Refusal
  readonly grantType: GrantType | undefined
  constructor(refusal: Refusal, grantType = '') {
    super(refusal.reason, { cause: refusal })
    this.refusal = refusal
    this.grantType = isGrantType(grantType) ? grantType : undefined
  }
}

export function createWitness({ trail, failures, now, keep, usedAccount, step = unwatched }: Needs): Witness {
  const append = step('record', trail.append)
  const limited = async (refusal: Refusal, { client }: Origin, known: Known): Promise<Refusal> => {
    if (retryable.has(refusal.reason)) return refusal
    const issuer = known.token?.registration.id ?? String(refusal.detail.issuerId ?? '')
    const over = await failures.count(`${addressKey(client.ip)} ${issuer}`)
    return over ? new Refusal('rate_limited', { detail: { ...refusal.detail, refused_as: refusal.reason } }) : refusal
  }

  return async (caller, work) => {
    const known: Known = {}
    const note = Object.assign((more: Known) => void Object.assign(known, more), {
      origin: caller,
      again() {
        for (const name of ['token', 'principal', 'policy', 'grant', 'drafts'] as const) delete known[name]
      },
    })
    const at = now()
    try {
      for (let tries = 0; ; tries++) {
        const minted = await work(note)
        await append(deedOf(caller, at, known, { minted })).catch((error: unknown) => {
          // It is not handed out; should it be on record, then so is that.
          if (error instanceof Doubtful) error.follow('kept', withdrawalOf(caller, now(), known, minted))
          throw error
        })
        const late = minted.late?.()
        if (!late) {
          if (known.principal?.type === 'service_account') usedAccount?.(known.principal.id, at)
          return minted.response
        }
        // On record as granted, but not handed out: that is on record too, and it is decided anew.
        const withdrawal = withdrawalOf(caller, now(), known, minted)
        await append(withdrawal).catch((error: unknown) => {
          keep(withdrawal, error)
          throw error
        })
        if (tries === maxTries) throw new StorageUnavailable(new Error('something changed at every try'))
        await late
      }
    } catch (error) {
      // Whatever went wrong behind the claim, the token has bought nothing.
      known.forgive?.()
      if (!(error instanceof Refusal)) throw error
      const refusal = await limited(error, caller, known)
      const deed = deedOf(caller, at, known, { refusal })
      if (refusal instanceof StorageUnavailable) keep(deed)
      else
        await append(deed).catch((cause: unknown) => {
          keep(deed, cause)
          throw cause instanceof Refusal ? new ExchangeRefused(cause, known.grantType) : cause
        })
      throw new ExchangeRefused(refusal, known.grantType)
    }
  }
}

/** Tokens that may be withdrawn before they are handed out: other replicas change things less often than that. */
const maxTries = 5

/** What may succeed when tried again is nobody's guess. */
const retryable = new Set(['issuer_unavailable', 'storage_unavailable', 'rate_limited', 'dpop_nonce_required'])

/**
 * `token.exchange` as the contract lists its detail. A refusal is filed with the organization that the token names.
 * Members are given in the order in which they are kept (RFC 8785): so they need not be sorted.
 */
function deedOf(caller: Origin, at: number, known: Known, result: { minted?: Minted; refusal?: Refusal }): Deed {
  const { minted, refusal } = result
  const place = placeOf(known, refusal)
  // What comes too often is on record too, but without what would fill the disk.
  const withClaims = place.orgId !== undefined && refusal?.reason !== 'rate_limited'
  const detail = detailOf(known, withClaims, minted)
  const { principal } = known
  const who = principal && { id: principal.id, name: principal.name, type: principal.type }
  const subject = detail.subject
  return {
    at,
    type: 'token.exchange',
    result: minted ? 'granted' : 'refused',
    ...(refusal ? { reason: refusal.reason } : {}),
    request_id: caller.requestId,
    ...place,
    actor: who ?? { ...(typeof subject === 'string' ? { name: subject } : {}), type: 'workload' },
    ...(who ? { target: who } : {}),
    client: caller.client,
    detail: refusal ? { ...detail, ...jsonOf(refusal.detail), message: refusal.says } : detail,
  }
}

/** Of a token that was on record, and then not handed out since something of its organization had changed. */
function withdrawalOf(caller: Origin, at: number, known: Known, { claims }: Minted): Deed {
  return {
    at,
    type: 'token.withdraw',
    result: 'done',
    request_id: caller.requestId,
    ...placeOf(known, undefined),
    actor: { type: 'system' },
    target: { type: 'access_token', id: claims.jti },
    client: caller.client,
    detail: {},
  }
}

/** Whose trail it belongs to: the principal's, the verified token's, or the one that its issuer and audience name. */
function placeOf(
  { principal, token }: Known,
  refusal: Refusal | undefined,
): Pick<Deed, 'orgId' | 'org' | 'team' | 'teamId'> {
  if (principal) {
    const { orgId, org } = principal
    return { orgId, org, ...teamOf(principal) }
  }
  if (token) return { orgId: token.registration.orgId, org: token.org }
  const { orgId, org } = refusal?.detail ?? {}
  return typeof orgId === 'string' && typeof org === 'string' ? { orgId, org } : {}
}

function jsonOf(detail: Readonly<Record<string, unknown>>): JsonObject {
  const { orgId: _, org: __, ...rest } = detail
  return JSON.parse(JSON.stringify(rest)) as JsonObject
}
