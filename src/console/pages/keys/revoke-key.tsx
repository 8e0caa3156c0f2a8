import { Stack, Text } from '@mantine/core'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { ApiKey } from '../../wire/shapes.ts'
import { UsedFrom } from './key-uses.tsx'

type Props = { org: string; path: string; apiKey: ApiKey; onClose: () => void }

/** Ends a key at once, after having said whom that stops. */
export function RevokeKey({ org, path, apiKey, onClose }: Props) {
  const revoke = useDeed(() => api.delete(`${path}/${apiKey.id}`), {
    says: () => `${apiKey.name} is revoked`,
    onDone: onClose,
  })
  return (
    <ConfirmDeed
      title={`Revoke ${apiKey.name}`}
      deed="Revoke the key"
      typed={apiKey.name}
      opened
      onClose={onClose}
      onConfirm={() => revoke.mutate(undefined)}
      isRunning={revoke.isPending}
      error={revoke.error}
    >
      <Stack gap="xs">
        <UsedFrom org={org} apiKey={apiKey} />
        <Text size="sm">
          The access tokens that were obtained with it end too, as do sessions and terminals that were signed in by it.
          It cannot be undone; to change a key without a gap, rotate it.
        </Text>
      </Stack>
    </ConfirmDeed>
  )
}
