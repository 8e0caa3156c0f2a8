/**
 * From the claims of a token whose provider is not known, the narrowest policy that would let its like in: the subject as
 * it is, and what looks like an id that stays. Pure. What differs from run to run, or says who started it, is left out.
 */
import type { Json, JsonObject } from '../../protocol/json.ts'
import { compileCondition } from './condition.ts'
import type { Condition, Scalar } from './policy.ts'

const mostConditions = 8
const deepest = 3
const longest = 256

/** `repository_id`, `terraform_workspace_id`, `workspaceUuid`, `oid`, `tid`. */
const isId = /(?:^|[_.:/-])(?:id|uid|uuid|guid|oid|tid)$|[a-z0-9](?:Id|ID|Uid|UID|Uuid|UUID|Guid)$/
/** Of one run or one machine, of one token, or of who started it. */
const isPassing =
  /(?:^|[_.:/-])(?:jti|s|session|run|runner|job|build|step|stage|pipeline|task|attempt|execution|workflow_run|check|event|request|trace|span|commit|deployment|release|agent|machine|instance|node|host|pod|container|process|token|nonce|transaction|correlation|actor|user|sender|author|creator|login|upn)(?:[_.:/-]?(?:run|suite|job|build))?[_.:/-]?(?:id|uid|uuid|guid|oid|tid)$/i

export function narrowest(claims: JsonObject): Condition[] {
  return idsIn(claims, []).slice(0, mostConditions)
}

/** An equality for what is at the place; undefined where it cannot be compared. */
export function pin(claim: string, value: Json | undefined): Condition | undefined {
  if (value === undefined || value === null || typeof value === 'object') return undefined
  if (typeof value === 'string' && (value === '' || value.length > longest)) return undefined
  const condition: Condition = { claim, op: 'equals', value: value as Scalar }
  return 'holds' in compileCondition(condition) ? condition : undefined
}

function idsIn(claims: JsonObject, above: readonly string[]): Condition[] {
  return Object.keys(claims)
    .sort()
    .flatMap((name): Condition[] => {
      const path = [...above, name]
      const value = claims[name]
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return path.length < deepest ? idsIn(value as JsonObject, path) : []
      // A pod's id is below what says so.
      const whole = path.join('/').replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      if (!isId.test(name) || isPassing.test(whole)) return []
      const pinned = pin(claimOf(path), value)
      return pinned ? [pinned] : []
    })
}

/** A name of the top level as it is; else a JSON pointer (RFC 6901). */
function claimOf(path: readonly string[]): string {
  const [name = ''] = path
  if (path.length === 1 && !name.startsWith('/')) return name
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
