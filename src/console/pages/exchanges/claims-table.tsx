import { Text } from '@mantine/core'

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
            <td className="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
