import { Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { Dialog } from '../../parts/dialog.tsx'
import { OverrideReason } from '../../parts/override-reason.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { TrustPolicy } from '../../wire/shapes.ts'
import { type AccountPlace, policiesAt } from './addresses.ts'
import { ReplayOf } from './replay-of.tsx'

type Props = { place: AccountPlace; policy: TrustPolicy; onClose: () => void }

/** Draft to live, with what that would have made of the exchanges on record; or back, with what that ends. */
export function SwitchState({ place, policy, onClose }: Props) {
  const [isForced, force] = useState(false)
  const [reason, setReason] = useState('')
  const to = policy.state === 'live' ? 'draft' : 'live'
  const isHeld = policy.managed_by !== null
  const change = useDeed(
    () =>
      api.patch<TrustPolicy>(
        `${policiesAt(place)}/${policy.id}`,
        { state: to, ...(reason.trim() === '' ? {} : { override_reason: reason.trim() }) },
        isHeld && isForced ? { force: 'true' } : {},
      ),
    { says: ({ name, state }) => `${name} is ${state === 'live' ? 'live' : 'a draft'}`, onDone: onClose },
  )
  const findings = change.error?.findings ?? []
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate(undefined)
  }
  return (
    <Dialog
      title={to === 'live' ? `Make ${policy.name} live?` : `Make ${policy.name} a draft?`}
      opened
      onClose={onClose}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">
            {to === 'live'
              ? 'It grants at once, on every replica. No token that it granted before is revived.'
              : 'It grants no more, and every access token that was handed out by it ends at once. What it would have granted stays on record.'}
          </Text>
          <ReplayOf place={place} policy={policy} change={to === 'live' ? {} : { state: 'draft' }} />
          {isHeld && (
            <Checkbox
              label={`Change it although it is kept in ${policy.managed_by}; the next apply of that file changes it back`}
              checked={isForced}
              onChange={(event) => force(event.currentTarget.checked)}
            />
          )}
          <ProblemAlert error={change.error} />
          {findings.some(({ severity }) => severity === 'error') && (
            <OverrideReason findings={findings} value={reason} onChange={setReason} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color={to === 'live' ? 'indigo' : 'red'} loading={change.isPending}>
              {to === 'live' ? 'Make it live' : 'Make it a draft'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
