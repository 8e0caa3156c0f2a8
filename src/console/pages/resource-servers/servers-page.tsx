import { Alert, Group } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { ManagedBadge } from '../../parts/badges.tsx'
import { type Column, DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { PageButton, PageLink } from '../../parts/page-link.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { serversRoute } from '../../router.ts'
import { useList } from '../../wire/lists.ts'
import { isOrgAdmin, mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { ResourceServer } from '../../wire/shapes.ts'
import { NewServerPanel } from './new-server-panel.tsx'

const columnsOf = (org: string): Column<ResourceServer>[] => [
  {
    title: 'Name',
    isMain: true,
    cell: ({ id, name, managed_by }) => (
      <Group gap="xs">
        <PageLink to="/$org/resource-servers/$server" params={{ org, server: id }} fw={600}>
          {name}
        </PageLink>
        <ManagedBadge by={managed_by} />
      </Group>
    ),
  },
  { title: 'Audience', cell: ({ audience }) => <span className="mono">{audience}</span> },
  { title: 'Created', width: '10rem', cell: ({ created_at }) => <RelativeTime at={created_at} /> },
]

export function ServersPage() {
  const { org } = serversRoute.useParams()
  const search = serversRoute.useSearch()
  const navigate = serversRoute.useNavigate()
  const { me } = useSession()
  const about =
    'APIs that accept the access tokens and API keys of this organization. Each asks with a key of its own who is calling, and what they may do.'
  if (!isOrgAdmin(me))
    return (
      <Page title="Resource servers" about={about}>
        <Alert color="blue" title="Shown to admins of the organization">
          To call such an API you need no page: send it your token.
        </Alert>
      </Page>
    )
  const may = mayChangeOrg(me)
  const create = may && (
    <PageButton
      to="/$org/resource-servers"
      params={{ org }}
      search={{ ...search, new: '1' }}
      leftSection={<IconPlus size={16} />}
    >
      New resource server
    </PageButton>
  )
  return (
    <Page title="Resource servers" about={about} actions={create}>
      <LookOnly />
      <Group>
        <SearchField
          label="Search resource servers"
          value={search.q ?? ''}
          onChange={(q) => void navigate({ search: (before) => ({ ...before, q }), replace: true })}
        />
      </Group>
      <ServersList org={org} q={search.q} />
      {may && (
        <NewServerPanel
          org={org}
          opened={search.new !== undefined}
          onClose={() => void navigate({ search: ({ new: _, ...rest }) => rest, replace: true })}
        />
      )}
    </Page>
  )
}

function ServersList({ org, q }: { org: string; q: string | undefined }) {
  const list = useList<ResourceServer>(`/orgs/${org}/resource-servers`, { q })
  return (
    <DataList
      label="Resource servers"
      list={list}
      columns={columnsOf(org)}
      rowKey={({ id }) => id}
      isFiltered={q !== undefined}
      empty={
        <Empty title="No resource servers yet">
          Register the API that your jobs call. It gets a key, and asks with it whether a caller may read or write a
          project.
        </Empty>
      }
      noResults={
        <Empty title="No resource server fits" isSearch>
          None has this in its name.
        </Empty>
      }
    />
  )
}
