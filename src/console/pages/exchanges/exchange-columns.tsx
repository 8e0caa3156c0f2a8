import { Group, Stack, Text } from '@mantine/core'
import { ResultBadge } from '../../parts/badges.tsx'
import { Copy } from '../../parts/copy.tsx'
import type { Column } from '../../parts/data-list.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import type { AuditEvent } from '../../wire/shapes.ts'
import { AccountLink } from './account-link.tsx'
import { recordedIn } from './recorded.ts'

export const exchangeColumns = (org: string): Column<AuditEvent>[] => [
  {
    title: 'Time',
    width: '9rem',
    isMain: true,
    cell: ({ at, request_id }) => (
      <PageLink to="/$org/exchanges/$request" params={{ org, request: request_id }} fw={600} size="sm">
        <RelativeTime at={at} />
      </PageLink>
    ),
  },
  {
    title: 'Result and reason',
    width: '12.5rem',
    cell: ({ result, reason }) => (
      <Stack gap={2} align="flex-start">
        <ResultBadge result={result} />
        {reason && <span className="mono">{reason}</span>}
      </Stack>
    ),
  },
  { title: 'Service account', width: '12rem', cell: (event) => <Who org={org} event={event} /> },
  { title: 'Subject and issuer', cell: (event) => <FromWhere event={event} /> },
  {
    title: 'Client',
    width: '10rem',
    cell: ({ client: { ip, user_agent } }) => (
      <div>
        <span className="mono">{ip}</span>
        <Text size="xs" c="dimmed" className="two-lines" title={user_agent}>
          {user_agent}
        </Text>
      </div>
    ),
  },
  {
    title: 'Request',
    width: '9rem',
    cell: ({ request_id }) => (
      <Group gap={2} wrap="nowrap">
        <span className="mono" title={request_id}>
          …{request_id.slice(-8)}
        </span>
        <Copy text={request_id} what={`request id ${request_id}`} />
      </Group>
    ),
  },
]

function Who({ org, event }: { org: string; event: AuditEvent }) {
  const { account, user, asked } = recordedIn(event)
  if (account !== undefined) return <AccountLink org={org} account={account} />
  if (user !== undefined) return `user ${user}`
  return (
    <Text size="sm" c="dimmed" className="two-lines" title={asked}>
      {asked === undefined ? 'nobody' : `asked for ${asked}`}
    </Text>
  )
}

function FromWhere({ event }: { event: AuditEvent }) {
  const { subject, issuer, grantType } = recordedIn(event)
  return (
    <div>
      <span className="two-lines mono" title={subject}>
        {subject ?? (grantType === 'client_credentials' && issuer === undefined ? 'an API key' : 'no subject')}
      </span>
      <Text size="xs" c="dimmed" className="two-lines" title={issuer}>
        {issuer}
      </Text>
    </div>
  )
}
