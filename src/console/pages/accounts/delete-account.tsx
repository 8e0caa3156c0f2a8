import { Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { ServiceAccount } from '../../wire/shapes.ts'
import type { AccountPlace } from './account-view.tsx'
import { KeptInFile, WhatUsesIt } from './what-uses-it.tsx'

type Props = AccountPlace & { account: ServiceAccount; onClose: () => void }

export function DeleteAccount({ org, team, path, account, onClose }: Props) {
  const navigate = useNavigate()
  const { name, method, managed_by } = account
  const remove = useDeed(() => api.delete(path, managed_by === null ? undefined : { force: 'true' }), {
    says: () => `${name} is deleted`,
    onDone: () =>
      void (team === undefined
        ? navigate({ to: '/$org/service-accounts', params: { org } })
        : navigate({ to: '/$org/$team/service-accounts', params: { org, team } })),
  })
  return (
    <ConfirmDeed
      title={`Delete ${name}`}
      deed={managed_by === null ? 'Delete the service account' : 'Delete it although it is in a file'}
      typed={name}
      opened
      onClose={onClose}
      onConfirm={() => remove.mutate(undefined)}
      isRunning={remove.isPending}
      error={remove.error}
    >
      <Stack gap="sm">
        <Text size="sm">
          The account goes with its {method === 'federated' ? 'trust policies' : 'API keys'} and its memberships of
          projects, and every access token handed out ends at once. It cannot be undone; to stop it for a while, disable
          it.
        </Text>
        <WhatUsesIt org={org} account={account} />
        {managed_by !== null && <KeptInFile by={managed_by} />}
      </Stack>
    </ConfirmDeed>
  )
}
