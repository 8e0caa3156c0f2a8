import { Button, Group } from '@mantine/core'
import { PageButton } from '../../parts/page-link.tsx'
import type { HygieneItem } from '../../wire/shapes.ts'
import { deedsOf, type ItemDeed, ownerOf } from './kinds.ts'

export type OpenDeed = (deed: ItemDeed, item: HygieneItem) => void
type Props = { org: string; item: HygieneItem; open: OpenDeed }

const small = { size: 'compact-sm', variant: 'default' } as const

/** What mends it, at hand. */
export function ItemDeeds({ org, item, open }: Props) {
  return (
    <Group gap="xs" justify="flex-end">
      {deedsOf(item).map((deed) => (
        <Deed key={deed} org={org} item={item} open={open} deed={deed} />
      ))}
    </Group>
  )
}

const words = {
  disable: 'Disable',
  revoke: 'Revoke key',
  rotate: 'Rotate key',
  replace: 'New key with an end',
} as const

function Deed({ org, item, open, deed }: Props & { deed: ItemDeed }) {
  const { service_account: account, policy, key } = item
  const { name } = ownerOf(org, item)
  const team = account?.team ?? ''
  if (deed === 'open-policy')
    return (
      <PageButton
        {...small}
        to="/$org/$team/service-accounts/$account/policies/$policy"
        params={{ org, team, account: account?.id ?? '', policy: policy?.id ?? '' }}
        aria-label={`Open the policy ${policy?.name} of ${name}`}
      >
        Open the policy
      </PageButton>
    )
  if (deed === 'federate')
    return (
      <PageButton
        {...small}
        to="/$org/$team/service-accounts"
        params={{ org, team }}
        search={{ new: '1' }}
        aria-label={`Move to federation: ${name}`}
      >
        Move to federation
      </PageButton>
    )
  const word = words[deed]
  return (
    <Button {...small} onClick={() => open(deed, item)} aria-label={`${word}: ${name}${key ? `, ${key.name}` : ''}`}>
      {word}
    </Button>
  )
}
