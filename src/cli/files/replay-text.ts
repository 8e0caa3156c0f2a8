import type { JsonObject } from '../../protocol/json.ts'
import { printable } from '../cell.ts'

type Group = { subject: string; service_account: string | null; count: number }
type Replay = {
  days: number
  exchanges: number
  counts: { gain: number; lose: number; ambiguous: number; unknown: number }
  gain: readonly Group[]
  lose: readonly Group[]
  notes: readonly string[]
}

/** Subjects that are named. */
const mostShown = 10

/** What would have become of the exchanges on record, for people. */
export function replayText(replay: JsonObject | null | undefined): string[] {
  if (!replay) return []
  const { days, exchanges, counts, gain, lose, notes } = replay as unknown as Replay
  const { gain: gains, lose: loses, ambiguous, unknown } = counts
  const line =
    (word: string) =>
    ({ subject, service_account, count }: Group) =>
      printable(`  ${word}  ${subject}  ${service_account ?? '-'}  ${count} times`)
  return [
    `replay of ${exchanges} exchanges of ${days} days: ${gains} gain, ${loses} lose, ${ambiguous} ambiguous, ${unknown} unknown`,
    ...gain.slice(0, mostShown).map(line('gains')),
    ...lose.slice(0, mostShown).map(line('loses')),
    ...notes.map((note) => printable(`  ${note}`)),
  ]
}
