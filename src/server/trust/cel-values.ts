import type { CelMap, CelValue } from '@bufbuild/cel'
import type { Json, JsonObject } from '../../protocol/json.ts'
import { limits } from './cel-limits.ts'

/** The library's constructors, that are not there before it is loaded. */
export type Made = { map: (entries: Map<string, CelValue>) => CelMap; list: (members: CelValue[]) => CelValue }

/**
 * JSON as CEL values: an integer that JavaScript holds exactly is an `int`, any other number a `double`; text, booleans
 * and null are what they are. Nothing is coerced: `"5"` is not 5. Own members alone, so that `__proto__` is a claim when
 * the token has one. Throws an Error with one sentence when the claims are beyond the limits.
 */
export function celClaims(claims: JsonObject, made: Made): CelMap {
  let size = 0
  const charge = (characters: number) => {
    size += characters
    if (size > limits.claims) throw new Error(`the claims are larger than ${limits.claims} characters`)
  }
  const object = (members: JsonObject, depth: number) => {
    charge(2)
    if (depth > limits.claimsDepth) throw new Error(`the claims nest deeper than ${limits.claimsDepth}`)
    const entries = new Map<string, CelValue>()
    for (const name of Object.keys(members)) {
      charge(name.length + 4)
      entries.set(name, value(members[name] as Json, depth))
    }
    return made.map(entries)
  }
  const value = (json: Json, depth: number): CelValue => {
    if (typeof json === 'string') {
      charge(json.length + 2)
      return json
    }
    if (typeof json === 'number') {
      charge(8)
      return Number.isSafeInteger(json) ? BigInt(json) : json
    }
    if (typeof json !== 'object' || json === null) {
      charge(4)
      return json
    }
    if (!Array.isArray(json)) return object(json as JsonObject, depth + 1)
    charge(2)
    if (depth >= limits.claimsDepth) throw new Error(`the claims nest deeper than ${limits.claimsDepth}`)
    if (json.length > limits.list) throw new Error(`a list in the claims has more than ${limits.list} members`)
    return made.list(json.map((member) => value(member, depth + 1)))
  }
  return object(claims, 1)
}
