import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Dialog } from '../../parts/dialog.tsx'
import { PageButton } from '../../parts/page-link.tsx'
import { useObject } from '../../wire/objects.ts'
import type { ServiceAccount } from '../../wire/shapes.ts'
import { AccountSelect } from './account-select.tsx'
import { accountParts } from './recorded.ts'

/** `nearest`: `team/name` of the account whose policy came nearest. */
type Props = { org: string; requestId: string; nearest: string | undefined; onClose: () => void }

/** Which account the job is to become; the policy is made on the next page. */
export function CreatePolicy({ org, requestId, nearest, onClose }: Props) {
  const parts = nearest === undefined ? undefined : accountParts(nearest)
  const { data: proposed } = useObject<ServiceAccount>(
    parts && `/orgs/${org}/teams/${parts.team}/service-accounts/${parts.name}`,
  )
  const [picked, setPicked] = useState<ServiceAccount | null>()
  const account = picked === undefined ? proposed : (picked ?? undefined)
  return (
    <Dialog title="Create policy from this refusal" opened onClose={onClose}>
      <Stack gap="md">
        <Text size="sm">
          Which account is this job to become? The next page proposes a policy from what the token said; nothing is
          saved before you have looked at it.
        </Text>
        <AccountSelect
          org={org}
          label="External service account"
          isLabelShown
          placeholder="Type to search"
          method="federated"
          value={account?.id ?? null}
          onChange={(chosen) => setPicked(chosen ?? null)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          {account?.team ? (
            <PageButton
              to="/$org/$team/service-accounts/$account/policies/$policy"
              params={{
                org,
                team: account.team,
                account: account.name,
                policy: 'new',
              }}
              search={{ from: requestId }}
            >
              Go on to the policy
            </PageButton>
          ) : (
            <Button disabled>Go on to the policy</Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  )
}
