import { Alert, Stack, Text } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { Copyable } from '../../parts/copy.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Problem } from '../../wire/problem.ts'
import type { AuditEvent } from '../../wire/shapes.ts'
import { reasonPage } from './words.ts'

type Props = { event: AuditEvent; error: unknown; retry: () => void }

/** An exchange that has no steps to show: it was by an API key, or the request itself was wrong. */
export function UnexplainedEvent({ event, error, retry }: Props) {
  const isNone = error instanceof Problem && error.status === 422
  if (!isNone) return <ProblemAlert error={error} retry={retry} title="It cannot be explained at the moment" />
  const { result, reason } = event
  return (
    <Alert color={result === 'granted' ? 'green' : 'red'} icon={<IconInfoCircle />} title={`It was ${result}`}>
      <Stack gap="xs">
        <Text size="sm">
          No subject token was shown, so there are no steps and no trust policies to look at: an API key stands for its
          account by itself.
        </Text>
        {reason && (
          <>
            <Text size="sm">
              Reason <span className="mono">{reason}</span>. What it means and who mends it, in the documentation:
            </Text>
            <Copyable text={reasonPage(reason)} what="page on the reason" />
          </>
        )}
      </Stack>
    </Alert>
  )
}
