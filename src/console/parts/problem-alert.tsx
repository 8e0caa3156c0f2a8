import { Alert, Button, Group, List, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { Problem } from '../wire/problem.ts'
import { Copy } from './copy.tsx'

/** Why something did not work: what happened, what to do, and the request id that the trail and the log know. */
export function ProblemAlert({ error, retry, title }: { error: unknown; retry?: () => void; title?: string }) {
  if (!error) return null
  const problem = error instanceof Problem ? error : undefined
  const said = problem?.message ?? 'The console failed here. Load the page again; if it stays so, it is a bug of ours.'
  return (
    <Alert
      color="red"
      role="alert"
      icon={<IconAlertTriangle />}
      title={title ?? (problem?.status === 404 ? 'Not found' : 'That did not work')}
    >
      <Text size="sm">{said}</Text>
      {problem && problem.errors.length > 0 && (
        <List size="sm" mt="xs">
          {problem.errors.map(({ path, message }) => (
            <List.Item key={`${path} ${message}`}>
              {path && <span className="mono">{path}</span>} {message}
            </List.Item>
          ))}
        </List>
      )}
      {problem?.requestId && (
        <Group gap={4} mt="xs">
          <Text size="xs">
            Reason <span className="mono">{problem.reason}</span>, request{' '}
            <span className="mono">{problem.requestId}</span>
          </Text>
          <Copy text={problem.requestId} what="request id" />
        </Group>
      )}
      {retry && (
        <Button mt="xs" size="xs" variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </Alert>
  )
}
