import { Badge } from '@mantine/core'
import type { Finding, TrustPolicy } from '../../wire/shapes.ts'

export const StateBadge = ({ state }: { state: TrustPolicy['state'] }) => (
  <Badge color={state === 'live' ? 'green' : 'gray'}>{state === 'live' ? 'Live' : 'Draft'}</Badge>
)

/** The worst that lint says, in a word. */
export function FindingsBadge({ findings }: { findings: readonly Finding[] }) {
  const worst = (['error', 'warn', 'info'] as const).find((one) => findings.some(({ severity }) => severity === one))
  if (worst === undefined) return <Badge color="green">No findings</Badge>
  const count = findings.filter(({ severity }) => severity === worst).length
  return <Badge color={looks[worst].color}>{looks[worst].says(count)}</Badge>
}

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`
const looks = {
  error: { color: 'red', says: (count: number) => `Dangerous: ${plural(count, 'error')}` },
  warn: { color: 'yellow', says: (count: number) => `Weak: ${plural(count, 'warning')}` },
  info: { color: 'blue', says: (count: number) => plural(count, 'note') },
} as const
