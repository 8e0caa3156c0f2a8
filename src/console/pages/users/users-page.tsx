import { Alert, Group } from '@mantine/core'
import { IconUserPlus } from '@tabler/icons-react'
import { type Column, DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { PageButton, PageLink } from '../../parts/page-link.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { usersRoute } from '../../router.ts'
import { useList } from '../../wire/lists.ts'
import { isOrgAdmin, mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { User } from '../../wire/shapes.ts'
import { NewUserPanel } from './new-user-panel.tsx'
import { RoleBadge } from './role-badge.tsx'

const columnsOf = (org: string): Column<User>[] => [
  {
    title: 'User name',
    isMain: true,
    cell: ({ id, username }) => (
      <PageLink to="/$org/users/$user" params={{ org, user: id }} fw={600}>
        {username}
      </PageLink>
    ),
  },
  { title: 'E-mail address', cell: ({ email }) => email },
  { title: 'Role', width: '9rem', cell: ({ role }) => <RoleBadge role={role} /> },
  { title: 'Created', width: '10rem', cell: ({ created_at }) => <RelativeTime at={created_at} /> },
]

export function UsersPage() {
  const { org } = usersRoute.useParams()
  const search = usersRoute.useSearch()
  const navigate = usersRoute.useNavigate()
  const { me } = useSession()
  const about = 'People of the organization, with their role in it. They sign in by single sign-on, or by an API key.'
  if (!isOrgAdmin(me))
    return (
      <Page title="Users" about={about}>
        <Alert color="blue" title="Shown to admins of the organization">
          Who is in a team with you stands on the page of that team.
        </Alert>
      </Page>
    )
  const may = mayChangeOrg(me)
  const create = may && (
    <PageButton
      to="/$org/users"
      params={{ org }}
      search={{ ...search, new: '1' }}
      leftSection={<IconUserPlus size={16} />}
    >
      New user
    </PageButton>
  )
  return (
    <Page title="Users" about={about} actions={create}>
      <LookOnly />
      <Group>
        <SearchField
          label="Search users"
          placeholder="Name or e-mail address"
          value={search.q ?? ''}
          onChange={(q) => void navigate({ search: (before) => ({ ...before, q }), replace: true })}
        />
      </Group>
      <UsersList org={org} q={search.q} />
      {may && (
        <NewUserPanel
          org={org}
          opened={search.new !== undefined}
          onClose={() => void navigate({ search: ({ new: _, ...rest }) => rest, replace: true })}
        />
      )}
    </Page>
  )
}

function UsersList({ org, q }: { org: string; q: string | undefined }) {
  const list = useList<User>(`/orgs/${org}/users`, { q })
  return (
    <DataList
      label="Users"
      list={list}
      columns={columnsOf(org)}
      rowKey={({ id }) => id}
      isFiltered={q !== undefined}
      empty={<Empty title="No users yet">A user is a person. Jobs and programs are service accounts.</Empty>}
      noResults={
        <Empty title="No user fits" isSearch>
          Nobody has this in their name or e-mail address.
        </Empty>
      }
    />
  )
}
