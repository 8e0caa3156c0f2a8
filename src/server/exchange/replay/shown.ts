/** A replay as it is told to whoever asked for it. */
import type { JsonObject } from '../../../protocol/json.ts'
import type { Replayed } from './replay.ts'
import { effects, type Group } from './tally.ts'

export function shownReplay(replayed: Replayed): JsonObject {
  const { days, from, to, exchanges, truncated, sight, counts, groups, more } = replayed
  const listed = Object.fromEntries(effects.map((effect) => [effect, groups[effect].map(shownGroup)]))
  return {
    days,
    from: iso(from),
    to: iso(to),
    exchanges,
    truncated,
    sight,
    counts,
    ...listed,
    more,
    notes: notesOf(replayed),
  }
}

const iso = (at: number) => new Date(at).toISOString()

const shownGroup = ({ subject, account, between, claims, count, firstAt, lastAt, requestId }: Group): JsonObject => ({
  subject,
  service_account: account,
  ...(between ? { between } : {}),
  ...(claims ? { claims } : {}),
  count,
  first_at: iso(firstAt),
  last_at: iso(lastAt),
  request_id: requestId,
})

function notesOf({ sight, truncated, from, counts, more }: Replayed): string[] {
  const notes: string[] = []
  if (sight === 'teams')
    notes.push(
      'Only exchanges that you may read were replayed: those of your teams’ accounts. What was refused for want of an account belongs to no team, so that whoever would gain is seen by an admin of the organization alone.',
    )
  if (truncated)
    notes.push(
      `There is more on record than one replay looks at: this one goes back to ${iso(from)}; ask for fewer days.`,
    )
  if (counts.unknown > 0)
    notes.push('What hangs on claims that the audit trail did not keep is unknown, and nothing is guessed.')
  if (more) notes.push('There are more subjects than are listed; the counts are of all of them.')
  return notes
}
