/** The policies of an account are alternatives: what one of them lets in, no other keeps out. */

import type { Json } from '../../../protocol/json.ts'
import type { Finding } from '../finding.ts'
import { compileGlob } from '../glob.ts'
import type { WrittenPolicy } from '../policy.ts'
import { type Ask, askOf, holds, type Reading } from './reading.ts'
import { quoted, say } from './say.ts'

/**
 * Characters and values that are compared for one policy, a millisecond or two of work: how many alternatives there are,
 * and how many tests on one claim, is for whoever writes them to say. Of what is left then, nothing is told.
 */
const most = 50_000
type Work = { left: number }

export function siblingFindings({ policy, siblings = [] }: Reading): Finding[] {
  const work = { left: most }
  const live = siblings.filter(({ state }) => state === 'live')
  const wider = live.find((sibling) => contains(sibling, policy, work))
  const narrower = live.find((sibling) => contains(policy, sibling, work) && !contains(sibling, policy, work))
  return [
    ...(wider
      ? [say('LR33', 'info', `whatever fits this policy fits the policy ${quoted(wider.name)} of the account already`)]
      : []),
    ...(narrower ? [tooWide(narrower)] : []),
  ]
}

function tooWide({ name, subject, match, conditions, cel }: WrittenPolicy & { name: string }): Finding {
  const message = `this policy lets in all that the policy ${quoted(name)} does, and more: the narrower one keeps nothing out`
  return say('LR32', 'warn', message, { subject, match, conditions: conditions as unknown as Json, cel })
}

/** Whether everything that fits `narrow` surely fits `wide`. Where that cannot be told, no. */
function contains(wide: WrittenPolicy, narrow: WrittenPolicy, work: Work): boolean {
  if (work.left < 0 || (wide.cel !== null && wide.cel !== narrow.cel)) return false
  if (!covers(wide, narrow, work)) return false
  const given = formOf(narrow)
  const { asks, texts } = formOf(wide)
  return asks.every((wanted, i) => given.set.has(texts[i] as string) || isImplied(wanted, given, work))
}

function covers(wide: WrittenPolicy, narrow: WrittenPolicy, work: Work): boolean {
  if (wide.match === 'exact') return narrow.match === 'exact' && wide.subject === narrow.subject
  const fits = (text: string) => {
    work.left -= text.length
    return compileGlob(wide.subject)(text)
  }
  if (narrow.match === 'exact') return fits(narrow.subject)
  if (wide.subject === narrow.subject) return true
  // A wildcard stands for nothing, for one character, and for many that no literal text has.
  return ['', '\u0001', '\u0001'.repeat(64)].every((run) =>
    fits(narrow.subject.replaceAll('*', run).replaceAll('?', '\u0001')),
  )
}

/** What a policy asks, and the same as text. */
type Form = { asks: readonly Ask[]; texts: readonly string[]; set: ReadonlySet<string> }
const forms = new WeakMap<WrittenPolicy['conditions'], Form>()

/** Once, of however many it is an alternative. */
function formOf({ conditions }: WrittenPolicy): Form {
  const known = forms.get(conditions)
  if (known) return known
  const texts = conditions.map((condition) => JSON.stringify(condition))
  const made = { asks: conditions.map(askOf), texts, set: new Set(texts) }
  forms.set(conditions, made)
  return made
}

function isImplied(wanted: Ask, narrow: Form, work: Work): boolean {
  return narrow.asks.some(({ claim, op, values }) => {
    work.left -= 1
    if (work.left < 0 || claim !== wanted.claim || (op !== 'equals' && op !== 'in') || values.length === 0) return false
    return values.every((value) => {
      work.left -= wanted.values.length + (wanted.op === 'glob' ? String(value).length : 0)
      return work.left >= 0 && holds(wanted, value)
    })
  })
}
