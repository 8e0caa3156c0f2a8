import type { Condition, Scalar, TrustPolicy } from '../../wire/shapes.ts'

/** Claims that a policy asks for, as far as they can be told from it: for the practice platform. */
export function claimsFor({
  subject,
  match,
  conditions,
}: Pick<TrustPolicy, 'subject' | 'match' | 'conditions'>): Record<string, unknown> {
  const claims: Record<string, unknown> = { sub: match === 'glob' ? filled(subject) : subject }
  for (const condition of conditions) {
    // A pointer into a claim would need the rest of it.
    if (condition.claim.startsWith('/')) continue
    const value = valueFor(condition)
    if (value !== undefined) claims[condition.claim] = value
  }
  return claims
}

function valueFor({ op, value }: Condition): Scalar | undefined {
  if (op === 'exists') return value === true ? 'practice' : undefined
  const [first] = Array.isArray(value) ? value : [value]
  return op === 'glob' ? filled(String(first)) : first
}

const filled = (glob: string) => glob.replaceAll('*', 'practice').replaceAll('?', 'x')
