/** The policies of an account are alternatives: what one of them lets in, no other keeps out. */

import type { Json } from '../../../protocol/json.ts'
import type { Finding } from '../finding.ts'
import { compileGlob } from '../glob.ts'
import type { WrittenPolicy } from '../policy.ts'
import { askOf, holds, type Reading } from './reading.ts'
import { quoted, say } from './say.ts'

export function siblingFindings({ policy, siblings = [] }: Reading): Finding[] {
  const live = siblings.filter(({ state }) => state === 'live')
  const wider = live.find((sibling) => contains(sibling, policy))
  const narrower = live.filter((sibling) => contains(policy, sibling) && !contains(sibling, policy))
  return [
    ...(wider
      ? [say('LR33', 'info', `whatever fits this policy fits the policy ${quoted(wider.name)} of the account already`)]
      : []),
    ...narrower
      .slice(0, 1)
      .map(({ name, subject, match, conditions, cel }) =>
        say(
          'LR32',
          'warn',
          `this policy lets in all that the policy ${quoted(name)} does, and more: the narrower one keeps nothing out`,
          { subject, match, conditions: conditions as unknown as Json, cel },
        ),
      ),
  ]
}

/** Whether everything that fits `narrow` surely fits `wide`. Where that cannot be told, no. */
function contains(wide: WrittenPolicy, narrow: WrittenPolicy): boolean {
  if (wide.cel !== null && wide.cel !== narrow.cel) return false
  return covers(wide, narrow) && wide.conditions.every((condition) => isImplied(condition, narrow))
}

function covers(wide: WrittenPolicy, narrow: WrittenPolicy): boolean {
  if (wide.match === 'exact') return narrow.match === 'exact' && wide.subject === narrow.subject
  const fits = compileGlob(wide.subject)
  if (narrow.match === 'exact') return fits(narrow.subject)
  if (wide.subject === narrow.subject) return true
  // A wildcard stands for nothing, for one character, and for many that no literal text has.
  return ['', '\u0001', '\u0001'.repeat(64)].every((run) =>
    fits(narrow.subject.replaceAll('*', run).replaceAll('?', '\u0001')),
  )
}

function isImplied(condition: WrittenPolicy['conditions'][number], narrow: WrittenPolicy): boolean {
  const wanted = askOf(condition)
  return narrow.conditions.some((one) => {
    if (one.claim !== condition.claim) return false
    if (JSON.stringify(one) === JSON.stringify(condition)) return true
    const { op, values } = askOf(one)
    return (op === 'equals' || op === 'in') && values.length > 0 && values.every((value) => holds(wanted, value))
  })
}
