import { Checkbox, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { TrustPolicy } from '../../wire/shapes.ts'
import { type AccountPlace, policiesAt } from './addresses.ts'
import { ReplayOf } from './replay-of.tsx'

type Props = { place: AccountPlace; policy: TrustPolicy; onClose: () => void; onDone?: () => void }

/** With what it ends: who got in by it of late, and would not any more. */
export function DeletePolicy({ place, policy, onClose, onDone }: Props) {
  const [isForced, force] = useState(false)
  const isHeld = policy.managed_by !== null
  const erase = useDeed(
    () => api.delete(`${policiesAt(place)}/${policy.id}`, isHeld && isForced ? { force: 'true' } : {}),
    {
      says: () => `Trust policy ${policy.name} is deleted`,
      onDone: () => (onDone ?? onClose)(),
    },
  )
  return (
    <ConfirmDeed
      title={`Delete the trust policy ${policy.name}?`}
      deed="Delete the policy"
      typed={policy.name}
      opened
      onClose={onClose}
      onConfirm={() => erase.mutate(undefined)}
      isRunning={erase.isPending}
      error={erase.error}
    >
      <Stack gap="sm">
        <Text size="sm">
          Every access token that was handed out by it ends at once, and its subject is refused from then on, unless
          another policy lets it in. It cannot be brought back.
        </Text>
        <ReplayOf place={place} policy={policy} change={{ delete: true }} />
        {isHeld && (
          <Checkbox
            label={`Delete it although it is kept in ${policy.managed_by}; the next apply of that file makes it anew`}
            checked={isForced}
            onChange={(event) => force(event.currentTarget.checked)}
          />
        )}
      </Stack>
    </ConfirmDeed>
  )
}
