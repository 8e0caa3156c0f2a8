import { Alert, Button, Stack, Text } from '@mantine/core'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { useObject } from '../../wire/objects.ts'
import { api } from '../../wire/request.ts'
import type { Installation } from '../../wire/shapes.ts'

/** After a restore from a backup: what cannot be known. */
export function RestoredNotice() {
  const { data } = useObject<Installation>('/installation')
  const acknowledge = useDeed(() => api.patch('/installation', { restored: null }), {
    says: () => 'The restore is acknowledged.',
  })
  const restored = data?.restored
  if (!restored) return null
  return (
    <Alert color="red" title="This installation was restored from a backup">
      <Stack gap="xs">
        <Text size="sm">{restored.message}</Text>
        <ProblemAlert error={acknowledge.error} />
        <Button
          variant="default"
          size="xs"
          style={{ alignSelf: 'flex-start' }}
          onClick={() => acknowledge.mutate(undefined)}
          loading={acknowledge.isPending}
        >
          I have seen to it
        </Button>
      </Stack>
    </Alert>
  )
}
