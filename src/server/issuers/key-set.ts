/** The usable keys of one issuer, and which of them a token may be tried with. Pure. */
import type { SubjectAlgorithm } from '../../protocol/oauth.ts'
import { type Judgement, judgeKey, type UsableKey } from './jwk.ts'

export type KeySet = {
  readonly keys: readonly UsableKey[]
  /** Keys that were left out, and why. */
  readonly skipped: readonly { readonly kid?: string; readonly why: string }[]
  has(kid: string): boolean
  /**
   * Keys to try: all that bear the kid and fit the algorithm (at most 4). A token without kid is tried with a key only
   * if exactly one fits.
   */
  find(kid: string | undefined, alg: SubjectAlgorithm): readonly UsableKey[]
}

export type TakenKeySet = { ok: true; set: KeySet } | { ok: false; why: string }

export const maxKeys = 100
const maxTries = 4

/**
 * Takes in a JWK set (RFC 7517 §5). Of a fetched one, unfit keys are skipped; an uploaded one must have none. `why` is
 * the end of a sentence that begins with the set. Never throws.
 */
export function takeKeySet(value: unknown, { uploaded }: { uploaded: boolean }): TakenKeySet {
  const jwks = typeof value === 'object' && value !== null && Object.hasOwn(value, 'keys') ? value : undefined
  const list: unknown = jwks && (jwks as { keys: unknown }).keys
  if (!Array.isArray(list)) return { ok: false, why: 'is not a JSON object with a list of keys' }
  if (list.length === 0) return { ok: false, why: 'holds no key' }
  if (list.length > maxKeys) return { ok: false, why: `holds more than ${maxKeys} keys` }

  const keys: UsableKey[] = []
  const skipped: { kid?: string; why: string }[] = []
  for (const [index, jwk] of list.entries()) {
    const judged = amongOthers(judgeKey(jwk), keys, uploaded)
    if (judged.ok) {
      const { ok: _, ...key } = judged
      keys.push(Object.freeze(key))
      continue
    }
    const kid = kidOf(jwk)
    if (uploaded) return { ok: false, why: `has an unfit key, ${kid ?? `number ${index + 1}`}: ${judged.why}` }
    skipped.push({ why: judged.why, ...(kid !== undefined && { kid }) })
  }
  const why = skipped[0]?.why
  if (keys.length === 0) return { ok: false, why: `holds no key that can be used here: of the first, ${why}` }
  return { ok: true, set: keySet(keys, skipped) }
}

/**
 * RFC 7517 §4.5: a kid should be of one key alone, or of keys of different kinds. Of those that one token could mean, an
 * uploaded set may have one; of a fetched one, which is not the admin's to mend, a few are tried.
 */
function amongOthers(judged: Judgement, others: readonly UsableKey[], uploaded: boolean): Judgement {
  if (!judged.ok || judged.kid === undefined) return judged
  const { kid, key, algorithms } = judged
  const alike = others.filter((other) => other.kid === kid && other.algorithms.some((alg) => algorithms.includes(alg)))
  if (alike.some((other) => other.key.equals(key))) return { ok: false, why: 'it stands in the set twice' }
  if (uploaded && alike.length > 0) return { ok: false, why: 'its kid is of another key of the set, too' }
  if (alike.length >= maxTries) return { ok: false, why: `its kid is of ${maxTries} other keys of the set, too` }
  return judged
}

function kidOf(jwk: unknown): string | undefined {
  const kid = typeof jwk === 'object' && jwk !== null && 'kid' in jwk ? jwk.kid : undefined
  return typeof kid === 'string' ? kid.slice(0, 120) : undefined
}

function keySet(keys: readonly UsableKey[], skipped: KeySet['skipped']): KeySet {
  const byKid = Map.groupBy(keys, (key) => key.kid)
  const none: readonly UsableKey[] = []
  return Object.freeze({
    keys: Object.freeze(keys),
    skipped: Object.freeze(skipped),
    has: (kid: string) => byKid.has(kid),
    find(kid: string | undefined, alg: SubjectAlgorithm) {
      const fitting = (kid === undefined ? keys : (byKid.get(kid) ?? none)).filter((key) =>
        key.algorithms.includes(alg),
      )
      if (kid === undefined) return fitting.length === 1 ? fitting : none
      return fitting.slice(0, maxTries)
    },
  })
}
