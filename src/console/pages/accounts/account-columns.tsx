import { Badge, Group, Text } from '@mantine/core'
import { EnabledBadge, ManagedBadge, MethodBadge } from '../../parts/badges.tsx'
import type { Column } from '../../parts/data-list.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import type { ServiceAccount } from '../../wire/shapes.ts'

/** Of lists of service accounts. `withTeam`: where they are of several. */
export function accountColumns(org: string, withTeam: boolean): Column<ServiceAccount>[] {
  return [
    { title: 'Name', isMain: true, cell: (account) => <AccountName org={org} account={account} /> },
    ...(withTeam
      ? [{ title: 'Scope', width: '14rem', cell: (account: ServiceAccount) => <ScopeOf account={account} /> }]
      : []),
    {
      title: 'Method',
      width: '13rem',
      cell: (account) => (
        <Group gap="xs">
          <MethodBadge method={account.method} />
          {!account.enabled && <EnabledBadge enabled={false} />}
        </Group>
      ),
    },
    { title: 'Keys end', width: '11rem', cell: (account) => <KeysEnd account={account} /> },
    { title: 'Last used', width: '10rem', cell: ({ last_used_at }) => <RelativeTime at={last_used_at} /> },
  ]
}

function AccountName({ org, account }: { org: string; account: ServiceAccount }) {
  return (
    <Group gap="xs">
      {account.team === null ? (
        <PageLink to="/$org/service-accounts/$account" params={{ org, account: account.id }} fw={600}>
          {account.name}
        </PageLink>
      ) : (
        <PageLink
          to="/$org/$team/service-accounts/$account"
          params={{ org, team: account.team, account: account.name }}
          fw={600}
        >
          {account.name}
        </PageLink>
      )}
      <ManagedBadge by={account.managed_by} />
    </Group>
  )
}

const ScopeOf = ({ account }: { account: ServiceAccount }) =>
  account.team === null ? (
    <Text size="sm">
      Organization
      <Text span c="dimmed">
        {' '}
        (default team {account.default_team})
      </Text>
    </Text>
  ) : (
    <Text size="sm">Team {account.team}</Text>
  )

/** When the first of its keys ends; what never ends is said before that. */
function KeysEnd({ account: { keys } }: { account: ServiceAccount }) {
  if (!keys)
    return (
      <Text size="sm" c="dimmed">
        no keys needed
      </Text>
    )
  if (keys.active === 0)
    return (
      <Text size="sm" c="dimmed">
        no key
      </Text>
    )
  return (
    <Group gap="xs">
      {keys.next_expiry !== null && <RelativeTime at={keys.next_expiry} />}
      {keys.never_expire > 0 && <Badge color="yellow">Never expires</Badge>}
    </Group>
  )
}
