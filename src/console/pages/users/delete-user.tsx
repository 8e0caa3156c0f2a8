import { Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { Affected } from '../../parts/affected.tsx'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { useList } from '../../wire/lists.ts'
import { api } from '../../wire/request.ts'
import { useSession } from '../../wire/session.ts'
import type { ApiKey } from '../../wire/shapes.ts'
import type { UserDeed } from './user-actions.tsx'

export function DeleteUser({ org, user, onClose }: UserDeed) {
  const navigate = useNavigate()
  const { me } = useSession()
  const path = `/orgs/${org}/users/${user.id}`
  const keys = useList<ApiKey>(`${path}/keys`, {}, { limit: 200 })
  const deed = useDeed(() => api.delete(path), {
    says: () => `User ${user.username} is deleted`,
    onDone: () => void navigate({ to: '/$org/users', params: { org } }),
  })
  const { teams = [] } = user
  return (
    <ConfirmDeed
      title="Delete user"
      deed="Delete user"
      typed={user.username}
      opened
      onClose={onClose}
      onConfirm={() => deed.mutate(undefined)}
      isRunning={deed.isPending}
      error={deed.error}
    >
      <Stack gap="xs">
        <Text size="sm">
          This cannot be undone. Every token and every session of {user.username} ends at once
          {me.id === user.id && ', this one too: you are deleting yourself'}.
        </Text>
        <Affected list={keys} one="API key" name={({ name }) => name} fate="what uses it stops working" />
        <Text size="sm">
          <b>{teams.length === 0 ? 'No team' : teams.length === 1 ? '1 team' : `${teams.length} teams`}</b>
          {teams.length > 0 && `: ${teams.map(({ name }) => name).join(', ')} (they lose their place in it)`}
        </Text>
        <Text size="sm" c="dimmed">
          Service accounts that they made go on. The audit trail keeps what they did.
        </Text>
      </Stack>
    </ConfirmDeed>
  )
}
