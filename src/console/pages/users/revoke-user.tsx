import { Stack, Text } from '@mantine/core'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import { useSession } from '../../wire/session.ts'
import type { UserDeed } from './user-actions.tsx'

export function RevokeUser({ org, user, onClose }: UserDeed) {
  const { me } = useSession()
  const deed = useDeed(() => api.post<unknown>(`/orgs/${org}/users/${user.id}/revoke`), {
    says: () => `What ${user.username} held is revoked`,
    onDone: onClose,
  })
  return (
    <ConfirmDeed
      title={`Revoke the tokens of ${user.username}`}
      deed="Revoke tokens"
      opened
      onClose={onClose}
      onConfirm={() => deed.mutate(undefined)}
      isRunning={deed.isPending}
      error={deed.error}
    >
      <Stack gap="xs">
        <Text size="sm">
          Every access token that {user.username} was given ends at once, and every session in a browser
          {me.id === user.id && ': this one too, since it is yours'}. Their API keys stay, and obtain new ones: revoke a
          key in the list of keys.
        </Text>
      </Stack>
    </ConfirmDeed>
  )
}
