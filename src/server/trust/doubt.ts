/**
 * What a policy makes of claims of which a part was not kept: a test that would need that part is not made, and what it
 * would have needed is named. Nothing is guessed. Pure.
 */
import type { Json, JsonObject } from '../../protocol/json.ts'
import { readsOf } from './cel-claims.ts'
import { type ClaimPath, parseClaim } from './claim.ts'
import type { Candidate, CompiledPolicy } from './compile.ts'
import type { CompiledCondition } from './condition.ts'

/** `isMark`: whether a text stands for what was not kept. `marked`: whether there is any such text in the claims. */
export type KeptClaims = {
  claims: JsonObject
  marked: boolean
  hasHeader: boolean
  isMark(text: string): boolean
}

/** The candidate with the tests that can be made. It misses for certain when this one does; with `doubts`, it may when not. */
export type Doubted = { candidate: Candidate; doubts: readonly string[] }

export function withoutDoubt(candidate: Candidate, kept: KeptClaims): Doubted {
  const { policy } = candidate
  const needsHeader = policy.cel !== undefined && !kept.hasHeader
  if (!kept.marked && !needsHeader) return { candidate, doubts: [] }
  const doubts = new Set<string>()
  const conditions = policy.conditions.filter((condition) => {
    const sure = verdictOf(condition, kept)
    if (sure === 'unknown') doubts.add(condition.claim)
    return sure === 'asked'
  })
  const unread = policy.cel ? unreadBy(policy.cel.source, kept) : []
  for (const claim of unread) doubts.add(claim)
  if (doubts.size === 0 && conditions.length === policy.conditions.length) return { candidate, doubts: [] }
  const { cel, ...rest } = policy
  const sure = { ...rest, conditions, ...(cel && unread.length === 0 ? { cel } : {}) } as CompiledPolicy
  return { candidate: { ...candidate, policy: sure }, doubts: [...doubts] }
}

/** `asked`: it can be made as it is. `holds`: by what was kept of a list. */
function verdictOf(condition: CompiledCondition, { claims, isMark }: KeptClaims): 'asked' | 'holds' | 'unknown' {
  const parsed = parseClaim(condition.claim)
  if ('fault' in parsed) return 'asked'
  const found = reached(claims, parsed.path, isMark)
  if (found === undefined) return 'asked'
  if (found === 'mark') return 'unknown'
  if (condition.op === 'exists') return 'asked'
  // A list holds when any member does; whether none does cannot be said.
  const rest = found.filter((one) => typeof one !== 'string' || !isMark(one))
  return condition.holds(placed(parsed.path, rest)) ? 'holds' : 'unknown'
}

/** A mark at or above the place, a list there that has one, or undefined: what is there was kept. */
function reached(claims: JsonObject, path: ClaimPath, isMark: (text: string) => boolean): 'mark' | Json[] | undefined {
  let value: Json | undefined = claims
  for (const token of path) {
    if (typeof value !== 'object' || value === null) break
    value = Object.hasOwn(value, token) ? (value as JsonObject)[token] : undefined
  }
  if (typeof value === 'string') return isMark(value) ? 'mark' : undefined
  if (!Array.isArray(value)) return undefined
  return value.some((one) => typeof one === 'string' && isMark(one)) ? value : undefined
}

/** Claims that say this at the place, and nothing else. */
function placed([first = '', ...rest]: ClaimPath, value: Json): JsonObject {
  return { [first]: rest.length === 0 ? value : placed(rest, value) }
}

/** What of its claims an expression reads that was not kept. */
function unreadBy(source: string, { claims, hasHeader, isMark }: KeptClaims): string[] {
  const reads = readsOf(source)
  const missing = Object.keys(claims).filter(
    (name) => (reads.claims === 'any' || reads.claims.has(name)) && holdsMark(claims[name], isMark),
  )
  return reads.header && !hasHeader ? [...missing, 'header'] : missing
}

function holdsMark(value: Json | undefined, isMark: (text: string) => boolean): boolean {
  if (typeof value === 'string') return isMark(value)
  if (Array.isArray(value)) return value.some((one) => holdsMark(one, isMark))
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((one) => holdsMark(one, isMark))
}

/** The claims without what was not kept. */
export function keptOf(claims: JsonObject, isMark: (text: string) => boolean): JsonObject {
  const kept = (value: Json): Json => {
    if (Array.isArray(value)) return value.filter((one) => !isMarked(one)).map(kept)
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value as JsonObject).filter(([, inner]) => !isMarked(inner))
    return Object.fromEntries(members.map(([name, inner]): [string, Json] => [name, kept(inner as Json)]))
  }
  const isMarked = (value: Json | undefined) => typeof value === 'string' && isMark(value)
  return kept(claims) as JsonObject
}
