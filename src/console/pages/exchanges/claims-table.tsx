import { Text } from '@mantine/core'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { timeRow } from './words.ts'

/** What the token said of itself, as the trail kept it. */
export function ClaimsTable({ label, claims }: { label: string; claims: Record<string, unknown> | undefined }) {
  const entries = Object.entries(claims ?? {})
  if (entries.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Nothing of it was kept.
      </Text>
    )
  return (
    <table className="claims" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">Claim</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {entries.map(([name, value]) => (
          <tr key={name}>
            <th scope="row" className="mono">
              {name}
            </th>
            <td>
              <span className="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</span>
              <Moment name={name} value={value} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Moment({ name, value }: { name: string; value: unknown }) {
  const { at } = timeRow(name, value)
  if (at === undefined) return null
  return (
    <Text span size="sm" c="dimmed">
      {' '}
      (<RelativeTime at={at} />)
    </Text>
  )
}
