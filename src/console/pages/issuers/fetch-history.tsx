import { Badge, Button, Group, Stack, Table, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { absolute, RelativeTime } from '../../parts/relative-time.tsx'
import type { HealthMoment } from '../../wire/shapes.ts'

const few = 5

/** The last fetches as a strip, oldest first, and as a list. */
export function FetchHistory({ history }: { history: readonly HealthMoment[] }) {
  const [isWhole, showWhole] = useState(false)
  if (history.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Its keys were not fetched yet.
      </Text>
    )
  const failed = history.filter(({ ok }) => !ok).length
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={3} size="h4">
          Last {history.length === 1 ? 'fetch' : `${history.length} fetches`}
        </Title>
        <Text size="sm" c="dimmed">
          {failed === 0 ? 'none failed' : `${failed} failed`}
        </Text>
      </Group>
      <Strip history={history} />
      <Table aria-label="Last fetches" verticalSpacing={4} fz="sm" layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="6.5rem">When</Table.Th>
            <Table.Th>Outcome</Table.Th>
            <Table.Th w="4.75rem">Took</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {history.slice(0, isWhole ? history.length : few).map((moment) => (
            <Table.Tr key={`${moment.at} ${moment.ok} ${moment.milliseconds}`}>
              <Table.Td>
                <RelativeTime at={moment.at} />
              </Table.Td>
              <Table.Td>
                <Outcome moment={moment} />
              </Table.Td>
              <Table.Td>{moment.milliseconds} ms</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {history.length > few && (
        <Group>
          <Button size="compact-sm" variant="subtle" onClick={() => showWhole(!isWhole)} aria-expanded={isWhole}>
            {isWhole ? 'Show fewer' : `Show all ${history.length}`}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

function Outcome({ moment: { ok, message, keys, rotated } }: { moment: HealthMoment }) {
  if (!ok)
    return (
      <>
        <Badge color="red">Failed</Badge> {message}
      </>
    )
  return (
    <>
      {keys === 1 ? 'one key' : `${keys} keys`} {rotated && <Badge color="indigo">Rotated</Badge>}
    </>
  )
}

/** Each fetch a bar, as high as it took long; what failed is as high as can be. The list below says the same in words. */
function Strip({ history }: { history: readonly HealthMoment[] }) {
  const longest = Math.max(1, ...history.map(({ milliseconds }) => milliseconds))
  return (
    <div aria-hidden style={{ display: 'flex', alignItems: 'flex-end', gap: 2, height: 36 }}>
      {history.toReversed().map(({ at, ok, message, milliseconds }) => (
        <div
          key={`${at} ${ok} ${milliseconds}`}
          title={`${absolute(at)}: ${ok ? `${milliseconds} ms` : (message ?? 'failed')}`}
          style={{
            flex: '0 1 12px',
            height: ok ? `${Math.max(20, (milliseconds / longest) * 100)}%` : '100%',
            borderRadius: 2,
            background: ok ? 'var(--countersign-good)' : 'var(--countersign-bad)',
          }}
        />
      ))}
    </div>
  )
}
