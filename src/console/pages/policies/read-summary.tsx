import { Alert, List, Stack, Text } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { Copy } from '../../parts/copy.tsx'

export type Summary = { title: string; notes: readonly string[]; look?: string | undefined }

/** What was read of what was pasted, and what it leaves open. */
export function ReadSummary({ title, notes, look }: Summary) {
  return (
    <Alert color="blue" icon={<IconInfoCircle />} title={title} role="status">
      <Stack gap="xs">
        {notes.length > 0 && (
          <List size="sm">
            {notes.map((note) => (
              <List.Item key={note}>{note}</List.Item>
            ))}
          </List>
        )}
        {look && (
          <div>
            <Text size="sm" mb={4}>
              What is missing can be asked for by: <Copy text={look} what="command" />
            </Text>
            <pre className="code">{look}</pre>
          </div>
        )}
      </Stack>
    </Alert>
  )
}
