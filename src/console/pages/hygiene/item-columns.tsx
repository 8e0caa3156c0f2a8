import { Badge, Group, Text } from '@mantine/core'
import type { Column } from '../../parts/data-list.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import type { HygieneItem } from '../../wire/shapes.ts'
import { ItemDeeds, type OpenDeed } from './item-deeds.tsx'
import { kinds } from './kinds.ts'

export const itemColumns = (org: string, mayMend: boolean, open: OpenDeed): Column<HygieneItem>[] => [
  { title: 'What', isMain: true, width: '18rem', cell: (item) => <What org={org} item={item} /> },
  { title: 'Why', cell: (item) => <Why item={item} /> },
  { title: 'Since', width: '10rem', cell: (item) => <Since item={item} /> },
  ...(mayMend
    ? [
        {
          title: 'Actions',
          width: '14rem',
          align: 'right' as const,
          cell: (item: HygieneItem) => <ItemDeeds org={org} item={item} open={open} />,
        },
      ]
    : []),
]

function What({ org, item }: { org: string; item: HygieneItem }) {
  const { service_account: account, user, key, policy } = item
  return (
    <div>
      {account && (
        <PageLink
          inherit
          fw={600}
          {...(account.team === null
            ? { to: '/$org/service-accounts/$account', params: { org, account: account.id } }
            : {
                to: '/$org/$team/service-accounts/$account',
                params: { org, team: account.team, account: account.id },
              })}
        >
          {account.name}
        </PageLink>
      )}
      {user && (
        <PageLink inherit fw={600} to="/$org/users/$user" params={{ org, user: user.id }}>
          {user.name}
        </PageLink>
      )}
      <Text size="xs" c="dimmed">
        {account
          ? account.team === null
            ? 'Service account of the organization'
            : `Service account, team ${account.team}`
          : 'User'}
      </Text>
      {key && (
        <Text size="xs">
          Key {key.name} <span className="mono">{key.hint}</span>
        </Text>
      )}
      {policy && account?.team && (
        <Text size="xs">
          <PageLink
            inherit
            to="/$org/$team/service-accounts/$account/policies/$policy"
            params={{ org, team: account.team, account: account.id, policy: policy.id }}
          >
            Policy {policy.name}
          </PageLink>
        </Text>
      )}
    </div>
  )
}

const severities = { error: ['red', 'Dangerous'], warn: ['yellow', 'Look at it'], info: ['blue', 'Note'] } as const
/** Findings in a list; the page of the policy has them all. */
const most = 2

function Why({ item }: { item: HygieneItem }) {
  const { kind, severity, message, findings = [] } = item
  const [color, word] = severities[severity]
  return (
    <div>
      <Group gap="xs" mb={2}>
        <Badge color={color}>{word}</Badge>
        <Text size="xs" c="dimmed">
          {kinds[kind].title}
        </Text>
      </Group>
      {findings.length === 0 && <Text size="sm">{sentence(message)}</Text>}
      {findings.slice(0, most).map((finding) => (
        <Text key={`${finding.rule} ${finding.message}`} size="sm">
          <span className="mono">{finding.rule}</span> {finding.message}
        </Text>
      ))}
      {findings.length > most && <Text size="xs">and {findings.length - most} more</Text>}
    </div>
  )
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

const Since = ({ item: { kind, since } }: { item: HygieneItem }) =>
  since === null ? (
    <span>—</span>
  ) : (
    <span>
      {kinds[kind].since} <RelativeTime at={since} />
    </span>
  )
