/** Which claim a condition speaks of: a name of the token's top level, or a JSON pointer (RFC 6901). Pure. */
import type { Json, JsonObject } from '../../protocol/json.ts'

export type ClaimPath = readonly string[]

const longest = 256
const deepest = 8

/** Throws nothing: what cannot be a path is told as a sentence. */
export function parseClaim(claim: string): { path: ClaimPath } | { fault: string } {
  if (claim === '' || claim.length > longest) return { fault: `must be 1 to ${longest} characters` }
  if (!claim.startsWith('/')) return { path: [claim] }
  const tokens = claim.slice(1).split('/')
  if (tokens.length > deepest) return { fault: `a JSON pointer may lead at most ${deepest} members deep` }
  if (tokens.some((token) => /~(?![01])/.test(token)))
    return { fault: 'is no JSON pointer: ~ is written as ~0, and / within a name as ~1 (RFC 6901 §3)' }
  return { path: tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~')) }
}

/** A pointer to the top level is another spelling of a name. */
export function plainClaim(claim: string): string {
  const parsed = claim.startsWith('/') ? parseClaim(claim) : undefined
  const [name = '', ...below] = parsed && 'path' in parsed ? parsed.path : []
  return name === '' || name.startsWith('/') || below.length > 0 ? claim : name
}

/** What the token says there: own members alone; undefined when it says nothing, and for null, which says no more. */
export function claimAt(claims: JsonObject, path: ClaimPath): Json | undefined {
  const [name] = path
  // Nearly all are names, and this is what every condition does of every policy.
  if (path.length === 1)
    return Object.hasOwn(claims, name as string) ? (claims[name as string] ?? undefined) : undefined
  let value: Json | undefined = claims
  for (const token of path) {
    if (typeof value !== 'object' || value === null) return undefined
    if (Array.isArray(value)) {
      if (!/^(?:0|[1-9]\d{0,5})$/.test(token)) return undefined
      value = value[Number(token)]
    } else value = Object.hasOwn(value, token) ? (value as JsonObject)[token] : undefined
  }
  return value ?? undefined
}
