import { Text } from '@mantine/core'
import { ResultBadge } from '../../parts/badges.tsx'
import { type Column, DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { PageButton, PageLink } from '../../parts/page-link.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import { useList } from '../../wire/lists.ts'
import { isAnyTeamAdmin } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { AuditEvent, ServiceAccount } from '../../wire/shapes.ts'

/** The last exchanges of the account. */
export function AccountExchanges({ org, account }: { org: string; account: ServiceAccount }) {
  const { me } = useSession()
  return isAnyTeamAdmin(me) ? <Listed org={org} account={account} /> : null
}

function Listed({ org, account }: { org: string; account: ServiceAccount }) {
  const list = useList<AuditEvent>(
    `/orgs/${org}/audit-events`,
    { type: 'token.exchange', service_account: account.id },
    { limit: 10 },
  )
  return (
    <Section
      title="Recent exchanges"
      actions={
        <PageButton to="/$org/exchanges" params={{ org }} search={{ account: account.id }} variant="default" size="xs">
          All exchanges of {account.name}
        </PageButton>
      }
    >
      <DataList
        label="Recent exchanges"
        // The last ten: the rest has a page of its own.
        list={{ ...list, rows: list.rows.slice(0, 10), hasMore: false }}
        columns={columns(org)}
        rowKey={({ id }) => id}
        empty={<Empty title="No exchange yet">When a workload asks for a token as this account, it is here.</Empty>}
      />
    </Section>
  )
}

const columns = (org: string): Column<AuditEvent>[] => [
  {
    title: 'When',
    isMain: true,
    width: '10rem',
    cell: ({ at, request_id }) => (
      <PageLink to="/$org/exchanges/$request" params={{ org, request: request_id }}>
        <RelativeTime at={at} />
      </PageLink>
    ),
  },
  {
    title: 'Result',
    width: '10rem',
    cell: ({ result, reason }) => (
      <>
        <ResultBadge result={result} />
        {reason && (
          <Text size="xs" c="dimmed" className="mono">
            {reason}
          </Text>
        )}
      </>
    ),
  },
  {
    title: 'By',
    cell: ({ detail }) => (
      <Text size="sm" lineClamp={2}>
        {typeof detail.subject === 'string' ? detail.subject : 'API key'}
      </Text>
    ),
  },
  { title: 'From', width: '11rem', cell: ({ client }) => <span className="mono">{client.ip}</span> },
]
