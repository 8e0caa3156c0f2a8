import { Group } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { lazyRouteComponent } from '@tanstack/react-router'
import { Suspense, useMemo } from 'react'
import { DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { PageButton } from '../../parts/page-link.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { teamAccountsRoute } from '../../router.ts'
import { useList } from '../../wire/lists.ts'
import { useObject } from '../../wire/objects.ts'
import { isTeamAdmin, mayChange } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { ServiceAccount, Team } from '../../wire/shapes.ts'
import { accountColumns } from '../accounts/account-columns.tsx'
import { MethodFilter } from '../accounts/method-filter.tsx'
import { TeamFrame } from './team-frame.tsx'

/** Fetched when it is opened. */
const NewAccountPanel = lazyRouteComponent(() => import('../accounts/new-account-panel.tsx'), 'NewAccountPanel')

export function TeamAccountsPage() {
  const { org, team } = teamAccountsRoute.useParams()
  const { me } = useSession()
  const { data } = useObject<Team>(`/orgs/${org}/teams/${team}`)
  // Roles are known by the team's name, and the address may have its id.
  if (isTeamAdmin(me, data?.name ?? team)) return <Accounts org={org} team={team} />
  return (
    <TeamFrame org={org} team={team}>
      {data && <Empty title="For admins of the team">Its service accounts are seen by its admins.</Empty>}
    </TeamFrame>
  )
}

/** The service accounts of one team. */
function Accounts({ org, team }: { org: string; team: string }) {
  const search = teamAccountsRoute.useSearch()
  const navigate = teamAccountsRoute.useNavigate()
  const { q, method } = search
  const list = useList<ServiceAccount>(`/orgs/${org}/teams/${team}/service-accounts`, { q, method })
  const columns = useMemo(() => accountColumns(org, false), [org])
  const filter = (changes: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true })
  const may = mayChange(useSession().me)
  const create = may && (
    <PageButton
      to="/$org/$team/service-accounts"
      params={{ org, team }}
      search={{ ...search, new: '1' }}
      leftSection={<IconPlus size={16} />}
    >
      New service account
    </PageButton>
  )
  return (
    <TeamFrame org={org} team={team} actions={create}>
      <LookOnly />
      <Group>
        <SearchField label="Search service accounts" value={q ?? ''} onChange={(value) => filter({ q: value })} />
        <MethodFilter value={method} onChange={(value) => filter({ method: value })} />
      </Group>
      <DataList
        label="Service accounts"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        isFiltered={q !== undefined || method !== undefined}
        empty={
          <Empty title="This team has no service accounts yet" action={create}>
            A service account stands for a job, a pipeline or a program of the team.
          </Empty>
        }
        noResults={
          <Empty title="No service account fits" isSearch>
            Nothing of this team has this name and method together.
          </Empty>
        }
      />
      {may && search.new !== undefined && (
        <Suspense fallback={null}>
          <NewAccountPanel org={org} team={team} opened onClose={() => filter({ new: '' })} />
        </Suspense>
      )}
    </TeamFrame>
  )
}
