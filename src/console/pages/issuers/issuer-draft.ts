import type { Issuer } from '../../wire/shapes.ts'
import { judgeKeysText } from './keys-text.ts'
import { issuerNameFor } from './url-forms.ts'

export type KeySource = 'discovery' | 'jwks_uri' | 'upload'
/** As it stands in the form. Numbers are texts while they are typed. */
export type IssuerDraft = {
  name: string
  issuer: string
  preset: string | null
  source: KeySource
  jwksUri: string
  keysText: string
  /** Null: the organization's own. */
  audiences: string[] | null
  /** Empty: all that are accepted anywhere. */
  algorithms: string[]
  clockTolerance: string
  maxTokenAge: string
  singleUse: boolean
  singleUseGrace: string
  boundLifetime: boolean
  extraAudiences: boolean
  users: boolean
  userClaim: 'sub' | 'email'
  overrideReason: string
}

export const emptyDraft: IssuerDraft = {
  name: '',
  issuer: '',
  preset: null,
  source: 'discovery',
  jwksUri: '',
  keysText: '',
  audiences: null,
  algorithms: [],
  clockTolerance: '',
  maxTokenAge: '',
  singleUse: false,
  singleUseGrace: '',
  boundLifetime: false,
  extraAudiences: false,
  users: false,
  userClaim: 'sub',
  overrideReason: '',
}

export type Body = Record<string, Json>
type Json = string | number | boolean | null | Json[] | { [member: string]: Json }

/** What is sent to register it: what the admin chose, and nothing that it is by itself. */
export function bodyOf(draft: IssuerDraft): Body {
  const issuer = draft.issuer.trim()
  return {
    name: draft.name.trim() || issuerNameFor(issuer, draft.preset),
    issuer,
    ...(draft.preset ? { preset: draft.preset } : {}),
    ...keysOf(draft),
    ...(draft.audiences ? { audiences: draft.audiences } : {}),
    ...(draft.algorithms.length > 0 ? { algorithms: draft.algorithms } : {}),
    ...numbers(draft),
    ...(draft.singleUse ? { single_use: true } : {}),
    ...(draft.boundLifetime ? { bound_lifetime: true } : {}),
    ...(draft.extraAudiences ? { extra_audiences: true } : {}),
    ...(draft.users ? { users: true, ...(draft.userClaim === 'email' ? { user_claim: 'email' } : {}) } : {}),
    ...(draft.overrideReason.trim() ? { override_reason: draft.overrideReason.trim() } : {}),
  }
}

/** Of keys that cannot be used nothing is said: the form does not let them go. */
export function keysOf({ source, jwksUri, keysText }: IssuerDraft): Body {
  if (source === 'jwks_uri') return jwksUri.trim() ? { jwks_uri: jwksUri.trim() } : {}
  const judged = source === 'upload' ? judgeKeysText(keysText) : undefined
  return judged?.ok ? { jwks: judged.jwks as unknown as Json } : {}
}

const number = (text: string): number | undefined => (/^\d+$/.test(text.trim()) ? Number(text) : undefined)
function numbers({ clockTolerance, maxTokenAge, singleUse, singleUseGrace }: IssuerDraft): Body {
  const said = {
    clock_tolerance: number(clockTolerance),
    max_token_age: number(maxTokenAge),
    single_use_grace: singleUse ? number(singleUseGrace) : undefined,
  }
  return Object.fromEntries(Object.entries(said).filter((entry): entry is [string, number] => entry[1] !== undefined))
}

/** The form of an issuer as it is, `all`: every algorithm that could be. */
export function draftOf(issuer: Issuer, all: readonly string[]): IssuerDraft {
  const hasAll = all.every((alg) => issuer.algorithms.includes(alg))
  return {
    name: issuer.name,
    issuer: issuer.issuer,
    preset: issuer.preset,
    source: issuer.jwks ? 'upload' : issuer.jwks_uri ? 'jwks_uri' : 'discovery',
    jwksUri: issuer.jwks_uri ?? '',
    keysText: issuer.jwks ? JSON.stringify(issuer.jwks, undefined, 2) : '',
    audiences: issuer.audiences,
    algorithms: hasAll ? [] : issuer.algorithms,
    clockTolerance: `${issuer.clock_tolerance}`,
    maxTokenAge: `${issuer.max_token_age}`,
    singleUse: issuer.single_use,
    singleUseGrace: `${issuer.single_use_grace}`,
    boundLifetime: issuer.bound_lifetime,
    extraAudiences: issuer.extra_audiences,
    users: issuer.users,
    userClaim: issuer.user_claim,
    overrideReason: '',
  }
}

/** What is sent to change it: a merge patch of what is different. What was emptied goes back to what it is by itself. */
export function patchOf(before: IssuerDraft, after: IssuerDraft): Body {
  const patch: Body = {}
  const say = (member: string, was: unknown, is: unknown, value: Json) => {
    if (JSON.stringify(was) !== JSON.stringify(is)) patch[member] = value
  }
  say('name', before.name, after.name.trim(), after.name.trim())
  say('preset', before.preset, after.preset, after.preset)
  say('audiences', before.audiences, after.audiences, after.audiences)
  say('algorithms', before.algorithms, after.algorithms, after.algorithms.length > 0 ? after.algorithms : null)
  say('clock_tolerance', before.clockTolerance, after.clockTolerance, number(after.clockTolerance) ?? null)
  say('max_token_age', before.maxTokenAge, after.maxTokenAge, number(after.maxTokenAge) ?? null)
  say('single_use', before.singleUse, after.singleUse, after.singleUse)
  say('single_use_grace', before.singleUseGrace, after.singleUseGrace, number(after.singleUseGrace) ?? null)
  say('bound_lifetime', before.boundLifetime, after.boundLifetime, after.boundLifetime)
  say('extra_audiences', before.extraAudiences, after.extraAudiences, after.extraAudiences)
  say('users', before.users, after.users, after.users)
  say('user_claim', before.userClaim, after.userClaim, after.userClaim)
  const [was, is] = [keysOf(before), keysOf(after)]
  say('jwks_uri', was.jwks_uri ?? null, is.jwks_uri ?? null, is.jwks_uri ?? null)
  say('jwks', was.jwks ?? null, is.jwks ?? null, is.jwks ?? null)
  if (Object.keys(patch).length > 0 && after.overrideReason.trim()) patch.override_reason = after.overrideReason.trim()
  return patch
}

/** What lint says would be better, put into the form; undefined where only the admin knows what has to stand there. */
export function bettered(draft: IssuerDraft, better: Record<string, unknown> = {}): IssuerDraft | undefined {
  const { audiences, single_use, algorithms, preset } = better
  if (JSON.stringify(better).includes('<')) return undefined
  const changes: Partial<IssuerDraft> = {
    ...(Array.isArray(audiences) ? { audiences: audiences.map(String) } : {}),
    ...(typeof single_use === 'boolean' ? { singleUse: single_use } : {}),
    ...(Array.isArray(algorithms) ? { algorithms: algorithms.map(String) } : {}),
    ...(typeof preset === 'string' ? { preset } : {}),
  }
  return Object.keys(changes).length > 0 ? { ...draft, ...changes } : undefined
}
