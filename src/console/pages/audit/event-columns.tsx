import { Text } from '@mantine/core'
import { ResultBadge } from '../../parts/badges.tsx'
import type { Column } from '../../parts/data-list.tsx'
import { PageButton } from '../../parts/page-link.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import type { AuditEvent } from '../../wire/shapes.ts'
import { changesOf } from './changes.ts'
import type { AuditSearch } from './filters.ts'
import { Sentence } from './mention-link.tsx'
import { plainOf, told } from './told.ts'

export const eventColumns = (org: string, search: AuditSearch): Column<AuditEvent>[] => [
  { title: 'What happened', isMain: true, cell: (event) => <What org={org} event={event} /> },
  { title: 'Result', width: '7rem', cell: ({ result }) => <ResultBadge result={result} /> },
  {
    title: 'From',
    width: '10rem',
    cell: ({ client }) => (
      <Text size="sm" className="mono" truncate>
        {client.ip === '' ? '—' : client.ip}
      </Text>
    ),
  },
  { title: 'When', width: '9rem', cell: ({ at }) => <RelativeTime at={at} /> },
  {
    title: 'Actions',
    width: '7rem',
    align: 'right',
    cell: (event) => (
      <PageButton
        to="/$org/audit"
        params={{ org }}
        search={{ ...search, event: event.id, of: event.request_id }}
        size="compact-sm"
        variant="default"
        aria-label={`Details: ${plainOf(told(event))}`}
        resetScroll={false}
      >
        Details
      </PageButton>
    ),
  },
]

/** Two changes at the most: the rest stands with the details. */
const most = 2

function What({ org, event }: { org: string; event: AuditEvent }) {
  const changes = changesOf(event)
  return (
    <div>
      <Text size="sm" component="div" lineClamp={3}>
        <Sentence org={org} event={event} parts={told(event)} />
      </Text>
      <Text size="xs" c="dimmed" component="div" lineClamp={1}>
        <span className="mono">{event.type}</span>
        {changes.slice(0, most).map(({ name, before, after }) => ` · ${name}: ${short(before)} → ${short(after)}`)}
        {changes.length > most && ` · and ${changes.length - most} more`}
      </Text>
    </div>
  )
}

const short = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text)
