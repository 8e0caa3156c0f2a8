import { Stack, Text } from '@mantine/core'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { ServiceAccount } from '../../wire/shapes.ts'
import { KeptInFile, WhatUsesIt } from './what-uses-it.tsx'

type Props = {
  org: string
  path: string
  account: ServiceAccount
  deed: 'disable' | 'revoke'
  onClose: () => void
}

/** Disables the account, or ends the tokens that it has: both can be gone on from. */
export function StopAccount({ org, path, account, deed, onClose }: Props) {
  const { name, managed_by } = account
  const isOff = deed === 'disable'
  const force = isOff && managed_by !== null ? { force: 'true' } : undefined
  const stop = useDeed<undefined, unknown>(
    () => (isOff ? api.patch(path, { enabled: false }, force) : api.post(`${path}/revoke`)),
    { says: () => (isOff ? `${name} is disabled` : `All tokens of ${name} are revoked`), onDone: onClose },
  )
  return (
    <ConfirmDeed
      title={isOff ? `Disable ${name}` : `Revoke all tokens of ${name}`}
      deed={isOff ? (force ? 'Disable it although it is in a file' : 'Disable') : 'Revoke all tokens'}
      opened
      onClose={onClose}
      onConfirm={() => stop.mutate(undefined)}
      isRunning={stop.isPending}
      error={stop.error}
    >
      <Stack gap="sm">
        <Text size="sm">
          {isOff
            ? 'Every access token handed out ends at once, and it gets no further ones until it is enabled again. Those tokens stay dead then; its keys work again.'
            : 'Every access token handed out so far ends at once. Workloads get new ones, by their keys or their platform, unless you disable the account.'}
        </Text>
        <WhatUsesIt org={org} account={account} />
        {force && managed_by !== null && <KeptInFile by={managed_by} />}
      </Stack>
    </ConfirmDeed>
  )
}
