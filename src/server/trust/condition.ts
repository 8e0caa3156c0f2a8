/** One test on one claim, ready to be asked. Pure. Kinds are never coerced: `"true"` is not `true`, `"1"` is not `1`. */
import type { Json, JsonObject } from '../../protocol/json.ts'
import { claimAt, parseClaim } from './claim.ts'
import { compileGlob } from './glob.ts'
import type { Hint } from './hints.ts'
import type { Condition, Scalar } from './policy.ts'

export type CompiledCondition = Readonly<Condition> & {
  holds(claims: JsonObject): boolean
  /** What the token says; undefined when it says nothing. */
  received(claims: JsonObject): Json | undefined
  /** Where not all of the token is known: why this cannot be judged, when it cannot. */
  unknown?(claims: JsonObject): Hint[] | undefined
}

/** `path`: within the condition. */
export type ConditionFault = { path: 'claim' | 'value'; message: string }

export function compileCondition(condition: Condition): CompiledCondition | ConditionFault {
  const parsed = parseClaim(condition.claim)
  if ('fault' in parsed) return { path: 'claim', message: parsed.fault }
  const scalars = condition.op === 'in' ? condition.value : [condition.value]
  if (scalars.length === 0) return { path: 'value', message: 'must list at least one value' }
  if (!scalars.every(isExact)) {
    return { path: 'value', message: 'must be a whole number that JSON can tell from its neighbours (below 2^53)' }
  }
  const { path } = parsed
  const received = (claims: JsonObject) => claimAt(claims, path)
  const test = testOf(condition)
  return { ...condition, received, holds: (claims) => test(received(claims)) }
}

/** What a claim of many digits becomes when it is read may be its neighbour: it is equal to nothing. */
const isExact = (value: Json | undefined): boolean =>
  typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)

function testOf(condition: Condition): (claim: Json | undefined) => boolean {
  switch (condition.op) {
    case 'equals':
      return anyOf((member) => member === condition.value && isExact(member))
    case 'in': {
      const values = new Set<Json>(condition.value)
      return anyOf((member) => values.has(member) && isExact(member))
    }
    case 'glob': {
      const fits = compileGlob(condition.value)
      return anyOf((member) => typeof member === 'string' && fits(member))
    }
    case 'exists':
      // An empty list is there, and says nothing: it is neither.
      return condition.value ? anyOf(() => true) : (claim) => claim === undefined
  }
}

/** A claim that is a list is judged by its members, when any of them fits. */
const anyOf = (test: (member: Json) => boolean) => (claim: Json | undefined) =>
  claim !== undefined && (Array.isArray(claim) ? claim.some(test) : test(claim))

/** How a condition is written down for a person. */
export const expectedOf = ({ value }: Condition): Scalar | readonly Scalar[] => value
