import { Table, Text } from '@mantine/core'
import { audiences, reaches, visibilities } from './visibility.ts'

type Audience = keyof typeof audiences

/** Who reaches what, all of it at once. */
export function VisibilityTable() {
  return (
    <Table.ScrollContainer minWidth={520} type="native" tabIndex={0} role="region" aria-label="Who reaches what">
      <Table fz="sm" withRowBorders>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Visibility</Table.Th>
            {Object.entries(audiences).map(([audience, who]) => (
              <Table.Th key={audience} scope="col">
                {who}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {visibilities.map(({ value, label }) => (
            <Table.Tr key={value}>
              <Table.Th scope="row">{label}</Table.Th>
              {(Object.keys(audiences) as Audience[]).map((audience) => (
                <Table.Td key={audience}>
                  {value === 'restricted' ? restricted[audience] : reaches[value][audience]}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt="xs">
        Viewers, and accounts with access “read”, only read, whatever stands here. A project that nobody has made is
        judged as one with visibility “team”: jobs may begin to log to it.
      </Text>
    </Table.ScrollContainer>
  )
}

const restricted: Record<Audience, string> = {
  team: 'by the role given',
  organization: 'by the role given',
  others: 'users by the role given; accounts of other teams nothing',
}
