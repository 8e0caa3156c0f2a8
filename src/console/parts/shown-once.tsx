import { Alert, Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useBlocker } from '@tanstack/react-router'
import { useState } from 'react'
import { CopyWide } from './copy.tsx'

/** A secret that is shown this one time. `onDone`: when it is stored. */
export function ShownOnce({
  secret,
  what = 'API key',
  onDone,
  done = 'Done',
}: {
  secret: string
  what?: string
  onDone?: () => void
  done?: string
}) {
  const [isStored, setStored] = useState(false)
  // Neither the way back nor a closed tab takes it away by accident.
  useBlocker({
    disabled: !onDone || isStored,
    enableBeforeUnload: true,
    shouldBlockFn: () => !window.confirm(`This ${what} cannot be shown again. Leave without having stored it?`),
  })
  return (
    <Stack gap="md">
      <Alert color="yellow" icon={<IconKey />} title={`Copy this ${what} now`}>
        <Text size="sm">
          It is shown this once: only its digest is kept, and nobody can show it again. Store it where secrets are kept.
        </Text>
      </Alert>
      <pre className="code" data-testid="secret">
        {secret}
      </pre>
      <Group justify="space-between">
        <CopyWide text={secret} />
        {onDone && (
          <Checkbox
            label="I have stored it"
            checked={isStored}
            onChange={(event) => setStored(event.currentTarget.checked)}
          />
        )}
      </Group>
      {onDone && (
        <Group justify="flex-end">
          <Button onClick={onDone} disabled={!isStored}>
            {done}
          </Button>
        </Group>
      )}
    </Stack>
  )
}
