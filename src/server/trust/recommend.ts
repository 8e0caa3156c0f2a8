/** From a token's claims, the narrowest policy that its preset recommends and that lets this token in. Pure. */
import type { JsonObject } from '../../protocol/json.ts'
import { claimAt, parseClaim } from './claim.ts'
import { compileCondition } from './condition.ts'
import { isGlob } from './glob.ts'
import { literal } from './literal.ts'
import type { Condition, MatchKind, Scalar } from './policy.ts'
import type { Preset, Recommended } from './preset.ts'

/** As the API takes it, with what the admin should know of it. */
export type Recommendation = {
  subject: string
  match: MatchKind
  conditions: readonly Condition[]
  /** Claims that the preset pins and that this token has not: without them the policy is wider than it should be. */
  missing: readonly string[]
  /** Where the policy is not what the preset recommends, and what to do about it; one sentence each. */
  notes: readonly string[]
}

/** What the preset leaves open is taken from the token; what it asks for and the token is not, becomes what the token is. */
export function recommendFor(preset: Preset, claims: JsonObject): Recommendation {
  const { recommended } = preset
  const conditions: Condition[] = []
  const missing: string[] = []
  const notes: string[] = []
  const subject = subjectFor(recommended, String(claims.sub ?? ''))
  if (subject.isOther)
    notes.push('The subject has another form than is usual here, so it is taken whole; it may never come again.')
  for (const wanted of recommended.conditions) {
    const value = claimed(wanted.claim, claims)
    if (value === undefined) {
      missing.push(wanted.claim)
      notes.push(`The token has no ${wanted.claim}${askOf(preset, wanted.claim)}.`)
    } else {
      conditions.push(isOpen(wanted) || !holds(wanted, claims) ? equals(wanted.claim, value) : wanted)
      if (!isOpen(wanted) && !holds(wanted, claims))
        notes.push(`${wanted.claim} is ${JSON.stringify(value)} in this token; ${wordsOf(wanted)} is recommended.`)
    }
  }
  for (const wanted of recommended.whenPresent) {
    const value = claimed(wanted.claim, claims)
    if (value !== undefined) conditions.push(isOpen(wanted) ? equals(wanted.claim, value) : wanted)
  }
  const { text, match } = subject
  return { subject: text, match, conditions, missing, notes }
}

type Subject = { text: string; match: MatchKind; isOther: boolean }

/** An exact subject is the token's own. Of a glob, the placeholders are filled from it and the stars stay. */
function subjectFor({ subject: template, match }: Recommended, sub: string): Subject {
  const whole = { text: sub, match: 'exact' as const, isOther: match === 'glob' }
  if (match === 'exact') return whole
  const parts = template.split(/(\{\w+\}|\*)/)
  // A placeholder never reaches across a colon, which is what most subjects are divided by.
  const pattern = parts.map((part) => (part === '*' ? '.*' : isPlaceholder(part) ? '([^:]+?)' : literal(part)))
  const found = new RegExp(`^${pattern.join('')}$`, 's').exec(sub)?.slice(1)
  // A star or a question mark of the token's own would open the pattern, and there is no way to write it as itself.
  if (!found || found.some(isGlob)) return whole
  return { text: parts.map((part) => (isPlaceholder(part) ? found.shift() : part)).join(''), match, isOther: false }
}

const isPlaceholder = (value: unknown) => typeof value === 'string' && /^\{\w+\}$/.test(value)

const isOpen = ({ value }: Condition) => isPlaceholder(value)

const equals = (claim: string, value: Scalar): Condition => ({ claim, op: 'equals', value })

/** What a condition can compare; undefined where the token says nothing, or what has parts. */
function claimed(claim: string, claims: JsonObject): Scalar | undefined {
  const parsed = parseClaim(claim)
  const value = 'path' in parsed ? claimAt(claims, parsed.path) : undefined
  return typeof value === 'object' || value === undefined ? undefined : value
}

function holds(condition: Condition, claims: JsonObject): boolean {
  const compiled = compileCondition(condition)
  return 'holds' in compiled && compiled.holds(claims)
}

function askOf({ claims }: Preset, name: string): string {
  const ask = claims.find(({ claim }) => claim === name)?.ask
  return ask === undefined ? '' : `: ${ask}`
}

const wordsOf = ({ op, value }: Condition) =>
  op === 'in' ? `one of ${value.map((one) => JSON.stringify(one)).join(', ')}` : JSON.stringify(value)
