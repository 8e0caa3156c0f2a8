import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { PageButton } from '../../parts/page-link.tsx'
import { auditRoute } from '../../router.ts'
import { useList } from '../../wire/lists.ts'
import { isAnyTeamAdmin, isOrgAdmin } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { AuditEvent } from '../../wire/shapes.ts'
import { ChainPanel } from './chain-panel.tsx'
import { eventColumns } from './event-columns.tsx'
import { EventPanel } from './event-panel.tsx'
import { ExportPanel } from './export-panel.tsx'
import { FilterBar } from './filter-bar.tsx'
import { type AuditSearch, isFiltered, queryOf } from './filters.ts'
import { NewerBar } from './newer-bar.tsx'

const about =
  'Who did what, when, and from where. Nothing in it can be changed without a trace: each event is chained to the one before.'

export function AuditPage() {
  const { org } = auditRoute.useParams()
  const { me } = useSession()
  if (isAnyTeamAdmin(me)) return <Trail org={org} isWhole={isOrgAdmin(me)} />
  return (
    <Page title="Audit" about={about}>
      <Empty title="For admins">
        The trail is read by admins of the organization, and of a team as far as it is about that team.
      </Empty>
    </Page>
  )
}

function Trail({ org, isWhole }: { org: string; isWhole: boolean }) {
  const search: AuditSearch = auditRoute.useSearch()
  const navigate = auditRoute.useNavigate()
  const client = useQueryClient()
  const [isExporting, setExporting] = useState(false)
  const { event, of, chain, ...filters } = search
  // A span ends when it was asked for, so that the list stands still.
  const [asked, setAsked] = useState(Date.now)
  const key = JSON.stringify(filters)
  const query = useMemo(() => queryOf(JSON.parse(key) as AuditSearch, asked), [key, asked])
  const path = `/orgs/${org}/audit-events`
  const list = useList<AuditEvent>(path, query)
  const change = (changes: AuditSearch) =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true })
  const close = () => change({ event: '', of: '', chain: '' })
  const clear = () => void navigate({ search: {}, replace: true })
  const showNewer = () => {
    setAsked(Date.now())
    void client.resetQueries({ queryKey: ['list', path] })
  }
  const actions = (
    <>
      <Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => setExporting(true)}>
        Export
      </Button>
      <PageButton
        variant="default"
        to="/$org/audit"
        params={{ org }}
        search={{ ...search, chain: '1' }}
        resetScroll={false}
      >
        Check the chain
      </PageButton>
    </>
  )
  return (
    <Page title="Audit" about={isWhole ? about : `${about} You see what is about your teams.`} actions={actions}>
      <FilterBar org={org} search={search} onChange={change} onClear={clear} />
      {!list.isLoading && !list.error && (
        <NewerBar path={path} query={query} newest={list.rows[0]} onShow={showNewer} />
      )}
      <DataList
        label="Events"
        list={list}
        columns={eventColumns(org, search)}
        rowKey={({ id }) => id}
        isFiltered={isFiltered(search)}
        empty={<Empty title="No events yet">Whatever anybody does from now on is listed here.</Empty>}
        noResults={
          <Empty
            title="No event fits"
            isSearch
            action={
              <Button variant="default" onClick={clear}>
                Clear all filters
              </Button>
            }
          >
            Nothing on record has all of this together.
          </Empty>
        }
      />
      {event !== undefined && of !== undefined && <EventPanel org={org} id={event} request={of} onClose={close} />}
      <ChainPanel org={org} opened={chain !== undefined} onClose={close} />
      {isExporting && <ExportPanel org={org} query={query} onClose={() => setExporting(false)} />}
    </Page>
  )
}
