/** What an expression asks, as far as can be told without a token. */
import type { CelFacts } from '../cel-facts.ts'
import type { Finding } from '../finding.ts'
import type { Ask, Reading } from './reading.ts'
import { listed, quoted, say } from './say.ts'

/** What the expression demands in every case. */
export const asksOfCel = ({ pins, lists }: CelFacts): Ask[] => [
  ...pins.map(({ claim, value }): Ask => ({ claim, op: 'equals', values: [value], inCel: true })),
  ...lists.map(({ claim, values }): Ask => ({ claim, op: 'in', values, inCel: true })),
]

export function celFindings({ cel }: Reading): Finding[] {
  if (!cel) return []
  return [...regexes(cel), ...alternatives(cel)]
}

function regexes({ regexes }: CelFacts): Finding[] {
  return regexes.flatMap(({ pattern, claim, anchored, bareDot, nestedRepetition }) => {
    const of = claim === undefined ? '' : ` on ${claim}`
    const found: Finding[] = []
    if (!anchored)
      found.push(
        say(
          'LR30',
          'error',
          `the regular expression ${quoted(pattern)}${of} fits anywhere in a text: write ^ before it and $ after it`,
        ),
      )
    if (bareDot)
      found.push(
        say(
          'LR30',
          'error',
          `the dot in the regular expression ${quoted(pattern)}${of} stands for any character: write \\. for a dot`,
        ),
      )
    if (nestedRepetition)
      found.push(say('LR31', 'error', `the regular expression ${quoted(pattern)}${of} repeats a repetition`))
    return found
  })
}

/** Of `a || b`: one that demands only part of what another does makes the other pointless. */
function alternatives({ branches }: CelFacts): Finding[] {
  const demands = branches.map((branch) => new Set(asksOfCel(branch).map(({ claim }) => claim)))
  for (const weak of demands)
    for (const strong of demands) {
      const more = [...strong].filter((claim) => !weak.has(claim))
      if (weak !== strong && more.length > 0 && [...weak].every((claim) => strong.has(claim)))
        return [
          say(
            'LR32',
            'warn',
            `one side of the expression’s || asks for ${listed([...strong])}, another only for ${listed([...weak]) || 'nothing that can be told'}: the weaker one decides`,
          ),
        ]
    }
  return []
}
