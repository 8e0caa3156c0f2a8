/** A policy as lint reads it: what each claim is asked for, wherever that is written, and what is pinned by it. */
import type { AccessLevel } from '../../accounts/model.ts'
import type { CelFacts } from '../cel-facts.ts'
import { plainClaim } from '../claim.ts'
import { compileGlob } from '../glob.ts'
import type { Scalar, WrittenPolicy } from '../policy.ts'
import type { Preset } from '../preset.ts'
import { asksOfCel } from './cel.ts'
import { subjectClaims } from './subject-claims.ts'
import { isWild, type ReadSubject, readSubject, type Shape, shapes } from './subject-forms.ts'

/** `absent`, `not`: what must not be. Negation pins nothing. */
export type Ask = {
  claim: string
  op: 'equals' | 'in' | 'glob' | 'exists' | 'absent' | 'not'
  values: readonly Scalar[]
  /** In the expression, not in a condition. */
  inCel?: true
}

export type LintedIssuer = {
  url: string
  /** Other tenants have tokens of this very URL. */
  shared: boolean
  audiences: readonly string[]
}
export type LintedAccount = { access: AccessLevel; admin: boolean; tokenTtl: number }
/** Values of claims in tokens of late, of this policy's issuer and subject. */
export type ClaimsSeen = Readonly<Record<string, readonly Scalar[]>>

export type About = {
  issuer: LintedIssuer
  preset: Preset | undefined
  account: LintedAccount
  /** The account's other policies at the same issuer. */
  siblings?: readonly (WrittenPolicy & { name: string })[]
  /** Milliseconds since 1970. */
  usage?: { lastUsedAt: number | null; createdAt: number; now: number }
  claimsSeen?: ClaimsSeen
  cel?: CelFacts
}

export type Reading = About & {
  policy: WrittenPolicy
  shape: Shape | undefined
  /** In the form of its preset. */
  subject: ReadSubject | undefined
  /** The subject is a pattern with a wildcard in it. */
  isPattern: boolean
  asks: readonly Ask[]
  /** Claims with all the values that they may have. */
  pins: ReadonlyMap<string, readonly Scalar[]>
}

export function readPolicy(written: WrittenPolicy, about: About): Reading {
  const policy = plainly(written)
  const shape = about.preset && shapes[about.preset.name]
  const isGlob = policy.match === 'glob'
  const subject = shape && readSubject(policy.subject, isGlob, shape.forms)
  const asks = [...policy.conditions.map(askOf), ...(about.cel ? asksOfCel(about.cel) : [])]
  const pins = new Map<string, readonly Scalar[]>(subjectClaims(policy, about.preset, subject))
  const isPattern = isGlob && isWild(policy.subject)
  if (!isPattern && about.preset?.subject.immutable) pins.set('sub', [policy.subject])
  for (const ask of asks) {
    const values = pinnedBy(ask)
    const before = pins.get(ask.claim)
    // Of two conditions both have to hold: the narrower one counts.
    if (values && !(before && before.length <= values.length)) pins.set(ask.claim, values)
  }
  return { ...about, policy, shape, subject, isPattern, asks, pins }
}

/** Rules and presets call a claim of the top level by its name. */
function plainly(policy: WrittenPolicy): WrittenPolicy {
  if (policy.conditions.every(({ claim }) => plainClaim(claim) === claim)) return policy
  return { ...policy, conditions: policy.conditions.map((one) => ({ ...one, claim: plainClaim(one.claim) })) }
}

export function askOf(condition: WrittenPolicy['conditions'][number]): Ask {
  const { op, value } = condition
  const claim = plainClaim(condition.claim)
  if (op === 'exists') return { claim, op: value ? 'exists' : 'absent', values: [] }
  return { claim, op, values: op === 'in' ? value : [value] }
}

/** The values that a claim may have; undefined when they cannot be counted. A pattern pins nothing, nor does an empty text. */
function pinnedBy({ op, values }: Ask): readonly Scalar[] | undefined {
  if (values.length === 0 || values.includes('')) return undefined
  if (op === 'equals' || op === 'in') return values
  return op === 'glob' && !values.some((value) => isWild(String(value))) ? values : undefined
}

export const asksOf = ({ asks }: Pick<Reading, 'asks'>, ...claims: readonly string[]) =>
  asks.filter(({ claim }) => claims.includes(claim))

export const isPinned = ({ pins }: Reading, ...claims: readonly string[]) => claims.some((claim) => pins.has(claim))

/** Whether the expression asks something of a claim that cannot be told. */
export const isUnclear = ({ cel, pins }: Reading, ...claims: readonly string[]) =>
  claims.some((claim) => cel?.claims.includes(claim) === true && !pins.has(claim))

/** Whether a token with this value of the claim could pass, as far as this claim goes. */
export function admits(reading: Reading, claim: string, value: Scalar): boolean {
  const fromSubject = reading.pins.get(claim)
  if (fromSubject && !fromSubject.includes(value)) return false
  return asksOf(reading, claim).every((ask) => holds(ask, value))
}

export function holds({ op, values }: Ask, value: Scalar): boolean {
  if (op === 'equals' || op === 'in') return values.includes(value)
  if (op === 'glob') return typeof value === 'string' && globsOf(values).some((fits) => fits(value))
  return op === 'exists' || (op === 'not' && !values.includes(value))
}

const globs = new WeakMap<readonly Scalar[], readonly ((text: string) => boolean)[]>()
/** Compiled once, however many values they are asked for. */
function globsOf(values: readonly Scalar[]): readonly ((text: string) => boolean)[] {
  const known = globs.get(values) ?? values.map((one) => compileGlob(String(one)))
  globs.set(values, known)
  return known
}

/** Claims that identify a tenant, or something in it, by an id which is never given to another. */
export const immutableIds = ({ preset }: Pick<Reading, 'preset'>, pins?: 'tenant' | 'resource'): string[] =>
  (preset?.claims ?? [])
    .filter((claim) => claim.control === 'immutable' && claim.pins && (!pins || claim.pins === pins))
    .map(({ claim }) => claim)
/** Whether an id says which resource; then its name may be anything. */
export const isResourceFixed = (reading: Reading) => isPinned(reading, ...immutableIds(reading, 'resource'))
export const isTenantFixed = (reading: Reading) => isPinned(reading, ...immutableIds(reading))
