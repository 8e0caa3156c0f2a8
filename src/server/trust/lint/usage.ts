/** Policies that nobody uses any more, as far as the trail tells. */
import type { Finding } from '../finding.ts'
import { immutableIds, type Reading } from './reading.ts'
import { quoted, say } from './say.ts'

const day = 86_400_000
const staleAfter = 90 * day

export function usageFindings(reading: Reading): Finding[] {
  // What grants nothing is nobody's way in.
  if (reading.policy.state === 'draft') return []
  return [...unused(reading), ...changedIds(reading)]
}

function unused({ usage }: Reading): Finding[] {
  if (!usage) return []
  const { lastUsedAt, createdAt, now } = usage
  const days = Math.floor((now - (lastUsedAt ?? createdAt)) / day)
  if (days * day < staleAfter) return []
  const since = lastUsedAt === null ? `in the ${days} days since it was made` : `for ${days} days`
  return [
    say('LR40', 'warn', `the policy has not been used ${since}; delete it, or make it a draft`, { state: 'draft' }),
  ]
}

/** Tokens of this subject come with other ids than are asked for: the name belongs to something else by now. */
function changedIds(reading: Reading): Finding[] {
  return immutableIds(reading).flatMap((claim) => {
    const pinned = reading.pins.get(claim)
    const seen = reading.claimsSeen?.[claim]
    if (!pinned || !seen || seen.length === 0 || seen.some((value) => pinned.includes(value))) return []
    return [
      say(
        'LR40',
        'warn',
        `tokens of late have ${claim} ${quoted(String(seen[0]))}, not ${quoted(String(pinned[0]))}: what the policy meant is gone, or was made anew`,
        { state: 'draft' },
      ),
    ]
  })
}
