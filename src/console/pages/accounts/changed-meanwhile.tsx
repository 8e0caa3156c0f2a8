import { Alert, List, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { TheirChange } from './account-changes.ts'

/** Another tab or person was faster: what they have made of it. */
export function ChangedMeanwhile({ changes }: { changes: readonly TheirChange[] }) {
  return (
    <Alert color="yellow" role="alert" icon={<IconAlertTriangle />} title="Changed by somebody else meanwhile">
      <Text size="sm">
        Nothing of yours was saved yet. What you have typed is still here; look at it, and save again.
      </Text>
      <List size="sm" mt="xs">
        {changes.map(({ what, now, isMineToo }) => (
          <List.Item key={what}>
            {what} is now <b>{now === '' ? 'empty' : now}</b>
            {isMineToo && '; you would write over that'}
          </List.Item>
        ))}
        {changes.length === 0 && <List.Item>Something that this form does not show.</List.Item>}
      </List>
    </Alert>
  )
}
