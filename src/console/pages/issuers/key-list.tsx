import { Table } from '@mantine/core'
import type { IssuerKey } from '../../wire/shapes.ts'

/** The public keys of an issuer, as a token names them. */
export function KeyList({ keys }: { keys: readonly IssuerKey[] }) {
  return (
    <Table.ScrollContainer
      minWidth={260}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'group', 'aria-label': 'Keys' } }}
    >
      <Table aria-label="Keys" verticalSpacing={4} fz="sm" layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Key id (kid)</Table.Th>
            <Table.Th w="5rem">Kind</Table.Th>
            <Table.Th w="7rem">Algorithm</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map(({ kid, kty, alg }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two may have the same kid, and none moves
            <Table.Tr key={index}>
              <Table.Td className="mono">{kid ?? '(none)'}</Table.Td>
              <Table.Td>{kty}</Table.Td>
              <Table.Td>{alg}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
