/**
 * Where very many policies name one subject, nearly all of them differ in one claim that they compare: those whose value
 * for it is another one need not be asked. Pure. What is left holds every policy that fits.
 */
import type { JsonObject } from '../../protocol/json.ts'
import type { Candidate } from './compile.ts'
import type { CompiledCondition } from './condition.ts'

/** `all`: every candidate for a subject, by id. `plausible`: those of them that these claims may fit. */
export type Candidates = {
  readonly all: readonly Candidate[]
  plausible(claims: JsonObject): readonly Candidate[]
}

/** Fewer are asked more quickly than sorted out. */
const few = 16

export function narrowing(all: readonly Candidate[]): Candidates {
  const claim = all.length > few ? mostTelling(all) : undefined
  if (claim === undefined) return { all, plausible: () => all }
  const byValue = new Map<unknown, Candidate[]>()
  const others: Candidate[] = []
  let received: CompiledCondition['received'] | undefined
  for (const candidate of all) {
    const condition = comparisons(candidate).find((one) => one.claim === claim)
    if (!condition) {
      others.push(candidate)
      continue
    }
    received ??= condition.received
    const same = byValue.get(condition.value)
    if (same) same.push(candidate)
    else byValue.set(condition.value, [candidate])
  }
  return {
    all,
    plausible(claims) {
      const value = received?.(claims)
      const values = Array.isArray(value) ? [...new Set(value)] : [value]
      return [...values.flatMap((one) => byValue.get(one) ?? []), ...others]
    },
  }
}

const comparisons = ({ policy: { conditions } }: Candidate) => conditions.filter(({ op }) => op === 'equals')

/** The claim that is compared with the most values; undefined when there is none that tells them apart. */
function mostTelling(all: readonly Candidate[]): string | undefined {
  const values = new Map<string, Set<unknown>>()
  for (const candidate of all)
    for (const { claim, value } of comparisons(candidate)) {
      const known = values.get(claim)
      if (known) known.add(value)
      else values.set(claim, new Set([value]))
    }
  const [claim, most] = [...values].reduce((best, one) => (one[1].size > best[1].size ? one : best), ['', new Set()])
  return most.size > 1 ? claim : undefined
}
