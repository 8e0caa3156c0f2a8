import { Stack, Title } from '@mantine/core'
import type { Change } from './changes.ts'

/** Before and after side by side, of what differs. */
export const ChangesTable = ({ changes }: { changes: readonly Change[] }) => (
  <Stack gap="xs">
    <Title order={3}>What it changed</Title>
    <table className="list" aria-label="What it changed">
      <thead>
        <tr>
          <th scope="col">Member</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ name, before, after }) => (
          <tr key={name} className="row">
            <td className="main">{name.replaceAll('_', ' ')}</td>
            <td data-label="Before">
              <Side text={before} />
            </td>
            <td data-label="After">
              <Side text={after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Stack>
)

const Side = ({ text }: { text: string }) => (
  <span className="mono" style={{ whiteSpace: 'pre-wrap' }}>
    {text}
  </span>
)
