import { Group, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { ManagedBadge } from '../../parts/badges.tsx'
import { type Column, DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { PageButton } from '../../parts/page-link.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { teamsRoute } from '../../router.ts'
import { useList } from '../../wire/lists.ts'
import { mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Team } from '../../wire/shapes.ts'
import { NewTeamPanel } from './new-team-panel.tsx'
import { TeamLink } from './team-link.tsx'

const columnsOf = (org: string): Column<Team>[] => [
  { title: 'Name', isMain: true, cell: (team) => <TeamLink org={org} team={team} /> },
  {
    title: 'Display name',
    cell: ({ display_name }) =>
      display_name ?? (
        <Text span c="dimmed">
          –
        </Text>
      ),
  },
  {
    title: 'Kept in',
    width: '16rem',
    cell: ({ managed_by }) =>
      managed_by === null ? (
        <Text span size="sm">
          The console, CLI or API
        </Text>
      ) : (
        <ManagedBadge by={managed_by} />
      ),
  },
  { title: 'Created', width: '10rem', cell: ({ created_at }) => <RelativeTime at={created_at} /> },
]

export function TeamsPage() {
  const { org } = teamsRoute.useParams()
  const search = teamsRoute.useSearch()
  const navigate = teamsRoute.useNavigate()
  const { me } = useSession()
  const list = useList<Team>(`/orgs/${org}/teams`, { q: search.q })
  const may = mayChangeOrg(me)
  const create = may && (
    <PageButton to="/$org/teams" params={{ org }} search={{ ...search, new: '1' }} leftSection={<IconPlus size={16} />}>
      New team
    </PageButton>
  )
  return (
    <Page title="Teams" about="A team has members, projects, and service accounts of its own." actions={create}>
      {!may && <LookOnly>Teams are made and deleted by admins of the organization.</LookOnly>}
      <Group>
        <SearchField
          label="Search teams"
          value={search.q ?? ''}
          onChange={(q) => void navigate({ search: (before) => ({ ...before, q }), replace: true })}
        />
      </Group>
      <DataList
        label="Teams"
        list={list}
        columns={columnsOf(org)}
        rowKey={({ id }) => id}
        isFiltered={search.q !== undefined}
        empty={
          <Empty title="No teams yet" action={create}>
            Every service account belongs to a team, or has one as its default: begin with a team.
          </Empty>
        }
        noResults={
          <Empty title="No team fits" isSearch>
            No team has this in its name.
          </Empty>
        }
      />
      {may && (
        <NewTeamPanel
          org={org}
          opened={search.new !== undefined}
          onClose={() => void navigate({ search: ({ new: _, ...rest }) => rest, replace: true })}
        />
      )}
    </Page>
  )
}
