import { Alert, Checkbox, Stack, Text } from '@mantine/core'
import { IconFileText } from '@tabler/icons-react'

type Props = { by: string | null; isForced: boolean; onForce: (isForced: boolean) => void }

/** Of what a file keeps: who would change it back, and the way to change it all the same (`?force=true`). */
export function ManagedNotice({ by, isForced, onForce }: Props) {
  if (by === null) return null
  return (
    <Alert color="cyan" icon={<IconFileText />} title="A file keeps this">
      <Stack gap="xs">
        <Text size="sm">
          <span className="mono">{by}</span> says what it is, and the next apply of that file would say so again. Change
          it there.
        </Text>
        <Checkbox
          label="Change it by hand all the same; that is on record"
          checked={isForced}
          onChange={(event) => onForce(event.currentTarget.checked)}
        />
      </Stack>
    </Alert>
  )
}
