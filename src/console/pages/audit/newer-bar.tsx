import { Button, Group, Paper, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useObject } from '../../wire/objects.ts'
import type { AuditEvent, Page } from '../../wire/shapes.ts'

type Props = {
  path: string
  query: Record<string, string>
  /** The newest that is shown; undefined when nothing is. */
  newest: AuditEvent | undefined
  onShow: () => void
}

const most = 100
/** ms between looks, while the page is in sight. */
const every = 5_000

/** Says that more has happened since; the list stays as it is until somebody wants it. */
export function NewerBar({ path, query, newest, onShow }: Props) {
  const asked = { ...query, ...(newest ? { from: newest.at } : {}), limit: most }
  const { data } = useObject<Page<AuditEvent>>(path, asked, { every })
  const items = data?.items ?? []
  const place = newest ? items.findIndex(({ id }) => id === newest.id) : -1
  const count = place === -1 ? items.length : place
  return (
    // As high with nothing to say, so that the list does not jump.
    <Paper withBorder px="md" py={6} mih={44} aria-live="polite">
      <Group justify="space-between" mih={30}>
        {count === 0 ? (
          <Text size="sm" c="dimmed">
            No newer events
          </Text>
        ) : (
          <>
            <Text size="sm">
              {count === 1 ? 'One newer event' : `${count === most ? `${most} or more` : count} newer events`}
            </Text>
            <Button size="compact-sm" variant="light" leftSection={<IconRefresh size={16} />} onClick={onShow}>
              Show
            </Button>
          </>
        )}
      </Group>
    </Paper>
  )
}
